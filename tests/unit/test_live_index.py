"""The index of an open workspace, whatever happens to the stored one."""

from pathlib import Path

import pytest

from services.domain.questionnaires import make_questionnaire
from services.indexes import chroma
from tests.doubles import TinyWorkbench, make_workspace, script

QUESTION = make_questionnaire(query="night")


SCRIPTS = (script("one"), script("two"), script("three", "awakening"))


def full(*_: object, **__: object) -> None:
    raise RuntimeError("error returned from database: (code: 13) database or disk is full")


@pytest.mark.parametrize("place", ["_stamped", "_write"])
def test_a_disk_that_takes_no_index_is_answered_from_memory_and_is_no_health(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    root = make_workspace(tmp_path / "workspace", SCRIPTS)
    with TinyWorkbench(root) as workbench:
        expected = [hit.script.id for hit in workbench.retrieve(QUESTION).sections["induction"].hits]
        assert set(expected) == {"one", "two"}
    with TinyWorkbench(root) as workbench:
        workbench.refresh()
        monkeypatch.setattr(chroma.ChromaIndex, place, full)
        saved = workbench.save(script("late", "awakening"), None)
        assert saved.warning == ""
        assert [hit.script.id for hit in workbench.retrieve(QUESTION).sections["induction"].hits] == expected
        assert "late" in workbench.retrieve(QUESTION).sections["awakening"].scored
        health = workbench.health()
        assert not health.trusted
        assert "disk is full" in health.problems[0]
        assert "Free some space" in health.problems[0]
        monkeypatch.undo()
        workbench.rebuild()
        assert workbench.check().trusted
        assert workbench.health().index == "chroma"


def test_an_embedder_changed_by_another_process_is_used_by_the_next_save(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "workspace", SCRIPTS)
    with TinyWorkbench(root) as workbench:
        workbench.refresh()
        with TinyWorkbench(root) as other:
            other.rebuild("ada")
        saved = workbench.save(script("late"), None)
        assert saved.warning == ""
        assert saved.record.vectors is not None
        assert saved.record.vectors.stamp.model_name == "ada"


def test_a_section_that_is_asked_in_part_says_so(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "workspace", SCRIPTS)
    with TinyWorkbench(root) as workbench:
        whole = workbench.retrieve(QUESTION).sections["induction"]
        assert whole.left_out == 0
        workbench.made["tiny"].left = 0  # type: ignore[attr-defined]
        assert "cannot be retrieved yet" in workbench.save(script("mute"), None).warning
        workbench.made["tiny"].left = None  # type: ignore[attr-defined]
        part = workbench.retrieve(QUESTION).sections["induction"]
        assert (part.left_out, part.scored) == (1, whole.scored)


def test_opening_says_how_far_it_is_and_looking_again_nothing(tmp_path):
    root = make_workspace(tmp_path / "w", [script(f"s{number}") for number in range(3)])
    told = []
    with TinyWorkbench(root) as workbench:
        assert not workbench.is_open
        workbench.refresh(lambda *said: told.append(said))
        assert workbench.is_open
        assert ("Reading the scripts", 0, 3) in told
        assert ("Indexing", 3, 3) in told
        told.clear()
        workbench.refresh(lambda *said: told.append(said))
    assert told == []
