"""``sync``: whatever happened to the records, the index ends as if it had been built afresh."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.model_digest import Stamp
from services.domain.scripts import Record
from services.indexes.chroma import ChromaIndex
from services.indexes.exact import ExactIndex
from services.ports import Catalogue, VectorIndex
from services.sync import in_sync, sync, wanted
from services.vectors import DEFAULT_POLICY
from tests.doubles import bare_record, stamp

SECTIONS = ("induction", "awakening")
IDS = ("a", "b", "c", "d")
FOUR = stamp(dimensions=4)
NUMBER = st.integers(0, 10_000)
CHANGES = st.one_of(
    st.tuples(st.just("save"), st.sampled_from(IDS), st.sampled_from(SECTIONS), st.integers(1, 4), NUMBER),
    st.tuples(st.just("delete"), st.sampled_from(IDS)),
    st.tuples(st.just("restore"), st.sampled_from(IDS)),
    st.tuples(st.just("move"), st.sampled_from(IDS), st.sampled_from(SECTIONS)),
    st.tuples(st.just("bare"), st.sampled_from(IDS)),
    st.tuples(st.just("sync")),
    st.tuples(st.just("sync")),
)


def made(script_id: str, section: str, passages: int, seed: int) -> Record:
    return bare_record(script_id, np.random.default_rng(seed).normal(size=(passages, 4)).tolist(), section)


def with_stamp(record: Record, other: Stamp) -> Record:
    return replace(
        record, vectors=replace(record.vectors, stamp=other), digest=f"{record.digest}-{other.recipe_digest}"
    )


def changed(records: dict[str, Record], binned: dict[str, Record], change: tuple) -> dict[str, Record]:
    what, script_id, *rest = (*change, "")
    present = records.get(script_id)
    new = present
    if what == "save":
        new = made(script_id, *rest[:3])
    elif what == "restore":
        new = present or binned.pop(script_id, None)
    elif present is None:
        return records
    elif what == "delete":
        binned[script_id], new = present, None
    elif what == "move":
        new = replace(present, script=replace(present.script, section=rest[0]))
    elif what == "bare":
        new = Record(present.script, None, "It has no vectors yet.", f"bare-{present.digest}")
    return {name: record for name, record in {**records, script_id: new}.items() if record is not None}


def run(index: VectorIndex, changes: list[tuple]) -> Catalogue:
    records: dict[str, Record] = {}
    binned: dict[str, Record] = {}
    for change in changes:
        records = changed(records, binned, change)
        if change[0] == "sync":
            sync(Catalogue(records), index, SECTIONS, FOUR)
    sync(Catalogue(records), index, SECTIONS, FOUR)
    return Catalogue(records)


def assert_same(index: VectorIndex, fresh: VectorIndex, *, bits: bool) -> None:
    vector = np.array([1, -2, 3, 0.5], np.float32)
    for section in SECTIONS:
        assert dict(index.digests(section)) == dict(fresh.digests(section))
        assert index.count(section) == fresh.count(section)
        one, other = index.score(section, vector), fresh.score(section, vector)
        assert one.scripts == other.scripts
        assert one.starts.tolist() == other.starts.tolist()
        np.testing.assert_allclose(one.passage_distances, other.passage_distances, rtol=0, atol=0 if bits else 1e-6)


def assert_like_a_fresh_build(index: VectorIndex, catalogue: Catalogue, *, bits: bool) -> None:
    fresh = ExactIndex()
    sync(catalogue, fresh, SECTIONS, FOUR)
    assert_same(index, fresh, bits=bits)
    again = sync(catalogue, index, SECTIONS, FOUR)
    assert not again.changed
    assert again.unchanged == sum(r.vectors is not None for r in catalogue.records.values())
    assert all(in_sync(catalogue, index, section, FOUR) for section in SECTIONS)


@given(st.lists(CHANGES, max_size=25))
@settings(max_examples=150, deadline=None)
def test_any_sequence_of_changes_ends_like_a_fresh_build(changes: list[tuple]) -> None:
    index = ExactIndex()
    assert_like_a_fresh_build(index, run(index, changes), bits=True)


@given(st.lists(CHANGES, max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_sequence_of_changes_ends_like_a_fresh_build_in_chroma(changes: list[tuple]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = ChromaIndex(Path(folder), DEFAULT_POLICY.card)
        catalogue = run(index, changes)
        assert_like_a_fresh_build(index, catalogue, bits=False)
        index.close()
        index = ChromaIndex(Path(folder), DEFAULT_POLICY.card)
        assert_like_a_fresh_build(index, catalogue, bits=False)
        for section in SECTIONS:
            assert index.prove(section, list(wanted(catalogue, section, FOUR).records.values())) == []
        index.close()


def test_what_it_did_by_hand() -> None:
    index = ExactIndex()
    one, two, three = (made(name, "induction", 2, seed) for seed, name in enumerate("abc"))
    report = sync(Catalogue({"a": one, "b": two}), index, SECTIONS, FOUR)
    assert (report.upserted, report.deleted, report.unchanged, report.changed) == (2, 0, 0, True)
    edited = made("b", "induction", 3, 9)
    report = sync(Catalogue({"b": edited, "c": three}), index, SECTIONS, FOUR)
    assert (report.upserted, report.deleted, report.unchanged) == (2, 1, 0)
    report = sync(Catalogue({"b": edited, "c": three}), index, SECTIONS, FOUR)
    assert (report.upserted, report.deleted, report.unchanged, report.changed) == (0, 0, 2, False)


def test_records_of_another_recipe_are_left_out_with_the_reason() -> None:
    foreign = with_stamp(made("b", "induction", 1, 2), stamp("ada", 4))
    prepared = with_stamp(made("c", "induction", 1, 3), replace(FOUR, recipe_digest="other"))
    bare = Record(made("d", "induction", 1, 4).script, None, "It has no vectors yet.", "x")
    catalogue = Catalogue({"a": made("a", "induction", 1, 1), "b": foreign, "c": prepared, "d": bare})
    index = ExactIndex()
    report = sync(catalogue, index, SECTIONS, FOUR)
    assert report.left_out == {
        "b": "Its vectors were made by ada, those of the collection by tiny.",
        "c": "Its text was prepared in another way than that of the collection.",
        "d": "It has no vectors yet.",
    }
    assert set(index.digests("induction")) == {"a"}


def test_one_record_of_the_preferred_recipe_does_not_empty_its_section() -> None:
    ada = stamp("ada", 4)
    records = [made("a", "induction", 1, 1), *(with_stamp(made(name, "induction", 1, 1), ada) for name in "bc")]
    want = wanted(Catalogue({r.script.id: r for r in records}), "induction", FOUR)
    assert want.stamp == ada
    assert set(want.records) == {"b", "c"}
    assert want.left_out == {"a": "Its vectors were made by tiny, those of the collection by ada."}


def test_where_no_record_has_the_preferred_recipe_the_most_frequent_is_taken() -> None:
    ada, bee = stamp("ada", 4), stamp("bee", 4)
    records = [with_stamp(made(name, "induction", 1, 1), s) for name, s in zip("abc", (bee, ada, ada), strict=True)]
    want = wanted(Catalogue({r.script.id: r for r in records}), "induction", FOUR)
    assert want.stamp == ada
    assert set(want.records) == {"b", "c"}
    assert wanted(Catalogue({}), "induction", FOUR).stamp == FOUR


def test_a_collection_of_another_recipe_is_not_mixed_but_named_for_a_rebuild() -> None:
    index = ExactIndex()
    old = [made(name, "induction", 1, 1) for name in "ab"]
    sync(Catalogue({r.script.id: r for r in old}), index, SECTIONS, FOUR)
    ada = stamp("ada", 4)
    new = Catalogue({r.script.id: with_stamp(r, ada) for r in old})
    report = sync(new, index, SECTIONS, ada)
    assert report.to_rebuild == ("induction",)
    assert index.stamp("induction") == FOUR
    assert not in_sync(new, index, "induction", ada)
    fresh = ExactIndex()
    assert sync(new, fresh, SECTIONS, ada).to_rebuild == ()


def test_a_row_without_a_digest_is_never_in_sync() -> None:
    record = made("a", "induction", 1, 1)
    index = ExactIndex()
    index.apply("induction", FOUR, [replace(record, digest="")], [])
    assert not in_sync(Catalogue({"a": record}), index, "induction", FOUR)
    assert sync(Catalogue({"a": record}), index, SECTIONS, FOUR).upserted == 1
