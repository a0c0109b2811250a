"""Changing the model: counted before, paid once, switched all at once, and gone back on for nothing."""

import json
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services import workspaces
from services.domain.canaries import SENTENCES
from services.domain.model_change import Price
from services.domain.model_digest import State
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Record
from services.domain.settings import EmbedderSettings
from services.embedders.openai import OpenAIEmbedder
from services.errors import Cancelled, EmbedderFailed, EmbedderUnavailable, NotFound, StorageFailed, WorkspaceBusy
from tests.doubles import TinyEmbedder, TinyWorkbench, script, stamp, store_of

QUESTION = make_questionnaire(query="sleep")
OTHER = EmbedderSettings("other")


class Turned(TinyEmbedder):
    """The same declared model, whose vectors have moved: each number is where its neighbour was."""

    def _vector(self, text: str) -> list[float]:
        counts = super()._vector(text)
        return [9 * counts[-1], *counts[:-1]]


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No check after a change, which would ask the model for some passages once more; that there is one, is noted."""
    checked: list[str] = []
    monkeypatch.setattr(TinyWorkbench, "check", lambda *_: checked.append("checked"))
    return checked


def made_by(workspace: Path) -> set[str]:
    """The models that the records carry."""
    return {r.vectors.stamp.model_name for r in store_of(workspace).catalogue().records.values()}


def texts_of(workspace: Path) -> list[str]:
    """Every passage of every script, as the tiny recipe cuts them."""
    records = store_of(workspace).catalogue().records.values()
    card = "{title}. {situation} {focus_areas}"
    return [r.script.passage_text(p, card) for r in records for p in r.vectors.passages]


def documents(embedder: TinyEmbedder) -> list[str]:
    """What it was asked for, the canaries and the questions not counted."""
    return [text for text in embedder.asked if text not in SENTENCES and text != "sleep"]


def files(workspace: Path) -> dict[str, bytes]:
    kept = [p for p in workspace.rglob("*.yaml") if "derived" not in p.parts]
    return {str(p.relative_to(workspace)): p.read_bytes() for p in kept}


def assert_whole(bench: TinyWorkbench, name: str) -> None:
    """All is of this model, and can be asked."""
    health = bench.health()
    assert {c.state for c in health.collections} == {State.MATCH}
    assert all(c.in_sync for c in health.collections)
    assert (health.left_out, health.problems, health.broken) == ({}, (), ())
    assert bench.settings.embedder.name == name
    assert made_by(bench.paths.root) == {name}
    assert bench.retrieve(QUESTION).embedder == name
    assert not bench.paths.changing.exists()


# What it costs


def test_the_cost_is_counted_before_a_server_is_asked(workspace: Path) -> None:
    far = TinyEmbedder("far", left=0, local=False, price=Price(0.5, "a day"))
    with TinyWorkbench(workspace, {"far": far}) as bench:
        cost = bench.models.cost(EmbedderSettings("far"))
    texts = texts_of(workspace)
    words = sum(len(text.split()) for text in texts)
    once = sum(len(text.split()) for text in set(texts))
    assert far.asked == []
    assert (cost.scripts, cost.passages, cost.tokens) == (9, len(texts), words)
    assert (cost.cached, cost.to_embed, cost.tokens_to_embed) == (0, len(set(texts)), once)
    assert cost.dollars == pytest.approx(once * 0.5 / 1_000_000)
    assert cost.priced == "a day"
    # 9 scripts of at most 128 passages together: one request, one for the canaries and one for each as a question.
    assert (cost.requests, cost.seconds) == (7, 7.0)


def test_a_price_that_is_not_known_is_not_guessed(workspace: Path) -> None:
    with TinyWorkbench(workspace, {"far": TinyEmbedder("far", local=False)}) as bench:
        assert bench.models.cost(EmbedderSettings("far")).dollars is None
        here = bench.models.cost(OTHER)
    assert (here.dollars, here.requests) == (0.0, 0)
    assert here.seconds > 0


def test_what_is_there_costs_nothing(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        same = bench.models.cost(EmbedderSettings("tiny"))
        assert (same.scripts, same.passages, same.to_embed, same.seconds) == (0, 0, 0, 0.0)
        assert bench.models.cost(EmbedderSettings("tiny"), everything=True).scripts == 9


def test_what_was_embedded_to_measure_the_time_is_counted_as_kept(workspace: Path) -> None:
    texts = texts_of(workspace)
    with TinyWorkbench(workspace) as bench:
        cost = bench.models.cost(OTHER)
        timed = set(documents(bench.made["other"]))
        assert 0 < len(timed) <= 8
        assert cost.to_embed == len(set(texts)) - len(timed)
        assert cost.cached == sum(text in timed for text in texts)
        assert bench.change(OTHER).embedded == len(texts) - cost.cached


# The model that made the vectors


def test_asking_with_the_model_that_made_the_vectors_again_embeds_nothing(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        assert bench.models.maker(["other", "tiny"]) is None, "nothing is to mend"
        before = {k: v for k, v in files(workspace).items() if k.startswith("records/")}
        bench.save_questionnaire(make_questionnaire(title="Sleep", query="sleep"))
        workspaces.write_settings(bench.paths, replace(bench.settings, embedder=OTHER))
        bench.refresh()
        assert not bench.retrieve(QUESTION).sections["induction"].answered
        assert bench.models.maker(["other"]) is None
        assert bench.models.maker(["other", "tiny"]) == EmbedderSettings("tiny")
        assert bench.change(EmbedderSettings("tiny")).embedded == 0
        assert documents(bench.made["tiny"]) == []
        assert bench.models.last is None, "no answer was there to be moved, and there is no way back to random ones"
        assert {k: v for k, v in files(workspace).items() if k.startswith("records/")} == before
        assert_whole(bench, "tiny")


def test_the_maker_of_some_of_the_vectors_is_no_way_out(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        workspaces.write_settings(bench.paths, replace(bench.settings, embedder=OTHER))
        bench.save(script("late", text="Embedded by another one."), None)
        assert bench.models.maker(["other", "tiny"]) is None


def test_a_model_behind_a_server_is_remembered_by_the_change_to_it(workspace: Path) -> None:
    far = EmbedderSettings("openai", "text-embedding-3-small", 64)
    with TinyWorkbench(workspace) as bench:
        bench.change(far)
        workspaces.write_settings(bench.paths, replace(bench.settings, embedder=OTHER))
        assert bench.models.maker(["tiny"]) == far


# Paid once


def test_a_change_pays_each_text_once_and_all_is_the_new_model(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.refresh()
        built = bench.change(OTHER)
        other = bench.made["other"]
        assert sorted(documents(other)) == sorted(set(texts_of(workspace)))
        assert built.embedded == built.passages
        assert_whole(bench, "other")
        assert bench.checkups.canaries[other.identity.digest].model_name == "other"
    assert not (workspace / "derived" / "change" / "begun.json").exists()


def test_a_model_that_fails_half_way_is_not_paid_twice(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.change.source.BATCH_HERE", 4)
    before = files(workspace)
    texts = set(texts_of(workspace))
    other = TinyEmbedder("other", left=10 + 9)
    with TinyWorkbench(workspace, {"other": other}) as bench:
        bench.refresh()
        with pytest.raises(EmbedderUnavailable):
            bench.change(OTHER)
        assert files(workspace) == before
        assert_whole(bench, "tiny")
        assert bench.models.begun.stopped == "The model 'other' cannot be reached. Try again later."
        assert bench.models.begun.target == OTHER
        paid = documents(other)
        assert len(paid) == 8
        other.left = 0
        other.local = False  # so that counting the cost asks it nothing
        assert bench.models.cost(OTHER).to_embed == len(texts) - 8
        other.local = True
    with TinyWorkbench(workspace, {"other": other}) as bench:
        other.left = None
        built = bench.change(OTHER)
        assert sorted(documents(other)) == sorted(texts)
        assert built.embedded == built.passages - sum(text in paid for text in texts_of(workspace))
        assert_whole(bench, "other")
        assert bench.models.begun is None


@pytest.mark.parametrize(
    "stage", ["Recognising the model", "Embedding", "Asking the questionnaires", "Indexing", "Proving", "Switching"]
)
def test_a_stop_at_any_stage_before_the_switch_changes_nothing(workspace: Path, stage: str) -> None:
    before = files(workspace)

    def stop(told: str, done: int, total: int) -> None:
        if told == stage and not (workspace / "changing.json").exists():
            raise Cancelled("The change was cancelled.", "What was there before is there still.")

    with TinyWorkbench(workspace) as bench:
        bench.save_questionnaire(make_questionnaire(title="Sleep", query="sleep"))
        bench.refresh()
        with pytest.raises(Cancelled):
            bench.change(OTHER, stop)
        assert bench.models.cancelled
        assert {k: v for k, v in files(workspace).items() if not k.startswith("questionnaires")} == before
        assert_whole(bench, "tiny")
        bench.change(OTHER)
        assert_whole(bench, "other")
        texts = set(texts_of(workspace))
        # The title's question is not a passage, and the rest was paid once.
        assert len([t for t in documents(bench.made["other"]) if t in texts]) == len(texts)


def test_nobody_is_listened_to_once_the_switch_has_begun(workspace: Path) -> None:
    def stop(told: str, done: int, total: int) -> None:
        if (workspace / "changing.json").exists():
            raise Cancelled("Too late.", "")

    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER, stop)
        assert_whole(bench, "other")


def test_the_real_client_is_asked_for_each_text_once(workspace: Path) -> None:
    from tests.contracts.openai_server import Fault, OpenAIServer  # noqa: PLC0415

    chosen = EmbedderSettings("openai", "text-embedding-3-small", 64)
    with OpenAIServer() as server:
        embedder = OpenAIEmbedder("text-embedding-3-small", 64, server.base_url, "sk-test-0123456789")
        with TinyWorkbench(workspace, {"openai": embedder}) as bench:
            bench.models.cost(chosen)
            assert server.seen == [], "nothing is sent before the person starts"
            # Canaries: one request for the documents, one for each as a question. Then the passages, refused.
            server.misbehave(*[Fault()] * 6, then=Fault(401))
            with pytest.raises(EmbedderUnavailable):
                bench.change(chosen)
            server.misbehave()
            bench.change(chosen)
            sent = [text for seen in server.seen for text in seen.texts if text not in SENTENCES]
            assert sorted(sent) == sorted(set(texts_of(workspace)))
            assert bench.settings.embedder == chosen
            server.misbehave()
            bench.change(EmbedderSettings("tiny"))
            bench.change(chosen)
            assert [t for seen in server.seen for t in seen.texts if t in sent] == bench_sample(server, sent)
            assert bench.retrieve(QUESTION).sections["induction"].answered


def bench_sample(server, sent: list[str]) -> list[str]:
    """At most five passages are asked for again, to see that what the records carried is what the server answers."""
    again = [text for seen in server.seen for text in seen.texts if text in sent]
    assert len(again) <= 5
    return again


# Going back


def test_going_back_asks_no_model_and_restores_every_byte(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.refresh()
        before = {k: v for k, v in files(workspace).items() if k.startswith("records/")}
        bench.change(OTHER)
        asked = list(bench.made["tiny"].asked)
        assert bench.models.cost_of_going_back().to_embed == 0
        built = bench.go_back()
        assert bench.made["tiny"].asked == asked
        assert built.embedded == 0
        assert {k: v for k, v in files(workspace).items() if k.startswith("records/")} == before
        assert_whole(bench, "tiny")
        bench.go_back()
        assert_whole(bench, "other")


def test_going_back_embeds_what_came_since(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
        bench.save(script("late", text="Quite new."), None)
        assert bench.go_back().embedded == 2
        assert_whole(bench, "tiny")
        assert {"Late.", "Quite new."} <= set(documents(bench.made["tiny"]))
        assert len(documents(bench.made["tiny"])) <= 2 + 5
        bench.go_back()
        bench.save(script("later", text="Newer still."), None)
        assert bench.models.cost_of_going_back(timed=False).to_embed == 2


def test_going_back_without_the_cache_says_what_it_costs_and_pays(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
        shutil.rmtree(workspace / "derived" / "embeddings")
        cost = bench.models.cost_of_going_back(timed=False)
        assert cost.to_embed == len(set(texts_of(workspace)))
        bench.go_back()
        assert_whole(bench, "tiny")


def test_there_may_be_nothing_to_go_back_to(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench, pytest.raises(NotFound):
        bench.go_back()


def test_a_provider_that_moved_meanwhile_gets_all_embedded_anew(workspace: Path) -> None:
    """What the records carried is no use for somebody who chooses the model now, where it answers differently."""
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
    with TinyWorkbench(workspace, {"tiny": Turned("tiny")}) as bench:
        bench.change(EmbedderSettings("tiny"))
        records = bench.catalogue.records.values()
        expected = Turned("tiny")
        for record in records:
            texts = [
                record.script.passage_text(p, "{title}. {situation} {focus_areas}") for p in record.vectors.passages
            ]
            np.testing.assert_array_equal(record.vectors.values, expected.embed_documents(texts))


# The same model


class CanariesStay(TinyEmbedder):
    """A model that moved everywhere but in the canary sentences, as near as its canaries can tell."""

    def _vector(self, text: str) -> list[float]:
        counts = super()._vector(text)
        return counts if text in SENTENCES else [9 * counts[-1], *counts[:-1]]


def test_who_embeds_everything_anew_believes_no_canary(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
    moved = CanariesStay("other")
    with TinyWorkbench(workspace, {"other": moved}) as bench:
        built = bench.rebuild("other", everything=True)
        assert built.embedded == built.passages
        record = bench.catalogue.records["induction-sleep"]
        texts = [record.script.passage_text(p, "{title}. {situation} {focus_areas}") for p in record.vectors.passages]
        np.testing.assert_array_equal(record.vectors.values, CanariesStay("other").embed_documents(texts))


def test_what_records_carried_twice_is_that_of_the_last_time(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
        bench.go_back()
        store, record = bench.records, bench.catalogue.records["induction-sleep"]
        bench.save(script("induction-sleep", text="Something else."), record.digest)
    with TinyWorkbench(workspace, {"tiny": Turned("tiny")}) as bench:
        bench.rebuild("tiny", everything=True)
        bench.change(OTHER)
        kept = bench.models._parts.cache.of_records(stamp("tiny").model_digest)
        gone = record.script.passage_text(record.vectors.passages[1], "")
        assert kept.get([gone]) == {}, "it was of the model before it changed"
        assert store.writable


def test_drifted_vectors_are_all_embedded_anew_and_the_old_ones_never_come_back(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
        bench.rebuild("other", everything=True)
        # The model has not moved, which five passages are asked again to say.
        assert len(documents(bench.made["other"])) == len(set(texts_of(workspace))) + 5
    moved = Turned("other")
    with TinyWorkbench(workspace, {"other": moved}) as bench:
        assert bench.rebuild("other").embedded == 0
        assert moved.asked == []
        built = bench.rebuild("other", everything=True)
        assert built.embedded == built.passages
        assert_whole(bench, "other")
        record = bench.catalogue.records["induction-sleep"]
        assert record.vectors.values[0].tolist() == moved._vector("Induction sleep.  sleep")
        then = bench.checkups.canaries[moved.identity.digest]
        np.testing.assert_array_equal(then.documents, moved.embed_documents(SENTENCES))


def test_a_few_scripts_are_not_embedded_by_a_model_that_has_moved_since_the_others(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.change(OTHER)
    store = store_of(workspace)
    with store.writing("testing"):
        store.put([Record(script("bare", text="Now."))])
    with TinyWorkbench(workspace, {"other": Turned("other")}) as bench, pytest.raises(EmbedderFailed) as caught:
        bench.rebuild("other")
    assert "no longer answers as it did" in caught.value.cause
    assert "rebuild --embedder other --all" in caught.value.next_step


# Meanwhile


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


def answers(bench: TinyWorkbench) -> object:
    return read(bench.retrieve(QUESTION))


def read(found) -> object:
    return {s: (r.refusal, r.scored, r.left_out) for s, r in found.sections.items()}


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


# Cut short


def cut_short(workspace: Path, bench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """A change whose disk fails when this many of its records are written; the journal stands."""
    store = bench.records
    original, left = type(store)._put_one, [after]

    def failing(self, record, present, touched):
        if left[0] == 0:
            raise StorageFailed("The disk is full.", "Free some space.")
        left[0] -= 1
        return original(self, record, present, touched)

    monkeypatch.setattr(type(store), "_put_one", failing)
    with pytest.raises(StorageFailed):
        bench.change(OTHER)
    assert (workspace / "changing.json").exists()


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


# What is kept of it


def test_the_comparison_tells_who_stayed_in_front_and_where_the_expected_came(workspace: Path) -> None:
    class Mirror(TinyEmbedder):
        """Everything is as far as it was near: each vector keeps one number apart and turns the others."""

        def embed_query(self, text):
            return -super().embed_query(text)

    with TinyWorkbench(workspace, {"mirror": Mirror("mirror")}) as bench:
        settings = bench.settings
        one = bench.retrieve(QUESTION).sections["induction"].scored
        assert len(one) == 3
        bench.save_questionnaire(make_questionnaire(title="Sleep", query="sleep", expected=(Expected(one[0], 3),)))
        workspaces.write_settings(bench.paths, type(settings)(**{**settings.__dict__, "top_k": 2}))
        bench.change(EmbedderSettings("mirror"))
        compared = bench.models.last.comparison
    assert (compared.before, compared.after, compared.top_k, compared.questionnaires) == ("tiny", "mirror", 2, 1)
    # Of three, the first two turned round are the last two: one of two in common.
    assert compared.overlap == {"induction": 0.5, "affirmations": 0.5, "awakening": 0.5}
    assert [(m.section, m.script, m.before, m.after) for m in compared.expected] == [("induction", one[0], 1, 3)]
    assert compared.problem == ""


def test_a_model_that_cannot_be_asked_any_more_is_not_compared(workspace: Path) -> None:
    with TinyWorkbench(workspace, {"tiny": TinyEmbedder(left=0)}) as bench:
        bench.save_questionnaire(make_questionnaire(title="Sleep", query="sleep"))
        bench.change(OTHER)
        assert bench.models.last.comparison.problem.startswith("The model before could not be asked. The model 'tiny'")
        assert_whole(bench, "other")


def test_the_newest_generation_of_the_model_before_outlives_rebuilds(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        first = bench.rebuild().generation
        second = bench.rebuild().generation
        third = bench.change(OTHER).generation
        fourth = bench.rebuild().generation
        fifth = bench.rebuild().generation
        kept = bench.generations()
    assert {g.name for g in kept} == {second, fourth, fifth}
    assert first not in {p.name for p in (workspace / "derived" / "index").iterdir()}
    assert third not in {p.name for p in (workspace / "derived" / "index").iterdir()}
    assert {g.name: (g.contents.model_name, g.current) for g in kept} == {
        second: ("tiny", False),
        fourth: ("other", False),
        fifth: ("other", True),
    }
    assert {g.contents.passages for g in kept} == {len(texts_of(workspace))}


def test_a_begun_change_can_be_forgotten_and_what_was_paid_stays(workspace: Path) -> None:
    with TinyWorkbench(workspace, {"other": TinyEmbedder("other", left=12)}) as bench:
        with pytest.raises(EmbedderUnavailable):
            bench.change(OTHER)
        assert not bench.models.cancelled
        bench.models.forget()
        assert bench.models.begun is None


def test_the_journal_is_readable_json(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TinyWorkbench(workspace) as bench:
        cut_short(workspace, bench, monkeypatch, 0)
    told = json.loads((workspace / "changing.json").read_text())
    assert told["target"]["name"] == "other"
    assert told["everything"] is False


def test_the_seconds_are_those_of_all_the_work(workspace: Path) -> None:
    class Slow(TinyEmbedder):
        def embed_documents(self, texts, progress=None):
            time.sleep(0.05)
            return super().embed_documents(texts, progress)

    with TinyWorkbench(workspace, {"other": Slow("other")}) as bench:
        # The canaries and one batch of passages.
        assert bench.change(OTHER).seconds >= 0.1


def test_a_change_ends_with_a_check(workspace: Path, unchecked: list[str]) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.rebuild()
        assert unchecked == []
        bench.change(OTHER)
        assert unchecked == ["checked"]
        bench.go_back()
        assert unchecked == ["checked"] * 2
