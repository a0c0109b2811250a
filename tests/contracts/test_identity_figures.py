"""False alarms and missed ones, by the thousand."""

from collections.abc import Callable

import numpy as np
import pytest

from services.domain.scripts import Record
from services.ports import Embedder
from tests.checking import (
    Changed,
    Corpus,
    Spoken,
    negated,
    noisy,
    permuted,
    questionnaires_of,
    records_of,
    rotated,
    scripts_of,
    with_vectors,
)
from tests.contracts.mistaken import SHARED, foreign_in
from tests.doubles import SECTIONS, TinyEmbedder

HEALTHY: dict[str, Callable[[], Embedder]] = {
    "hashing": lambda: SHARED,
    "dense": Spoken,
    "tiny": TinyEmbedder,
    "noisy hashing": lambda: Changed(SHARED, noisy()),
    "noisy dense": lambda: Changed(Spoken(), noisy()),
}
# Scripts and seeds: each corpus is checked CHECKS times over, as the part that is looked at moves. From 30 on it is a
# part; of 92 there is one of each sort.
SIZES = {1: 13, 2: 13, 5: 13, 30: 8, 92: 4}
CHECKS = 4


@pytest.fixture(scope="module")
def large() -> list[Record]:
    return records_of(scripts_of(5000, 1), SHARED)


def test_one_script_of_5000_is_found(large: list[Record]) -> None:
    for number, position in enumerate((0, 2500, 4999)):
        corpus = Corpus(foreign_in(large, [position], Changed(SHARED, rotated(number))), SHARED)
        assert corpus.check().collections[0].foreign == (f"s{position:04d}",)


def healthy(embedder: Embedder, count: int, seed: int) -> Corpus:
    """Every third in three sections, every other of many topics, every fourth with questionnaires."""
    sections = SECTIONS if seed % 3 == 0 else SECTIONS[:1]
    made = scripts_of(count, seed, sections, topics=1 + 9 * (seed % 2))
    asked = questionnaires_of(made, 5) if seed % 4 == 0 else {}
    return Corpus(records_of(made, embedder), embedder, questionnaires=asked)


def alarms(corpus: Corpus, checks: int) -> list[object]:
    return [found.as_json() for found in (corpus.check() for _ in range(checks)) if found.state != "ok"]


def test_a_thousand_checks_of_healthy_corpora_raise_no_alarm(large: list[Record]) -> None:
    done, raised = 0, {}
    for name, make in HEALTHY.items():
        for count, seeds in SIZES.items():
            for seed in range(seeds):
                if found := alarms(healthy(make(), count, seed), CHECKS):
                    raised[name, count, seed] = found
                done += CHECKS
    if found := alarms(Corpus(large, SHARED), 3):
        raised["hashing", 5000, 1] = found
    assert raised == {}
    assert done + 3 == 5 * (13 + 13 + 13 + 8 + 4) * 4 + 3 == 1023


def other_model(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
    return foreign_in(records, list(range(len(records))), Spoken("other", embedder.identity.dimensions))


def half(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
    random = np.random.default_rng(seed)
    positions = random.choice(len(records), len(records) // 2, replace=False).tolist()
    return foreign_in(records, positions, Changed(embedder, rotated(seed)))


def shuffled(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
    """Every script has the vectors of the next one."""
    return with_vectors(records, {i: records[i - 1].vectors.values for i in range(len(records))})


def turned(change: Callable[[int], Callable]) -> Callable[[list[Record], Embedder, int], list[Record]]:
    def mistaken(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
        return foreign_in(records, list(range(len(records))), Changed(embedder, change(seed)))

    return mistaken


MISTAKEN = {
    "another model": other_model,
    "rotated": turned(rotated),
    "permuted": turned(permuted),
    "negated": turned(lambda _: negated),
    "half": half,
    "shuffled": shuffled,
}
# With eight counted letters any two texts are nearly the same: that space tells nothing apart, whoever made it.
SPACES = ("hashing", "dense", "noisy hashing", "noisy dense")


def test_a_thousand_checks_of_mistaken_corpora_miss_none(large: list[Record]) -> None:
    done, missed = 0, []
    for name in SPACES:
        for count, seeds in SIZES.items():
            for seed in range(seeds):
                done += seen(missed, HEALTHY[name](), (name, count, seed))
    for kind in ("rotated", "half", "shuffled"):
        state_of_it = Corpus(MISTAKEN[kind](large, SHARED, 1), SHARED).check().state
        missed += [] if state_of_it == "broken" else [(kind, "hashing", 5000)]
    assert missed == []
    # One script alone is neither half of anything nor anybody's neighbour.
    assert done + 3 == 4 * (13 * 4 + (13 + 13 + 8 + 4) * 6) + 3 == 1123


def seen(missed: list[object], embedder: Embedder, case: tuple[str, int, int]) -> int:
    _, count, seed = case
    made = records_of(scripts_of(count, seed, topics=1 + 9 * (seed % 2)), embedder)
    kinds = [kind for kind in MISTAKEN if count > 1 or kind not in ("half", "shuffled")]
    for kind in kinds:
        corpus = Corpus(MISTAKEN[kind](made, embedder, seed), embedder)
        if corpus.check().state != "broken" or not corpus.retrieve().sections["induction"].refusal:
            missed.append((kind, *case))
    return len(kinds)
