"""What is called otherwise since the baseline: found in the bin and in the history, in every process alike."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.judgements import Judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Script, Status
from services.errors import StorageFailed
from services.judge import former
from services.records import record_format
from tests.doubles import TinyWorkbench, make_workspace, record, script

# Nothing in its id or title tells that it is the same but what it holds.
HARBOUR = script("harbour", title="Quiet water")
NIGHT = make_questionnaire(id="night", title="Night", query="a calm night", expected=(Expected("harbour", 3),))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Its baseline finds what is expected."""
    made = make_workspace(tmp_path / "corpus", [HARBOUR, script("meadow")])
    with TinyWorkbench(made) as opened:
        opened.save_questionnaire(NIGHT)
        opened.runs.set_baseline(opened.evaluate().id)
    return made


@pytest.fixture
def workbench(root: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened


def rename(root: Path, new: Script, old: str = "harbour", also: Sequence[Expected] = ()) -> None:
    """By hand: the file of the script, and its id in the questionnaire."""
    (root / f"records/induction/{old}.yaml").unlink()
    (root / f"records/induction/{new.id}.yaml").write_bytes(record_format.encode(record(new)))
    with TinyWorkbench(root) as opened:
        opened.save_questionnaire(replace(NIGHT, expected=(Expected(new.id, 3), *also)))


def gated(root: Path, *, earlier: bool = False) -> tuple[str, ...]:
    """What a fresh process says to a run, and a page that has not looked yet."""
    with TinyWorkbench(root) as opened:
        run = opened.try_out()
        assert not opened.past.has_read()
        return opened.gate(run, earlier=earlier).reasons


@pytest.mark.parametrize("earlier", [False, True])
def test_a_file_that_was_renamed_outside_is_followed_by_a_fresh_process(root: Path, *, earlier: bool) -> None:
    rename(root, replace(HARBOUR, id="zephyr-song"))
    assert gated(root, earlier=earlier) == ()


def test_where_the_commit_of_the_baseline_is_not_here_the_whole_history_tells(root: Path) -> None:
    rename(root, replace(HARBOUR, id="zephyr-song"))
    with TinyWorkbench(root) as opened:
        before = opened.baseline()
        assert before is not None
        opened.runs.put(replace(before, provenance=replace(before.provenance, commit="0" * 40)))
    assert gated(root) == ()


def test_hints_of_a_page_come_one_by_one_and_those_of_a_command_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"harbour": HARBOUR, "meadow": script("meadow", title="A field")}
    with TinyWorkbench(root) as opened:
        opened.save_questionnaire(replace(NIGHT, expected=(Expected("harbour", 3), Expected("meadow", 1))))
    for name, was in old.items():
        (root / f"records/induction/{name}.yaml").unlink()
        now = record(replace(was, id=f"zephyr-{len(name)}", title=f"Zephyr {len(name)}"))
        (root / f"records/induction/{now.script.id}.yaml").write_bytes(record_format.encode(now))
    monkeypatch.setattr(former, "_PATIENCE_SECONDS", 0)
    meant = {"night": {"harbour": "zephyr-7", "meadow": "zephyr-6"}}
    with TinyWorkbench(root) as opened:
        opened.refresh()
        assert opened.unknown_judged() == {"night": dict.fromkeys(old, "")}, "the history is not read"
        opened.lost()
        first = [script for script, new in opened.unknown_judged()["night"].items() if new]
        assert len(first) == 1
        assert opened.unknown_judged() == meant
        assert opened.unknown_judged() is opened.unknown_judged()
    with TinyWorkbench(root) as opened:
        opened.refresh()
        assert opened.unknown_judged(thorough=True) == meant


def test_without_what_it_held_last_it_is_what_the_baseline_had(root: Path) -> None:
    # Binned, and the bin emptied: only the commit of the baseline tells.
    with TinyWorkbench(root) as opened:
        opened.refresh()
        opened.delete("harbour")
        opened.empty_bin([(one.id, one.digest) for one in opened.bin()])
        opened.save(replace(HARBOUR, id="zephyr-song"), None)
        opened.save_questionnaire(replace(NIGHT, expected=(Expected("zephyr-song", 3),)))
    assert gated(root) == ()


def test_one_that_was_there_beside_it_is_another_one(tmp_path: Path) -> None:
    twin = replace(HARBOUR, id="zephyr-song", status=Status.DRAFT)
    made = make_workspace(tmp_path / "corpus", [HARBOUR, twin])
    with TinyWorkbench(made) as opened:
        opened.save_questionnaire(NIGHT)
        opened.runs.set_baseline(opened.evaluate().id)
    rename(made, replace(twin, status=Status.APPROVED))
    assert any("judged any more: night (harbour)." in reason for reason in gated(made))


def test_two_that_became_one_are_taken_away(root: Path) -> None:
    both = replace(NIGHT, expected=(Expected("harbour-a", 3), Expected("harbour-b", 1)))
    with TinyWorkbench(root) as opened:
        opened.refresh()
        for name in "ab":
            opened.save(script(f"harbour-{name}"), None)
        opened.save_questionnaire(both)
        opened.runs.set_baseline(opened.evaluate().id)
        for name in "ab":
            opened.delete(f"harbour-{name}")
        opened.save(script("harbour-c"), None)
        opened.save_questionnaire(replace(NIGHT, expected=(Expected("harbour-c", 3),)))
    assert any("judged any more: night (harbour-a, harbour-b)." in reason for reason in gated(root))


def test_what_was_read_is_read_once_and_never_by_a_page(
    root: Path, workbench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(root, replace(HARBOUR, id="zephyr-song"))
    workbench.refresh()
    run, asked, record_of = workbench.try_out(), [], workbench.past.record
    monkeypatch.setattr(workbench.past, "record", lambda *given: asked.append(given) or record_of(*given))
    assert workbench.gate_known(run) is None
    assert workbench.gate(run) == workbench.gate_known(run)
    read = [given[0] for given in asked]
    assert read.count("harbour") == 1
    workbench.save(script("another"), None)
    assert workbench.gate_known(run) is None, "a new one may be the one that was meant"
    assert workbench.gate(run).passed
    assert [given[0] for given in asked].count("harbour") == 1

    monkeypatch.setattr(former, "MOST", 0)
    assert workbench.former.asked({"harbour"}, ()) == {}


def test_a_bin_that_cannot_be_read_gives_no_hint(
    root: Path, workbench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.delete("harbour")
    workbench.save_questionnaire(replace(NIGHT, expected=(Expected("meadow", 3),)))
    run, scan = workbench.try_out(), os.scandir

    def refused(folder: str | Path) -> object:
        if Path(folder).parent.name == "bin":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refused)
    assert any("judged any more: night (harbour)." in reason for reason in workbench.gate(run).reasons)
    with pytest.raises(StorageFailed, match="The bin cannot be read"):
        workbench.bin()


def test_what_is_judged_later_changes_nothing_that_is_said_of_an_earlier_run(workbench: TinyWorkbench) -> None:
    workbench.judge("night", Judgement("meadow", "Ada", 0))
    workbench.runs.set_baseline(workbench.evaluate().id)
    workbench.judge("night", Judgement("meadow", "Ada", 2))
    run = workbench.evaluate()
    assert workbench.gate(run, earlier=True).passed
    workbench.take_back_judgement("night", "meadow", "Ada")
    workbench.save_questionnaire(replace(NIGHT, expected=(Expected("harbour", 3), Expected("meadow", 2))))
    assert workbench.gate_known(run) is None
    assert workbench.gate(run, earlier=True).passed
    assert workbench.gate(run, earlier=True) == workbench.gate_known(run)
    # The same grades; today nobody judges what the baseline judged not to fit.
    (unfit,) = workbench.gate(workbench.try_out(), earlier=True).reasons
    assert unfit == "What the baseline judges not to fit is expected and not judged any more: night (meadow)."


def test_a_run_of_today_is_checked_whatever_the_clock_says(workbench: TinyWorkbench) -> None:
    before = workbench.baseline()
    assert before is not None
    workbench.runs.put(replace(before, time="2999-01-01T00:00:00Z"))
    workbench.save_questionnaire(replace(NIGHT, expected=(Expected("meadow", 3),)))
    run = workbench.evaluate()
    for earlier in (False, True):
        assert any("judged any more: night (harbour)." in one for one in workbench.gate(run, earlier=earlier).reasons)
    # It is of another day as soon as something else is expected: then the clock tells.
    workbench.save_questionnaire(NIGHT)
    assert not any("judged any more" in reason for reason in workbench.gate(run, earlier=True).reasons)
