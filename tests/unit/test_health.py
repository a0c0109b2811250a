"""Health says trusted only where everything fits."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.health import _spread, health
from services.indexes.chroma import ChromaIndex
from services.model_digest import State
from services.ports import Catalogue
from services.scripts import BrokenRecord, Record
from services.settings import Settings
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


def check(index: ChromaIndex, catalogue: Catalogue | None = None, **more: object):
    given = {"settings": Settings(sections=SECTIONS), "generation": "g", "query": TWO, **more}
    return health(catalogue=catalogue or catalogue_of(*RECORDS), index=index, **given)


def test_where_everything_fits_it_is_trusted(index: ChromaIndex) -> None:
    found = check(index)
    assert found.trusted
    assert found.as_json()["state"] == "ok"
    assert [(c.section, c.state, c.records, c.passages, c.in_sync, c.findings) for c in found.collections] == [
        ("induction", State.MATCH, 2, 3, True, ()),
        ("affirmations", State.UNVERIFIED, 0, 0, True, ()),
        ("awakening", State.MATCH, 1, 1, True, ()),
    ]


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
    assert found.as_json()["state"] == "attention"


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
