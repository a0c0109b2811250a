"""A stored index that is not as it was left is opened by a child first, and not here where the child dies of it."""

from pathlib import Path

import pytest

from services.indexes import chroma, probe
from services.indexes.chroma import ChromaIndex
from tests.doubles import TinyWorkbench


@pytest.fixture
def stored(workspace: Path) -> Path:
    """The folder of a workspace's generation, closed and sealed."""
    with TinyWorkbench(workspace) as workbench:
        workbench.refresh()
        return workspace / "derived" / "index" / workbench.health().generation


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that this process opens with Chroma."""
    folders: list[Path] = []

    class Told(ChromaIndex):
        def __init__(self, folder: Path, card: str) -> None:
            folders.append(folder)
            super().__init__(folder, card)

    monkeypatch.setattr(chroma, "ChromaIndex", Told)
    return folders


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, bool]]:
    """The folders that a child was asked of, and whether it lived."""
    asked: list[tuple[Path, bool]] = []
    survives = probe.survives

    def told(folder: Path) -> bool:
        asked.append((folder, survives(folder)))
        return asked[-1][1]

    monkeypatch.setattr(probe, "survives", told)
    return asked


def damage(stored: Path) -> None:
    """The database is no database any more."""
    (stored / "chroma" / "chroma.sqlite3").write_bytes(b"x" * 8192)


def test_a_folder_as_it_was_left_is_opened_without_a_trial(workspace, stored, opened, probed) -> None:
    with TinyWorkbench(workspace) as workbench:
        workbench.refresh()
        assert workbench.health().generation == stored.name
    assert probed == []
    assert opened == [stored / "chroma"]


@pytest.mark.parametrize("how", ["no seal", "a file more", "a file touched"])
def test_a_folder_whose_seal_does_not_fit_is_first_opened_by_a_child(workspace, stored, opened, probed, how) -> None:
    if how == "no seal":
        (stored / "seal.json").unlink()
    elif how == "a file more":
        (stored / "chroma" / "left-behind").write_bytes(b"x")
    else:
        (stored / "chroma" / "chroma.sqlite3").touch()
    with TinyWorkbench(workspace) as workbench:
        workbench.refresh()
        assert workbench.health().generation == stored.name
    assert probed == [(stored / "chroma", True)]
    assert opened == [stored / "chroma"]


def test_a_folder_that_the_child_dies_of_is_never_opened_here_but_rebuilt(workspace, stored, opened, probed) -> None:
    damage(stored)
    with TinyWorkbench(workspace) as workbench:
        workbench.refresh()
        health = workbench.check()
    assert set(probed) == {(stored / "chroma", False)}
    assert stored / "chroma" not in opened
    assert health.trusted
    assert health.generation not in ("", stored.name)


def test_a_relative_folder_is_the_one_that_the_child_opens(stored, monkeypatch) -> None:
    monkeypatch.chdir(stored.parent)
    folder = Path(stored.name) / "chroma"
    assert probe.survives(folder)
    damage(stored)
    assert not probe.survives(folder)


def test_a_folder_without_a_database_is_refused_and_left_as_it_is(tmp_path) -> None:
    assert not probe.survives(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not probe.survives(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
