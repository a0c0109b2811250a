"""Making a workspace: a copy has everything but what is derived, wherever that word stands."""

import subprocess
from pathlib import Path

import pytest

from services import workspaces
from services.domain.settings import Paths, read_settings
from services.errors import InvalidSettings
from tests import doubles
from tests.doubles import script, store_of

ROOT = Path(__file__).parents[2]


def test_a_section_called_derived_is_copied_and_the_derived_folder_is_not(tmp_path: Path) -> None:
    source = doubles.make_workspace(tmp_path / "source", [script("one")])
    (source / "derived" / "index").mkdir(parents=True)
    (source / ".git").mkdir()
    (source / "records" / "derived").mkdir()
    (source / "records" / "derived" / "two.yaml").write_text("kept")
    workspaces.copy(source, tmp_path / "copy")
    assert (tmp_path / "copy" / "records" / "derived" / "two.yaml").read_text() == "kept"
    assert not (tmp_path / "copy" / "derived").exists()
    assert not (tmp_path / "copy" / ".git").exists()
    assert not (tmp_path / "copy" / ".writer.lock").exists()
    assert list(store_of(tmp_path / "copy").catalogue().records) == ["one"]


@pytest.mark.parametrize("inside", ["copy", "records/copy", "new/and/deep"])
def test_a_copy_into_what_is_copied_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    source = doubles.make_workspace(tmp_path / "source", [script("one")])
    before = sorted(source.rglob("*"))
    monkeypatch.chdir(source)
    with pytest.raises(InvalidSettings, match="lies inside") as caught:
        workspaces.copy(source, Path(inside))
    assert caught.value.next_step == "Name a folder outside of it."
    assert sorted(source.rglob("*")) == before


def test_a_copy_may_have_more_sections_and_ask_with_another_embedder(tmp_path: Path) -> None:
    source = doubles.make_workspace(tmp_path / "source", [script("one")])
    former = workspaces.copy(source, tmp_path / "copy", sections=("sleep", "awakening", "sleep"), embedder="hashing")
    assert former == read_settings(Paths(source))
    made = read_settings(Paths(tmp_path / "copy"))
    assert made.sections == ("induction", "affirmations", "awakening", "sleep")
    assert (former.embedder.name, made.embedder.name) == ("tiny", "hashing")


def test_what_is_no_section_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    source = doubles.make_workspace(tmp_path / "source")
    with pytest.raises(InvalidSettings, match="is no slug"):
        workspaces.copy(source, tmp_path / "copy", sections=("../up",))
    with pytest.raises(InvalidSettings, match="is no slug"):
        workspaces.new_settings("New", ("../up",), "hashing")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="asks git")
@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("data/demo/derived/index/CURRENT", True),
        ("data/demo/.writer.lock", True),
        ("data/demo/records/derived/one.yaml", False),
    ],
)
def test_git_passes_over_what_is_derived_and_not_over_a_section_of_that_name(path: str, *, ignored: bool) -> None:
    told = subprocess.run(["git", "check-ignore", "--no-index", "-q", path], cwd=ROOT, check=False)
    assert (told.returncode == 0) is ignored
