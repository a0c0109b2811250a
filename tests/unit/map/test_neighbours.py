"""Who is near whom, and what of it a picture keeps."""

import numpy as np
import pytest

from services.domain import neighbours
from services.domain.neighbours import each_nearest, nearest, quality

CIRCLE = np.deg2rad([0, 10, 31, 60, 100, 150])
ROWS = np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], axis=1).astype(np.float32)


def test_the_nearest_of_each_are_itself_first() -> None:
    rows, far = each_nearest(ROWS, 3)
    # Each row's two nearest on the circle, by hand.
    assert rows.tolist() == [[0, 1, 2], [1, 0, 2], [2, 1, 3], [3, 2, 4], [4, 3, 5], [5, 4, 3]]
    assert far[0].tolist() == pytest.approx([0, 1 - np.cos(np.deg2rad(10)), 1 - np.cos(np.deg2rad(31))], abs=1e-6)
    assert (rows.dtype, far.dtype) == (np.int32, np.float32)


def test_twins_come_after_oneself() -> None:
    rows, far = each_nearest(ROWS[[0, 0, 0, 4]], 3)
    assert rows[:, 0].tolist() == [0, 1, 2, 3]
    assert far[:3].max() == pytest.approx(0, abs=1e-6)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(3).standard_normal((60, 9)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole, measured, told = each_nearest(vectors, 5), quality(vectors, vectors[:, :2]), []
    monkeypatch.setattr(neighbours, "_AT_ONCE", 7 * 60)
    parts = each_nearest(vectors, 5, lambda done, total: told.append((done, total)))
    np.testing.assert_array_equal(parts[0], whole[0])
    np.testing.assert_allclose(parts[1], whole[1], atol=1e-6)
    again = quality(vectors, vectors[:, :2])
    assert (again.trustworthiness, again.kept) == pytest.approx((measured.trustworthiness, measured.kept))
    assert told[:2] == [(0, 60), (7, 60)]


def test_among_others_the_nearest_come_first() -> None:
    rows, far = nearest(ROWS[:1], ROWS[[5, 2, 1]], 2)
    assert rows.tolist() == [[2, 1]]
    assert far[0].tolist() == pytest.approx([1 - np.cos(np.deg2rad(10)), 1 - np.cos(np.deg2rad(31))], abs=1e-6)


def test_a_picture_that_keeps_all_is_worth_1() -> None:
    found = quality(ROWS, ROWS)
    assert (found.trustworthiness, found.kept, found.neighbours, found.looked_at) == (1, 1, 2, 6)


def test_quality_by_hand() -> None:
    # On a line 0 1 2 3 4 5, shown with the first and the last exchanged; two neighbours each.
    line = np.deg2rad([0, 10, 21, 33, 46, 60])
    vectors = np.stack([np.cos(line), np.sin(line)], axis=1).astype(np.float32)
    shown = np.array([[60, 0], [10, 0], [21, 0], [33, 0], [46, 0], [0, 0]], np.float32)
    found = quality(vectors, shown)
    # True and shown: 0: 12|43. 1: 02|52. 2: 13|13 (and 1: 11, 3: 12). 3: 24|24. 4: 35|30. 5: 43|12.
    assert found.kept == pytest.approx((0 + 1 + 2 + 2 + 1 + 0) / 12)
    # Ranks beyond 2: 0 has 4 (4th) and 3 (3rd): 2 + 1. 1 has 5 (5th): 3. 4 has 0 (5th): 3. 5 has 1 (4th), 2 (3rd): 3.
    # The worst is 6 rows * 2 * (2*6 - 3*2 - 1) / 2 = 30.
    assert found.trustworthiness == pytest.approx(1 - 12 / 30)


def test_of_those_that_are_as_far_any_is_a_neighbour_kept() -> None:
    # Three groups of alike ones, each of which has 15 nearest among 19: which of these are shown nearest is chance.
    vectors = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0)
    places = 10 * vectors[:, :2] + np.random.default_rng(7).random((60, 2), np.float32)
    assert quality(vectors, places).kept == 1


@pytest.mark.parametrize(("size", "near"), [(0, None), (2, None), (3, 1), (5, 2), (40, 15)])
def test_few_scripts_have_few_neighbours(size: int, near: int | None) -> None:
    vectors = np.random.default_rng(4).standard_normal((size, 5)).astype(np.float32)
    found = quality(vectors, vectors[:, :2])
    assert (found and found.neighbours) == near


def test_many_scripts_are_measured_by_some(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(5).standard_normal((300, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = quality(vectors, vectors[:, :2])
    monkeypatch.setattr(neighbours, "_MOST_ROWS", 100)
    some = quality(vectors, vectors[:, :2])
    assert (whole.looked_at, some.looked_at) == (300, 100)
    assert some.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.03)
    assert some == quality(vectors, vectors[:, :2])


@pytest.mark.parametrize("size", [959, 960, 961, 1500, 3001])
def test_of_many_the_nearest_are_found_exactly(size: int) -> None:
    vectors = np.random.default_rng(size).standard_normal((size, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # Two clumps, so that the nearest of a row stand next to each other in one stretch too.
    vectors[100:130] = vectors[100] + 0.001 * vectors[100:130]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, far = each_nearest(vectors, 15)
    whole = np.sort(1 - vectors.astype(np.float64) @ vectors.T, axis=1)[:, :15]
    np.testing.assert_allclose(far, np.maximum(0, whole), atol=1e-6)
    assert rows[:, 0].tolist() == list(range(size))
    assert all(len(set(row)) == 15 for row in rows.tolist())


def test_among_very_many_the_nearest_are_found_exactly() -> None:
    vectors = np.random.default_rng(6).standard_normal((40_007, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _, far = nearest(vectors[:20], vectors, 5)
    whole = np.sort(1 - vectors[:20].astype(np.float64) @ vectors.T, axis=1)[:, :5]
    np.testing.assert_allclose(far, np.maximum(0, whole), atol=1e-6)
