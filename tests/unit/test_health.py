"""Health says trusted only where everything fits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.checks import Check, Health
from services.domain.model_digest import Stamp, State
from services.domain.scripts import BrokenRecord, Record
from services.domain.settings import Settings
from services.domain.trust import Evidence, Measured, Measurement
from services.health import Facts, _spread, health, kept, trusts
from services.health.measure import corpus_digest
from services.indexes.chroma import ChromaIndex
from services.ports import Catalogue
from services.sync import sync
from services.vectors import DEFAULT_POLICY
from tests.doubles import SECTIONS, bare_record, other_preparation, stamp

TWO = stamp(dimensions=2)
BROKEN = BrokenRecord("records/x.yaml", "It is broken.", "Mend it.")


def catalogue_of(*records: Record, **more: object) -> Catalogue:
    return Catalogue({r.script.id: r for r in records}, **more)


RECORDS = (
    bare_record("one", [(1, 0), (0, 1)]),
    bare_record("two", [(1, 1)]),
    bare_record("three", [(0, 1)], "awakening"),
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ChromaIndex]:
    made = ChromaIndex(tmp_path / "chroma", DEFAULT_POLICY.card)
    sync(catalogue_of(*RECORDS), made, SECTIONS, TWO)
    yield made
    made.close()


def measured(records: Sequence[Record], recorded: Stamp | None = TWO, **cosines: float) -> Measured:
    looked = {record.script.id: cosines.get(record.script.id, 1.0) for record in records}
    evidence = Evidence(looked, len(looked), len(looked))
    return Measured(recorded, corpus_digest(records), evidence, np.array([1, 0], np.float32))


def measurement(time: str = "2026-11-21T10:00:00.000Z", query: Stamp = TWO, **more: object) -> Measurement:
    """A check of all that is here, in which everything agreed."""
    given = {
        "time": time,
        "embedder": "tiny",
        "query": query,
        "canary_min_cosine": 1.0,
        "canary_recorded": "2026-11-01T10:00:00.000Z",
        "failure": "",
        "sections": {"induction": measured(RECORDS[:2]), "awakening": measured(RECORDS[2:])},
        "versions": {},
        **more,
    }
    return Measurement(**given)


def check(
    index: ChromaIndex,
    catalogue: Catalogue | None = None,
    query: Stamp = TWO,
    checks: Sequence[Measurement] | None = None,
    **more: object,
) -> Health:
    """What health says after these checks: by default after one that found nothing."""
    found = kept([measurement()] if checks is None else checks, query)
    settings = Settings(sections=SECTIONS)
    facts = Facts(settings, catalogue or catalogue_of(*RECORDS), index, query, False, found)
    return health(facts, generation="g", **more)


BREAKS: dict[str, Callable[[ChromaIndex], dict[str, object]]] = {
    "another-model": lambda _: {"query": stamp("ada", 2)},
    "another-preparation": lambda _: {"query": other_preparation(TWO)},
    "broken-record": lambda _: {"catalogue": catalogue_of(*RECORDS, broken=(BROKEN,))},
    "broken-questionnaire": lambda _: {"broken": (BROKEN,)},
    "record-missing-in-index": lambda _: {"catalogue": catalogue_of(*RECORDS, bare_record("four", [(1, 0)]))},
    "record-gone": lambda _: {"catalogue": catalogue_of(*RECORDS[:2])},
    "record-edited": lambda _: {"catalogue": catalogue_of(replace(RECORDS[0], digest="edited"), *RECORDS[1:])},
    "record-without-vectors": lambda _: {
        "catalogue": catalogue_of(*RECORDS, Record(bare_record("x", [(1, 0)]).script))
    },
    "vector-tampered": lambda index: tamper(index, "update", embeddings=np.array([[-1.0, 0.0]])),
    "row-deleted": lambda index: tamper(index, "delete"),
}


def tamper(index: ChromaIndex, how: str, **values: object) -> dict[str, object]:
    getattr(index._client.get_collection("section-induction", embedding_function=None), how)(ids=["one#1"], **values)
    return {}


@pytest.mark.parametrize("kind", BREAKS)
def test_where_one_thing_does_not_fit_it_is_not_trusted(index: ChromaIndex, kind: str) -> None:
    assert check(index).trusted
    found = check(index, **BREAKS[kind](index))
    assert not found.trusted
    assert found.as_json()["state"] == ("broken" if kind == "another-model" else "attention")


def states(found: Health, section: int = 0) -> dict[Check, State | None]:
    return {cell.check: cell.state for cell in found.collections[section].cells}


def test_before_any_check_what_only_the_model_can_tell_is_unverified_and_nothing_is_refused(index) -> None:
    found = check(index, checks=())
    assert (found.state, found.checked) == ("attention", "")
    assert found.collections[0].state is State.MATCH
    unverified = {check for check, state in states(found).items() if state is State.UNVERIFIED}
    assert unverified == {Check.CANARIES, Check.EVIDENCE, Check.UNREAD, Check.RANKINGS}
    assert found.collections[0].as_json()["evidence"] is None


@pytest.mark.parametrize(
    "last",
    [
        measurement(query=stamp("ada", 2)),
        measurement(query=other_preparation(TWO)),
        measurement(sections={"induction": measured(RECORDS[:2], other_preparation(TWO))}),
        measurement(sections={"induction": measured(RECORDS[:2], None)}),
        measurement(sections={}),
    ],
    ids=["another-model", "another-recipe", "stamped-otherwise", "not-stamped", "was-empty"],
)
def test_a_check_of_something_else_says_nothing(index: ChromaIndex, last: Measurement) -> None:
    row = check(index, checks=[last]).collections[0]
    assert row.measured is None
    assert row.canary_min_cosine is None
    assert row.cell(Check.EVIDENCE).state is State.UNVERIFIED


def test_evidence_makes_a_collection_broken_and_names_the_scripts(index: ChromaIndex) -> None:
    sections = {"induction": measured(RECORDS[:2], two=0.2), "awakening": measured(RECORDS[2:])}
    found = check(index, checks=[measurement(sections=sections)])
    assert (found.state, found.collections[0].random, found.collections[2].random) == ("broken", True, False)
    assert found.collections[0].as_json()["evidence"] == {
        "min_cosine": 0.2,
        "scripts_looked_at": 2,
        "scripts": 2,
        "passages": 2,
        "foreign_share": 0.5,
        "foreign": ["two"],
    }


def facts(index: ChromaIndex, *checks: Measurement) -> Facts:
    return Facts(Settings(sections=SECTIONS), catalogue_of(*RECORDS), index, TWO, False, kept(checks, TWO))


def failed(records: Sequence[Record] = RECORDS[:2]) -> Measurement:
    bare = replace(measured(records), evidence=Evidence({}, 0, 2))
    return measurement("2026-11-22", failure="Away.", canary_min_cosine=None, sections={"induction": bare})


def test_a_model_that_cannot_be_asked_gives_nothing_and_takes_nothing_back(index: ChromaIndex) -> None:
    foreign = measurement(sections={"induction": measured(RECORDS[:2], one=0.1, two=0.1)})
    assert trusts(facts(index, measurement(), failed()))["induction"].state is State.UNVERIFIED
    assert trusts(facts(index, foreign, failed()))["induction"].random
    # Also where records have changed since: only a model that answers takes a finding back.
    assert trusts(facts(index, foreign, failed(RECORDS[2:])))["induction"].random
    # Nor does the finding before the last one, where the model did answer in between.
    assert not trusts(facts(index, foreign, measurement(), failed()))["induction"].random


def test_the_baseline_is_the_first_check_or_the_one_accepted_last() -> None:
    days = [measurement(f"2026-11-0{day}") for day in range(1, 5)]
    assert kept(days, TWO).baseline is days[0]
    assert kept(days, TWO).last is days[3]
    accepted = [days[0], replace(days[1], accepted=True), replace(days[2], accepted=True), days[3]]
    assert kept(accepted, TWO).baseline is accepted[2]
    assert kept([], TWO).last is kept([], TWO).baseline is None


def test_centroids_of_another_space_are_no_baseline() -> None:
    others = measurement("2026-11-01", sections={"induction": measured(RECORDS[:2], stamp("ada", 2))})
    of_other = measurement("2026-11-02", query=stamp("ada", 2))
    before_anew = measurement("2026-11-03", canary_recorded="2026-10-01", accepted=True)
    first, last = measurement("2026-11-04"), measurement("2026-11-05")
    found = kept([others, of_other, before_anew, first, last], TWO)
    assert (found.last, found.baseline) == (last, first)


def test_the_check_that_recorded_the_canaries_is_of_their_time() -> None:
    first = measurement("2026-11-04", canary_recorded="", canary_min_cosine=None)
    last = measurement("2026-11-05", canary_recorded="2026-11-04")
    assert kept([first, last], TWO).baseline is first


def test_a_tampered_vector_is_named(index: ChromaIndex) -> None:
    tamper(index, "update", embeddings=np.array([[-1.0, 0.0]]))
    row = check(index).collections[0]
    assert row.findings == ("The passage one#1 is not found by its own vector.",)
    assert not row.in_sync
    assert row.state is State.MATCH


def test_out_of_sync_is_told_for_the_section_that_is(index: ChromaIndex) -> None:
    found = check(index, catalogue_of(*RECORDS, bare_record("four", [(1, 0)], "affirmations")))
    assert [c.in_sync for c in found.collections] == [True, False, True]


def test_what_is_left_out_is_named_with_the_reason(index: ChromaIndex) -> None:
    bare = Record(bare_record("x", [(1, 0)]).script, None, "It has no vectors yet.")
    assert check(index, catalogue_of(*RECORDS, bare)).left_out == {"x": "It has no vectors yet."}


def test_records_that_are_stated_and_gone_are_a_problem(index: ChromaIndex) -> None:
    found = check(index, catalogue_of(*RECORDS, unmanifested=("a/1", "a/2"), gone=("a/1", "a/2")))
    assert not found.trusted
    assert found.problems[0].startswith("The manifest states records that are gone: a/1, a/2. Bring the files back;")
    assert found.notes == ()


def test_what_the_manifest_does_not_state_is_a_note(index: ChromaIndex) -> None:
    found = check(index, catalogue_of(*RECORDS, unmanifested=tuple(f"a/{i}" for i in range(7))), notes=("Borrowed.",))
    assert found.notes == (
        "Borrowed.",
        ("The manifest does not state what is there for: a/0, a/1, a/2, a/3, a/4 and 2 more. The next save states it."),
    )


@pytest.mark.parametrize("count", [0, 1, 20, 21, 31, 39, 40, 92])
def test_the_sample_reaches_from_end_to_end(count: int) -> None:
    picked = [int(r.script.id[1:]) for r in _spread([bare_record(f"s{i}", [(1, 0)]) for i in range(count)])]
    assert len(picked) == min(count, 20)
    assert len(set(picked)) == len(picked)
    gaps = np.diff([*picked, count])
    assert not len(gaps) or gaps.max() - gaps.min() <= 1
