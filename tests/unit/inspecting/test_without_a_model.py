"""What is seen of vectors without asking any model."""

import json

import numpy as np
import pytest

from services.domain.model_digest import State
from services.inspect.looks import mean_cosine
from tests.unit.inspecting.spaces import ONE, collection, look_at, only, said, texts


def bare(vectors, *, distance="cosine", documents=None):
    vectors = np.asarray(vectors, np.float32)
    return only(collection(documents or texts(len(vectors)), vectors, distance=distance), models=[])


def test_unit_vectors_rank_alike_under_every_distance() -> None:
    found = bare([(0.6, 0.8), (1, 0)], distance="l2")
    assert found.normalised is True
    assert said(found, "length") == "All vectors have unit length: l2, ip and cosine rank alike."


@pytest.mark.parametrize(("distance", "minds"), [("l2", True), ("ip", True), ("cosine", False), ("", False)])
def test_other_lengths_are_a_finding_where_the_distance_minds(distance: str, *, minds: bool) -> None:
    found = bare([(3, 4), (0, 2)], distance=distance)
    assert found.normalised is False
    (finding,) = [finding for finding in found.findings if finding.kind == "length"]
    assert finding.text.startswith("Vectors are not of unit length (2 to 5)")
    assert finding.attention is minds


def test_vectors_that_are_missing_nan_infinite_or_zero_are_counted() -> None:
    documents = texts(6)
    vectors = ONE.embed_documents(documents)
    vectors[1], vectors[2, 3], vectors[3, 0], vectors[4] = np.nan, np.nan, np.inf, 0
    found = look_at(collection(documents, vectors), models=[ONE])
    (scripts,) = found.collections
    assert (scripts.state, scripts.comparisons[0].compared) == (State.MATCH, 2)
    assert "3 rows without a vector, or with one that is not all finite numbers" in said(scripts, "vectors")
    assert "row-1, row-2, row-3" in said(scripts, "vectors")
    assert "1 row whose vector is zero throughout" in said(scripts, "vectors")
    assert found.attention
    json.dumps(found.as_json(), allow_nan=False)


def test_no_usable_vector_at_all() -> None:
    found = bare(np.full((3, 2), np.nan))
    assert (found.state, found.normalised) == (State.UNVERIFIED, None)


def test_duplicates_are_counted_with_examples() -> None:
    found = bare(
        [(1, 0), (0, 1), (1, 0), (0.6, 0.8), (0.8, 0.6), (1, 0)], documents=["a b", "c d", "a b", "e f", " a b ", "g h"]
    )
    told = said(found, "duplicates")
    assert "2 rows (33.3%) repeat the text of another: row-0 = row-2." in told
    assert "2 rows (33.3%) repeat the vector of another: row-0 = row-2. Of 1 such groups the texts differ" in told


def test_bunching_is_the_mean_cosine_of_different_vectors() -> None:
    corner = np.eye(12)
    assert mean_cosine(collection(texts(12), corner)[1][1]) == pytest.approx(0, abs=1e-7)
    # (1, e_i / 10) for twelve axes: each pair has the cosine 1 / (1 + 0.01) = 0.990099.
    near = np.hstack([np.ones((12, 1)), corner / 10])
    assert mean_cosine(collection(texts(12), near)[1][1]) == pytest.approx(1 / 1.01, abs=1e-6)
    assert mean_cosine(collection(texts(9), near[:9])[1][1]) is None
    found = bare(near)
    assert "mean cosine of two different ones is 0.990" in said(found, "bunching")
    assert said(bare(corner), "bunching") == ""
    assert said(bare(np.repeat(near[:1], 50, axis=0)), "bunching") == ""
