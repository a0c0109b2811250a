"""Others read and write while the model changes, and it changes all at once."""

import threading
from pathlib import Path

import pytest

from services.domain.settings import EmbedderSettings
from services.errors import Cancelled, WorkspaceBusy
from tests.doubles import TinyEmbedder, TinyWorkbench, script, stamp
from tests.unit.change.changing import OTHER, QUESTION, answers, assert_whole, read


def test_what_is_saved_and_edited_meanwhile_is_neither_lost_nor_left_with_old_vectors(workspace: Path) -> None:
    seen: set[str] = set()

    def meanwhile(told: str, done: int, total: int) -> None:
        if told in ("Embedding", "Proving") and told not in seen:
            seen.add(told)
            thread = threading.Thread(target=write, args=(told,))
            thread.start()
            thread.join()

    def write(told: str) -> None:
        with TinyWorkbench(workspace) as person:
            person.save(script(f"new-{told.lower()}", text=f"Came while {told}."), None)
            record = person.records.catalogue().records["induction-sleep"]
            person.save(script("induction-sleep", text=f"Edited while {told}."), record.digest)

    with TinyWorkbench(workspace) as bench:
        bench.refresh()
        bench.change(OTHER, meanwhile)
        assert_whole(bench, "other")
        records = bench.catalogue.records
        assert records["induction-sleep"].script.text == "Edited while Proving."
        assert {"new-embedding", "new-proving"} <= set(records)


def test_a_save_that_was_embedding_while_the_model_changed_gets_the_new_one(workspace: Path) -> None:
    with TinyWorkbench(workspace) as other, TinyWorkbench(workspace) as bench:

        class Slow(TinyEmbedder):
            def embed_documents(self, texts, progress=None):
                if list(texts) == ["Late.", "Late indeed."]:
                    other.change(OTHER)
                return super().embed_documents(texts, progress)

        bench._embedders.clear()
        bench.made["tiny"] = Slow()
        saved = bench.save(script("late", text="Late indeed."), None)
        assert saved.warning == ""
        assert saved.record.vectors.stamp == stamp("other")
        other.close()
        assert_whole(bench, "other")


def test_readers_see_the_old_model_or_the_new_one_and_never_a_refusal(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.refresh()
        expected = dict.fromkeys(("tiny", "other"))
        expected["tiny"] = answers(bench)
        bench.change(OTHER)
        expected["other"] = answers(bench)
        wrong: list[object] = []
        asked = 0
        done = threading.Event()

        def ask() -> None:
            nonlocal asked
            while not done.is_set():
                found = bench.retrieve(QUESTION)
                asked += 1
                if read(found) != expected[found.embedder]:
                    wrong.append(read(found))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            bench.go_back()
        done.set()
        for thread in threads:
            thread.join()
    assert asked > 10
    assert wrong == []


def test_only_one_change_at_a_time(workspace: Path) -> None:
    def another(told: str, done: int, total: int) -> None:
        with TinyWorkbench(workspace) as second:
            assert second.models.running
            with pytest.raises(WorkspaceBusy):
                second.change(EmbedderSettings("third"))
        raise Cancelled("Enough.", "")

    with TinyWorkbench(workspace) as bench:
        with pytest.raises(Cancelled):
            bench.change(OTHER, another)
        assert not bench.models.running
