"""A rebuild proves the new generation before it is used, and calls a model only when asked to."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.domain.canaries import SENTENCES
from services.domain.model_digest import State
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Record
from services.errors import EmbedderUnavailable, IndexBroken
from services.indexes import chroma
from services.indexes.chroma import ChromaIndex
from tests.doubles import TinyEmbedder, TinyWorkbench, script, stamp, store_of

QUESTION = make_questionnaire(query="sleep")


def generations_in(root: Path) -> list[str]:
    return sorted(p.name for p in (root / "derived" / "index").iterdir() if p.is_dir())


def sound(workbench: TinyWorkbench) -> bool:
    """Whether everything is of the model that asks, and nothing is missing; the model itself is not asked."""
    health = workbench.health()
    matched = all(c.state is State.MATCH and c.in_sync for c in health.collections)
    return matched and not (health.left_out or health.problems or health.broken)


class Unprovable(ChromaIndex):
    """Writes well and then finds one passage wrong."""

    def prove(self, section: str, records: Sequence[Record]) -> list[str]:
        return [*super().prove(section, records), "The passage x#0 is not found by its own vector."]


def test_a_rebuild_calls_no_model(workspace: Path) -> None:
    forbidden = TinyEmbedder(left=0)
    with TinyWorkbench(workspace, {"tiny": forbidden}) as workbench:
        workbench.refresh()
        before = workbench.health()
        built = workbench.rebuild()
        after = workbench.health()
        assert sound(workbench)
    assert (built.records, built.embedded) == (9, 0)
    assert built.passages == sum(len(r.vectors.passages) for r in store_of(workspace).catalogue().records.values())
    assert built.generation == after.generation != before.generation
    assert forbidden.asked == []


def test_a_generation_that_cannot_be_proved_is_not_used(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TinyWorkbench(workspace) as workbench:
        before = workbench.retrieve(QUESTION)
        generation = workbench.health().generation
        monkeypatch.setattr(chroma, "ChromaIndex", Unprovable)
        with pytest.raises(IndexBroken) as caught:
            workbench.rebuild()
        assert "x#0" in caught.value.cause
        assert caught.value.next_step == "The old index stays in use; rebuild again."
        assert generations_in(workspace) == [generation]
        assert workbench.health().generation == generation
        after = workbench.retrieve(QUESTION)
    assert {s: r.scored for s, r in after.sections.items()} == {s: r.scored for s, r in before.sections.items()}


def test_the_one_before_is_kept_and_older_ones_go(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        names = [workbench.rebuild().generation for _ in range(3)]
        assert generations_in(workspace) == sorted(names[1:])
        assert (workspace / "derived" / "index" / "CURRENT").read_text() == f"{names[2]}\n"


def test_embedding_anew_makes_the_model_the_workspaces(workspace: Path) -> None:
    told: list[str] = []
    with TinyWorkbench(workspace) as workbench:
        workbench.refresh()
        built = workbench.rebuild("other", lambda stage, done, total: told.append(stage))
        assert workbench.settings.embedder.name == "other"
        assert sound(workbench)
        assert workbench.retrieve(QUESTION).embedder == "other"
        records = workbench.catalogue.records.values()
    assert {r.vectors.stamp for r in records} == {stamp("other")}
    assert built.embedded == built.passages == sum(len(r.vectors.passages) for r in records)
    stages = [*dict.fromkeys(told)]
    assert stages[:5] == ["Recognising the model", "Embedding", "Indexing", "Proving", "Switching"]
    assert stages[5].startswith("Asking the model"), "and then it is checked"


@pytest.mark.parametrize("batch", [2, 64])
def test_a_model_that_fails_half_way_changes_nothing(
    workspace: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.change.source.BATCH_HERE", batch)
    before = {p: p.read_bytes() for p in workspace.rglob("*.yaml")}
    with TinyWorkbench(workspace, {"other": TinyEmbedder("other", left=20)}) as workbench:
        workbench.refresh()
        generation = workbench.health().generation
        with pytest.raises(EmbedderUnavailable):
            workbench.rebuild("other")
        assert {p: p.read_bytes() for p in workspace.rglob("*.yaml")} == before
        assert workbench.settings.embedder.name == "tiny"
        assert workbench.health().generation == generation
        assert sound(workbench)


def test_only_what_needs_it_is_embedded(workspace: Path) -> None:
    store, embedder = store_of(workspace), TinyEmbedder()
    with store.writing("testing"):
        store.put([Record(script("bare", text="Now."))])
    with TinyWorkbench(workspace, {"tiny": embedder}) as workbench:
        assert workbench.rebuild("tiny").embedded == 2
    # What is asked after that is the check.
    # The canaries tell which space the model answers in, so that the cache takes nothing from another one.
    assert [text for text in embedder.asked if text not in SENTENCES][:3] == ["Bare.", "Now.", "Bare."]


def test_what_was_edited_during_the_embedding_is_not_overwritten(workspace: Path) -> None:
    store, edited = store_of(workspace), []

    class Meanwhile(TinyEmbedder):
        def embed_documents(self, texts, progress=None):
            if "Induction sleep.  sleep" in texts and not edited:
                edited.append(True)
                with store.writing("another person"):
                    store.put([Record(script("induction-sleep", text="Edited meanwhile."))])
            return super().embed_documents(texts, progress)

    with TinyWorkbench(workspace, {"other": Meanwhile("other")}) as workbench:
        workbench.rebuild("other")
    records = store.catalogue().records
    assert records["induction-sleep"].script.text == "Edited meanwhile."
    assert {r.vectors.stamp for r in records.values()} == {stamp("other")}


def test_scripts_without_vectors_are_left_out_and_named(workspace: Path) -> None:
    store = store_of(workspace)
    with store.writing("testing"):
        store.put([Record(script("bare"))])
    with TinyWorkbench(workspace) as workbench:
        assert workbench.rebuild().left_out == {"bare": "It has no vectors yet."}
