"""A switch that is cut short is answered as before, and finished by whoever comes."""

import shutil
import threading
from pathlib import Path

import pytest

from services.errors import StorageFailed
from tests.doubles import TinyEmbedder, TinyWorkbench, script, store_of
from tests.unit.change.changing import OTHER, answers, assert_whole, cut_short, files, made_by


def test_a_switch_that_the_disk_cuts_short_is_answered_as_before_and_finished_later(workspace, monkeypatch) -> None:
    with TinyWorkbench(workspace) as bench:
        before = answers(bench)
        cut_short(workspace, bench, monkeypatch, 4)
        assert answers(bench) == before
        assert bench.settings.embedder.name == "tiny"
        assert "The disk is full" in bench.health().problems[0]
        monkeypatch.undo()
        bench.models.unfinished._next_try = 0.0
        bench.refresh()
        assert_whole(bench, "other")


def test_another_process_answers_as_before_while_the_writer_is_at_it(workspace, monkeypatch) -> None:
    with TinyWorkbench(workspace) as bench, TinyWorkbench(workspace) as other:
        before = answers(other)
        cut_short(workspace, bench, monkeypatch, 4)
        monkeypatch.undo()
        holding, go_on = threading.Event(), threading.Event()

        def hold() -> None:
            with store_of(workspace).writing("changing the model"):
                holding.set()
                go_on.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        assert holding.wait(5)
        assert made_by(workspace) == {"tiny", "other"}
        assert answers(other) == before
        assert other.settings.embedder.name == "tiny"
        go_on.set()
        thread.join()
        # The lock is free and the journal is there: whoever wrote it is gone.
        bench.close()
        other.refresh()
        assert_whole(other, "other")


def test_whoever_opens_a_half_switched_workspace_finishes_it_without_a_model(workspace, monkeypatch) -> None:
    with TinyWorkbench(workspace) as bench:
        cut_short(workspace, bench, monkeypatch, 4)
    monkeypatch.undo()
    silent = TinyEmbedder("other", left=0)
    with TinyWorkbench(workspace, {"other": silent, "tiny": TinyEmbedder("tiny", left=0)}) as bench:
        bench.refresh()
        assert made_by(workspace) == {"other"}
        assert bench.settings.embedder.name == "other"
        assert silent.asked == []
        silent.left = None
        assert_whole(bench, "other")


def test_without_the_cache_it_says_exactly_what_to_run_and_that_mends_it(workspace, monkeypatch) -> None:
    with TinyWorkbench(workspace) as bench:
        cut_short(workspace, bench, monkeypatch, 6)
    monkeypatch.undo()
    shutil.rmtree(workspace / "derived")
    with TinyWorkbench(workspace) as bench:
        bench.refresh()
        problem = bench.health().problems[0]
        assert "was cut short" in problem
        assert problem.endswith("Run: python -m services rebuild --embedder other")
        with pytest.raises(StorageFailed):
            bench.save(script("late"), None)
        bench.rebuild("other")
        assert_whole(bench, "other")


def test_a_journal_that_cannot_be_read_is_told(workspace: Path) -> None:
    (workspace / "changing.json").write_text("{")
    with TinyWorkbench(workspace) as bench:
        bench.refresh()
        assert "cannot be read" in bench.health().problems[0]
        bench.rebuild("tiny")
        assert_whole(bench, "tiny")


def test_a_read_only_workspace_says_so(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(workspace)
    with TinyWorkbench(workspace) as bench:
        monkeypatch.setattr(type(bench.records), "writable", False)
        with pytest.raises(StorageFailed) as caught:
            bench.change(OTHER)
    assert "read-only" in caught.value.cause
    assert files(workspace) == before
