"""What every index must do, run over each of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.model_digest import Stamp
from services.errors import IndexBroken
from services.indexes import chroma
from services.indexes.chroma import ChromaIndex
from services.indexes.exact import ExactIndex
from services.ports import VectorIndex
from services.vectors import DEFAULT_POLICY
from tests.contracts.indexing import EAST, NORTH, NORTHEAST, SOUTH, TWO, WEST, S, asked, put, scores
from tests.doubles import bare_record, other_preparation, stamp

Make = Callable[[], VectorIndex]


@pytest.fixture(params=["exact", "chroma", "chroma-graph"])
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    made: list[VectorIndex] = []
    if request.param == "chroma-graph":
        # As in a section too large for the exact answer.
        monkeypatch.setattr(chroma, "EXACT_UP_TO", 0)

    def fresh() -> VectorIndex:
        folder = tmp_path / f"chroma-{len(made)}"
        made.append(ExactIndex() if request.param == "exact" else ChromaIndex(folder, DEFAULT_POLICY.card))
        return made[-1]

    yield fresh
    for index in made:
        index.close()


@pytest.fixture
def index(make: Make) -> VectorIndex:
    return make()


def test_distances_are_one_minus_the_cosine(index: VectorIndex) -> None:
    put(
        index,
        bare_record("e", [EAST]),
        bare_record("n", [NORTH]),
        bare_record("w", [WEST]),
        bare_record("ne", [NORTHEAST]),
    )
    # cos 45 degrees = 0.70711
    assert scores(index, *EAST) == {"e": 0, "n": 1, "ne": 0.29289, "w": 2}


def test_a_script_is_as_near_as_its_nearest_passage(index: VectorIndex) -> None:
    put(index, bare_record("a", [WEST, NORTH, EAST]), bare_record("b", [NORTH, WEST]))
    found = index.score(S, asked(*EAST))
    assert found.scripts == ("a", "b")
    assert found.distances.tolist() == pytest.approx([0, 1], abs=1e-6)
    assert [found.nearest_passage(i) for i in (0, 1)] == [2, 0]
    assert found.starts.tolist() == [0, 3]


def test_nearest_comes_nearest_first_and_names_the_passage(index: VectorIndex) -> None:
    put(index, bare_record("a", [WEST, NORTHEAST]), bare_record("b", [EAST]))
    found = index.nearest(S, asked(*EAST), 2)
    assert [(hit.script, hit.ordinal) for hit in found] == [("b", 0), ("a", 1)]
    assert [hit.distance for hit in found] == pytest.approx([0, 0.29289], abs=1e-5)


def test_more_asked_for_than_there_is(index: VectorIndex) -> None:
    put(index, bare_record("a", [EAST, WEST]))
    assert len(index.nearest(S, asked(*EAST), 100)) == 2
    assert index.nearest(S, asked(*EAST), 0) == []


def test_nearest_and_score_agree(index: VectorIndex) -> None:
    rng = np.random.default_rng(7)
    put(index, *(bare_record(f"s{i}", rng.normal(size=(3, 16)).tolist()) for i in range(40)))
    vector = rng.normal(size=16).astype(np.float32)
    near: dict[str, float] = {}
    for hit in index.nearest(S, vector, 120):
        near.setdefault(hit.script, hit.distance)
    whole = index.score(S, vector)
    assert dict(zip(whole.scripts, whole.distances.tolist(), strict=True)) == pytest.approx(near, abs=1e-5)
    ordered = [whole.scripts[i] for i in np.argsort(whole.distances, kind="stable")]
    assert list(near) == ordered


def test_lengths_of_vectors_do_not_matter(make: Make) -> None:
    long, plain = make(), make()
    put(long, bare_record("a", [(30, 40)]), bare_record("b", [(0.001, 0)]))
    put(plain, bare_record("a", [(0.6, 0.8)]), bare_record("b", [EAST]))
    assert scores(long, 1000, 0) == scores(plain, *EAST) == {"a": 0.4, "b": 0}


def test_one_dimension(index: VectorIndex) -> None:
    put(index, bare_record("plus", [[2.0]]), bare_record("minus", [[-0.5]]))
    assert scores(index, 3.0) == {"minus": 2, "plus": 0}
    assert [hit.script for hit in index.nearest(S, asked(3.0), 2)] == ["plus", "minus"]


def test_nothing_in_a_section_is_an_empty_answer(index: VectorIndex) -> None:
    assert index.stamp(S) is None
    assert dict(index.digests(S)) == {}
    assert index.count(S) == 0
    assert index.score(S, asked(*EAST)).scripts == ()
    assert index.score(S, asked(*EAST)).distances.tolist() == []
    assert index.nearest(S, asked(*EAST), 5) == []
    assert index.prove(S, []) == []


def test_an_emptied_section_answers_the_same_way(index: VectorIndex) -> None:
    put(index, bare_record("a", [EAST]))
    put(index, deletes=("a",))
    assert dict(index.digests(S)) == {}
    assert index.count(S) == 0
    assert scores(index, *EAST) == {}
    assert index.nearest(S, asked(*EAST), 5) == []


def test_sections_are_apart_also_where_their_names_are_short(index: VectorIndex) -> None:
    put(index, bare_record("a", [EAST], "b"), section="b")
    put(index, bare_record("x", [WEST]), section=S)
    assert scores(index, *EAST, section="b") == {"a": 0}
    assert scores(index, *EAST) == {"x": 2}


def test_digests_stamp_and_count_say_what_is_there(index: VectorIndex) -> None:
    one, two = bare_record("one", [EAST, WEST]), bare_record("two", [NORTH])
    put(index, one, two)
    assert dict(index.digests(S)) == {"one": one.digest, "two": two.digest}
    assert index.stamp(S) == TWO
    assert index.count(S) == 3
    assert index.prove(S, [one, two]) == []


@pytest.mark.parametrize("passages", [1, 2, 5], ids=["fewer", "as-many", "more"])
def test_a_replaced_record_leaves_none_of_its_old_passages(index: VectorIndex, passages: int) -> None:
    put(index, bare_record("one", [EAST, EAST]), bare_record("two", [NORTH]))
    new = bare_record("one", [WEST] * passages)
    put(index, new)
    assert index.count(S) == passages + 1
    assert scores(index, *EAST) == {"one": 2, "two": 1}
    assert index.digests(S)["one"] == new.digest
    assert {hit.script for hit in index.nearest(S, asked(*EAST), 1)} == {"two"}


def test_deletes_and_upserts_in_one_go(index: VectorIndex) -> None:
    put(index, bare_record("one", [EAST]), bare_record("two", [NORTH]))
    put(index, bare_record("three", [SOUTH]), deletes=("one", "never-there"))
    assert set(index.digests(S)) == {"two", "three"}
    assert index.count(S) == 2


def test_the_order_of_writing_does_not_show(make: Make) -> None:
    one, other = make(), make()
    records = [bare_record(name, [EAST, (i, 1)]) for i, name in enumerate(("c", "a", "b"))]
    put(one, *records)
    for record in reversed(records):
        put(other, record)
    assert one.score(S, asked(*EAST)).scripts == other.score(S, asked(*EAST)).scripts == ("a", "b", "c")
    np.testing.assert_array_equal(
        one.score(S, asked(2, 3)).passage_distances, other.score(S, asked(2, 3)).passage_distances
    )


@pytest.mark.parametrize(
    "other",
    [stamp("other-model", 2), other_preparation(TWO), replace(TWO, dimensions=3)],
    ids=["model", "preparation", "dimensions"],
)
def test_vectors_of_another_recipe_do_not_join(index: VectorIndex, other: Stamp) -> None:
    put(index, bare_record("one", [EAST]))
    new = bare_record("two", [EAST])
    with pytest.raises(IndexBroken) as caught:
        index.apply(S, other, [replace(new, vectors=replace(new.vectors, stamp=other))], [])
    assert f"'{S}' holds vectors of another recipe" in caught.value.cause
    assert caught.value.next_step
    assert index.stamp(S) == TWO
    assert set(index.digests(S)) == {"one"}


def test_an_emptied_or_wholly_replaced_section_may_take_another_recipe(index: VectorIndex) -> None:
    put(index, bare_record("one", [EAST]))
    wide = stamp("wide", 3)
    new = bare_record("two", [(0, 0, 1)])
    index.apply(S, wide, [replace(new, vectors=replace(new.vectors, stamp=wide))], ["one"])
    assert index.stamp(S) == wide
    assert scores(index, 0, 0, 5) == {"two": 0}
    again = bare_record("two", [EAST])
    index.apply(S, TWO, [again], [])
    assert index.stamp(S) == TWO
    assert scores(index, *EAST) == {"two": 0}
    assert dict(index.digests(S)) == {"two": again.digest}


def test_any_writing_is_kept(index: VectorIndex) -> None:
    text = "Atme 深呼吸 🙂 \u2028 and\n\n\u0645\u0631\u062d\u0628\u0627 \U0010ffff"
    record = bare_record("one", [EAST, NORTH], text=text, title="Ünïcödé 'quoted'")
    put(index, record)
    assert dict(index.digests(S)) == {"one": record.digest}
    assert index.prove(S, [record]) == []


def test_more_passages_than_one_batch_takes(index: VectorIndex) -> None:
    rng = np.random.default_rng(3)
    records = [bare_record(f"s{i:03}", rng.normal(size=(60, 4)).tolist()) for i in range(100)]
    put(index, *records)
    assert index.count(S) == 6_000
    assert dict(index.digests(S)) == {r.script.id: r.digest for r in records}
    vector = records[42].vectors.values[17]
    assert index.nearest(S, vector, 1)[0].script == "s042"
    assert index.score(S, vector).distances.argmin() == 42
    index.apply(S, records[0].vectors.stamp, [], [r.script.id for r in records])
    assert index.count(S) == 0
