"""What is not recorded or not true is found by the evidence: missing stamps, mixtures, other weights, noise."""

from pathlib import Path

import numpy as np
import pytest

from services.domain.checks import Check
from services.domain.model_digest import State
from services.embedders.minilm import MiniLM
from services.health.evidence import SAMPLE, choose
from tests.checking import (
    Changed,
    Corpus,
    Renamed,
    Spoken,
    Unstamped,
    negated,
    permuted,
    records_of,
    rotated,
    scripts_of,
    with_vectors,
)
from tests.contracts.mistaken import SHARED, TEXTS, foreign_in, state, trust
from tests.doubles import TinyEmbedder, store_of

DEMO = Path(__file__).parents[2] / "data" / "demo"


# Nothing recorded


def test_a_collection_without_a_stamp_is_unverified_until_the_evidence_decides() -> None:
    own = Corpus(records_of(TEXTS, SHARED), SHARED, index=Unstamped())
    assert (trust(own).state, own.health().state) == (State.UNVERIFIED, "attention")
    own.check()
    assert trust(own).state is State.MATCH
    assert state(own.health(), Check.MODEL) is State.UNVERIFIED

    foreign = Corpus(records_of(TEXTS, Renamed(Spoken("other", 384), "x")), SHARED, index=Unstamped())
    assert (trust(foreign).state, foreign.health().state) == (State.UNVERIFIED, "attention")
    assert foreign.check().state == "broken"
    assert (trust(foreign).state, trust(foreign).random) == (State.MISMATCH, True)
    assert foreign.retrieve().sections["induction"].hits == ()


class Broken(Spoken):
    def embed_documents(self, texts, progress=None):
        return TinyEmbedder(left=0).embed_documents(texts)


def test_without_a_stamp_and_without_evidence_nothing_is_claimed() -> None:
    corpus = Corpus(records_of(TEXTS, Spoken()), Broken(), index=Unstamped())
    found = corpus.check()
    assert (found.state, trust(corpus).state) == ("attention", State.UNVERIFIED)
    assert trust(corpus).reason.startswith("The model could not be asked: The model 'tiny' cannot be reached.")
    assert corpus.canaries.kept == {}


@pytest.mark.parametrize("seed", range(5))
def test_half_a_section_of_another_model_under_one_stamp_is_found_with_share_and_names(seed: int) -> None:
    made = records_of(scripts_of(92, seed), SHARED)
    positions = sorted(np.random.default_rng(seed).choice(92, 46, replace=False).tolist())
    corpus = Corpus(foreign_in(made, positions, Changed(SHARED, rotated(seed))), SHARED)
    found = corpus.check()
    assert (found.state, trust(corpus).state, trust(corpus).random) == ("broken", State.MISMATCH, True)
    assert found.collections[0].foreign == tuple(f"s{p:04d}" for p in positions)
    evidence = found.as_json()["collections"][0]["evidence"]
    assert (evidence["scripts_looked_at"], evidence["scripts"], evidence["foreign_share"]) == (92, 92, 0.5)
    assert trust(corpus).reason == "46 of 92 scripts looked at were embedded by another model."
    assert corpus.retrieve().sections["induction"].refusal


ONE = {"rotated": rotated(), "permuted": permuted(), "negated": negated}


@pytest.mark.parametrize("kind", ONE)
@pytest.mark.parametrize("topics", [1, 10])
def test_one_script_of_92_is_found_by_the_first_check_and_by_each_later_one(kind: str, topics: int) -> None:
    made = records_of(scripts_of(92, 3, topics=topics), SHARED)
    for position in range(0, 92, 13):
        corpus = Corpus(foreign_in(made, [position], Changed(SHARED, ONE[kind])), SHARED)
        for _ in range(3):
            assert corpus.check().collections[0].foreign == (f"s{position:04d}",)
            assert corpus.health().state == "broken"


@pytest.mark.parametrize("kind", ONE)
def test_any_one_script_of_the_demo_is_looked_at_by_the_first_check_if_another_model_made_it(kind: str) -> None:
    records = list(store_of(DEMO).catalogue().records.values())
    assert len(records) == 92
    for position, one in enumerate(records):
        changed = with_vectors(records, {position: ONE[kind](one.vectors.values)})
        assert one.script.id in {looked.script.id for looked in choose(changed, SAMPLE, position)}


def test_what_was_found_once_is_looked_at_again_until_it_is_mended() -> None:
    # Each is as alone in its section as one of another model: only the part that moves comes across that one.
    made = records_of(scripts_of(120, 4, topics=120), SHARED)
    for position in range(9):
        corpus = Corpus(foreign_in(made, [position], Changed(SHARED, rotated())), SHARED)
        checks = [corpus.check().state for _ in range(12)]
        if checks[0] == "ok":
            break
    assert checks[0] == "ok"
    assert set(checks[checks.index("broken") :]) == {"broken"}
    corpus.put(made)
    for _ in range(3):
        assert corpus.check().collections[0].foreign == ()
        assert trust(corpus).state is State.MATCH


# The same weights, other precision


@pytest.fixture(scope="module")
def minilm(cache: Path) -> dict[str, MiniLM]:
    return {precision: MiniLM(cache, precision=precision) for precision in ("float32", "int8")}


@pytest.mark.parametrize(("stored", "asks"), [("float32", "int8"), ("int8", "float32")])
def test_float32_and_int8_of_the_same_weights_are_drifted_with_their_cosine(minilm, stored: str, asks: str) -> None:
    corpus = Corpus(records_of(TEXTS, minilm[stored]), minilm[asks])
    found = corpus.check()
    row = found.collections[0]
    assert (found.state, row.state, row.random) == ("attention", State.DRIFTED, False)
    assert 0.97 < row.measured.evidence.min_cosine < 0.998
    assert f"cosine {row.measured.evidence.min_cosine:.4f} at worst" in row.reason
    assert (state(found, Check.MODEL), state(found, Check.EVIDENCE)) == (State.DRIFTED, State.DRIFTED)
    assert corpus.retrieve().sections["induction"].hits
    same = Corpus(records_of(TEXTS, minilm[asks]), minilm[asks])
    assert [same.check().state for _ in range(2)] == ["ok", "ok"]
