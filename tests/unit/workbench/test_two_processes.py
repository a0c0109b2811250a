"""One process has the index, others answer from memory."""

from pathlib import Path

from tests.doubles import TinyWorkbench, script
from tests.unit.workbench.house import answers, from_the_records, other_process


def test_a_second_process_answers_from_memory_and_takes_over_when_the_first_lets_go(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        assert other.do("open") == "open"
        assert answers(workbench) == from_the_records(workspace)
        assert "Another process has the index open" in workbench.note
        assert workbench.health().index == "exact"
        assert workbench.note in workbench.health().notes
        assert other.do("save from-the-other") == "save"
        workbench.save(script("from-this-one"), None)
        names = [name for name, _ in answers(workbench)["induction"]]
        assert {"from-the-other", "from-this-one"} <= set(names)
        other.do("close")
        assert answers(workbench) == from_the_records(workspace)
        assert workbench.note == ""
        assert workbench.health().index == "chroma"
        assert workbench.check().trusted
        assert "Another process" in other.do("open")


def test_a_killed_owner_lets_go(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        other.do("open")
        assert workbench.refresh()
        assert workbench.note
    with TinyWorkbench(workspace) as workbench:
        assert answers(workbench) == from_the_records(workspace)
        assert workbench.health().index == "chroma"
        assert workbench.check().trusted


def test_a_generation_that_another_process_made_is_picked_up(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        before = workbench.health().generation
        assert other.do("rebuild") == "rebuild"
        assert answers(workbench) == from_the_records(workspace)
        assert "Another process" in workbench.note
        other.do("close")
        after = workbench.check()
        assert after.trusted
        assert after.index == "chroma"
        assert after.generation != before
        assert (workspace / "derived" / "index" / "CURRENT").read_text().strip() == after.generation
        assert answers(workbench) == from_the_records(workspace)


def test_a_rebuild_in_the_process_that_borrows_makes_a_stored_generation(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        other.do("open")
        workbench.refresh()
        assert workbench.rebuild().generation
        assert workbench.health().index == "chroma"
        assert "Another process" in other.do("open")
