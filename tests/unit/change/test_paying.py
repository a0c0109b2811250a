"""What a change of the model costs is counted before, and paid once."""

from dataclasses import replace
from pathlib import Path

import pytest

from services import workspaces
from services.domain.canaries import SENTENCES
from services.domain.model_change import Price
from services.domain.questionnaires import make_questionnaire
from services.domain.settings import EmbedderSettings
from services.embedders.openai import OpenAIEmbedder
from services.errors import Cancelled, EmbedderUnavailable
from tests.doubles import TinyEmbedder, TinyWorkbench, script
from tests.unit.change.changing import OTHER, QUESTION, assert_whole, documents, files, texts_of


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
