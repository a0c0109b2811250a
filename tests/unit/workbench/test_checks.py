"""A check asks the model; health tells what checks found."""

import shutil
from pathlib import Path

import pytest

from services.domain.canaries import SENTENCES
from services.domain.checks import Check, Health
from services.domain.model_digest import State
from services.errors import NotFound
from tests import doubles
from tests.checking import Changed, negated
from tests.doubles import TinyEmbedder, TinyWorkbench, script


def unverified(found: Health) -> set[str]:
    return {cell.check.value for cell in found.collections[0].cells if cell.state is State.UNVERIFIED}


def test_health_asks_no_model_and_a_check_does(workspace: Path) -> None:
    tiny = TinyEmbedder()
    with TinyWorkbench(workspace, {"tiny": tiny}) as workbench:
        before = workbench.health()
        assert (before.state, before.checked, unverified(before)) == (
            "attention",
            "",
            {"canaries", "evidence", "unread", "rankings"},
        )
        assert workbench.check_due()
        assert tiny.asked == []
        assert list(workbench.checks()) == []
        checked = workbench.check()
        assert (checked.state, unverified(checked)) == ("ok", set())
        asked = len(tiny.asked)
        assert asked > len(SENTENCES)
        assert workbench.health().as_json() == checked.as_json()
        assert not workbench.check_due()
        assert len(tiny.asked) == asked
    assert [path.parent.name for path in (*workspace.glob("checks/*"), *workspace.glob("canaries/*"))] == [
        "checks",
        "canaries",
    ]


def test_what_was_checked_is_known_to_the_next_process_and_an_edit_makes_a_check_due(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        found = workbench.check()
    with TinyWorkbench(workspace, {"tiny": TinyEmbedder(left=0)}) as workbench:
        assert workbench.health().checked == found.checked
        assert workbench.health().state == "ok"
        assert not workbench.check_due()
        shutil.rmtree(workspace / "derived")
        assert len(workbench.checks()) == 1
    with TinyWorkbench(workspace) as workbench:
        workbench.save(script("new"), None)
        assert workbench.check_due()


def test_an_accepted_check_is_what_later_ones_are_compared_with(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        with pytest.raises(NotFound):
            workbench.accept_baseline()
        workbench.check()
        for word in ("anger", "grief", "sleep"):
            workbench.delete(f"induction-{word}")
        for word in ("zzzz", "zz"):
            workbench.save(script(word, text=word * 60), None)
        assert workbench.check().collections[0].cell(Check.SHIFT).state is State.DRIFTED
        workbench.accept_baseline()
        assert workbench.health().collections[0].cell(Check.SHIFT).fine
        assert workbench.check().state == "ok"
        assert [check.accepted for check in workbench.checks()] == [False, True, False]


def test_the_first_script_of_a_workspace_records_the_canaries_of_its_model(tmp_path: Path) -> None:
    with TinyWorkbench(doubles.make_workspace(tmp_path / "empty")) as workbench:
        assert workbench.checkups.canaries == {}
        workbench.save(script("one"), None)
        (first,) = workbench.checkups.canaries.values()
        workbench.save(script("two"), None)
        assert [c.recorded for c in workbench.checkups.canaries.values()] == [first.recorded]
        assert workbench.check().collections[0].cell(Check.CANARIES).state is State.MATCH


def test_damaged_canaries_want_attention_and_are_recorded_anew_on_evidence_only(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        workbench.check()
        (path,) = workspace.glob("canaries/*.yaml")
        path.write_bytes(path.read_bytes()[:200])
        told = workbench.health()
        assert (told.state, [b.path for b in told.broken]) == ("attention", [f"canaries/{path.name}"])
        moved = Changed(TinyEmbedder(), negated)
        workbench.made["tiny"] = moved
        workbench._embedders.clear()
        assert workbench.check().state == "broken"
        assert workbench.checkups.canaries == {}
        workbench.made["tiny"] = TinyEmbedder()
        workbench._embedders.clear()
        assert workbench.check().state == "ok"
        assert len(workbench.checkups.canaries) == 1
