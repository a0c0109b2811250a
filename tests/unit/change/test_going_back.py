"""Going back on a change for nothing, and the same model embedded anew."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from services.domain.canaries import SENTENCES
from services.domain.scripts import Record
from services.domain.settings import EmbedderSettings
from services.errors import EmbedderFailed, NotFound
from tests.doubles import TinyEmbedder, TinyWorkbench, script, stamp, store_of
from tests.unit.change.changing import OTHER, Turned, assert_whole, documents, files, texts_of


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
