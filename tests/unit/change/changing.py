"""What the tests of a change of the model share."""

from pathlib import Path

import pytest

from services.domain.canaries import SENTENCES
from services.domain.model_digest import State
from services.domain.questionnaires import make_questionnaire
from services.domain.settings import EmbedderSettings
from services.errors import StorageFailed
from tests.doubles import TinyEmbedder, TinyWorkbench, store_of

QUESTION = make_questionnaire(query="sleep")
OTHER = EmbedderSettings("other")


class Turned(TinyEmbedder):
    """The same declared model, whose vectors have moved: each number is where its neighbour was."""

    def _vector(self, text: str) -> list[float]:
        counts = super()._vector(text)
        return [9 * counts[-1], *counts[:-1]]


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


def answers(bench: TinyWorkbench) -> object:
    return read(bench.retrieve(QUESTION))


def read(found) -> object:
    return {s: (r.refusal, r.scored, r.left_out) for s, r in found.sections.items()}


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
