"""What is placed: of each script the direction of the mean of its passages."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.scripts import Record
from services.map import points as gathering_module
from services.map.points import Gathering, points_of
from tests.doubles import bare_record, script, stamp

STAMP = stamp(dimensions=2)


def records(**vectors: list[list[float]]) -> dict[str, Record]:
    return {name: bare_record(name, values) for name, values in vectors.items()}


def test_passages_count_alike_however_long_their_vectors_are() -> None:
    points = points_of(records(one=[[8, 0], [0, 0.5]], two=[[0, 3]]), STAMP)
    np.testing.assert_allclose(points.vectors, [[np.sqrt(0.5), np.sqrt(0.5)], [0, 1]], atol=1e-6)
    assert (points.scripts, points.model_digest, points.left_out) == (("one", "two"), STAMP.model_digest, {})


def test_a_digest_is_of_the_vectors_alone() -> None:
    before = points_of(records(one=[[1, 0]], two=[[1, 0]], three=[[1, 1]]), STAMP).digests
    assert before[0] == before[1] != before[2]
    assert points_of(records(four=[[9, 0]]), STAMP).digests == before[:1]


def test_scripts_without_a_place_are_told_with_the_reason() -> None:
    odd = records(none=[[1, 0]], nan=[[np.nan, 1]], zero=[[1, 0], [-1, 0]], wide=[[1, 0, 0]], fine=[[0, 1]])
    odd["none"] = replace(odd["none"], vectors=None, vectors_problem="It was never embedded.")
    odd["fresh"] = Record(script("fresh"))
    other = stamp("other", 2)
    odd["other"] = replace(odd["fine"], vectors=replace(odd["fine"].vectors, stamp=other))
    points = points_of(odd, STAMP)
    assert points.scripts == ("fine",)
    # ``wide`` is of three numbers, which makes another model of it.
    assert {k: v for k, v in points.left_out.items() if k != "wide"} == {
        "none": "It was never embedded.",
        "nan": "Its vectors hold something that is no number.",
        "zero": "Its vectors point nowhere: they cancel each other out.",
        "fresh": "It has no vectors yet.",
        "other": "Its vectors are of another model, other.",
    }
    assert "wide" in points.left_out


def test_vectors_of_the_model_with_another_number_of_numbers_are_left_out() -> None:
    wrong = records(one=[[1, 0]])
    wrong["one"] = replace(wrong["one"], vectors=replace(wrong["one"].vectors, values=np.ones((1, 3), np.float32)))
    assert points_of(wrong, STAMP).left_out == {"one": "Its vectors have 3 numbers each."}


def test_there_may_be_none() -> None:
    assert points_of({}, STAMP).vectors.shape == (0, 2)


def test_only_what_has_changed_is_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, original = [], gathering_module._directions

    def counted(sets, dimensions):
        asked.append(len(sets))
        return original(sets, dimensions)

    monkeypatch.setattr(gathering_module, "_directions", counted)
    gathering, first = Gathering(), records(a=[[1, 0]], b=[[0, 1]], nan=[[np.nan, 0]])
    for now in (first, {**first, "b": bare_record("b", [[1, 3]])}, {"a": first["a"], "nan": first["nan"]}):
        gathering.of(now, STAMP)
    assert asked == [3, 1, 0]


def test_gathered_again_it_is_as_gathered_first() -> None:
    gathering, first = Gathering(), records(a=[[1, 0]], b=[[0, 1]], c=[[1, 1]], nan=[[np.nan, 0]])
    changes = [
        first,
        {**first, "b": bare_record("b", [[1, 3]])},
        {k: v for k, v in first.items() if k != "a"},
        {"new": bare_record("new", [[2, 1]]), **first, "c": bare_record("c", [[np.nan, 3]])},
        {},
        first,
    ]
    for now in changes:
        found, fresh = gathering.of(now, STAMP), points_of(now, STAMP)
        assert (found.scripts, found.digests, found.left_out) == (fresh.scripts, fresh.digests, fresh.left_out)
        np.testing.assert_array_equal(found.vectors, fresh.vectors)
    other = gathering.of(first, stamp("other", 2))
    assert (other.scripts, len(other.left_out)) == ((), 4)
    assert gathering.of(first, STAMP).digests == points_of(first, STAMP).digests
