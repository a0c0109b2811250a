"""Pictures: the two strongest directions, one laid over another, points of one place side by side."""

import numpy as np
import pytest

from services.domain.planes import (
    RADIUS,
    as_high_as_wide,
    laid_over,
    radius,
    scaled,
    side_by_side,
    strongest,
    with_extent,
)


def test_the_strongest_direction_lies_along_and_signs_are_fixed() -> None:
    # 9 along the third axis, 1 along the first, nothing along the second.
    rows = np.array([[1, 0, 9], [-1, 0, 9], [1, 0, -9], [-1, 0, -9]], np.float32)
    placed = strongest(rows)
    # Root mean square of the distances is sqrt(82), which becomes 5.
    np.testing.assert_allclose(placed, rows[:, [2, 0]] * (5 / np.sqrt(82)), atol=1e-5)
    np.testing.assert_array_equal(strongest(rows[::-1]), placed[::-1])


@pytest.mark.parametrize("count", [5, 60])
@pytest.mark.parametrize("seed", range(4))
def test_the_largest_loading_of_each_direction_is_positive(count: int, seed: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32)
    loadings = np.linalg.pinv(rows - rows.mean(axis=0)) @ strongest(rows)
    assert (loadings[np.abs(loadings).argmax(axis=0), [0, 1]] > 0).all()


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_few_rows_and_many_have_places_of_the_same_size(count: int) -> None:
    rows = np.random.default_rng(1).standard_normal((count, 8)).astype(np.float32)
    placed = strongest(rows)
    assert placed.shape == (count, 2)
    size = float(np.sqrt((placed**2).sum(axis=1).mean()))
    assert size == pytest.approx(RADIUS if count > 1 else 0, abs=1e-4)


def test_no_rows_and_rows_without_any_difference_have_places_too() -> None:
    assert strongest(np.zeros((0, 8), np.float32)).shape == (0, 2)
    assert scaled(np.ones((4, 2), np.float32)).tolist() == [[0, 0]] * 4


def test_a_picture_turned_mirrored_scaled_and_shifted_lies_on_its_original() -> None:
    fixed = np.array([[0, 0], [4, 0], [4, 2], [1, 5]], np.float32)
    angle, rows = 0.7, np.arange(4)
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])  # mirrors too
    moving = (3 * fixed @ turn + [7, -2]).astype(np.float32)
    np.testing.assert_allclose(laid_over(moving, fixed, rows, rows), fixed, atol=1e-5)


def test_rows_are_matched_and_the_others_follow() -> None:
    fixed = np.array([[0, 0], [2, 0], [2, 2], [0, 2]], np.float32)
    moving = np.array([[9, 9], [0, 0], [0, 1], [1, 1], [1, 0]], np.float32)
    moved = laid_over(moving, fixed, np.arange(1, 5), np.arange(4))
    np.testing.assert_allclose(moved[1:], fixed, atol=1e-5)
    # As far from the first as before, with the scale of 2.
    assert np.linalg.norm(moved[0] - moved[1]) == pytest.approx(2 * np.sqrt(162), abs=1e-3)


@pytest.mark.parametrize("common", [2, 3])
def test_with_two_or_three_rows_in_common_a_picture_is_turned_and_keeps_its_size(common: int) -> None:
    fixed = np.array([[0, 0], [0.02, 0], [0.02, 0.02]], np.float32)
    moving = np.array([[0, 0], [0, 2], [2, 2], [9, 9]], np.float32)
    rows = np.arange(common)
    moved = laid_over(moving, fixed, rows, rows)
    for one, other in ((0, 1), (0, 3), (2, 3)):
        before, after = (np.linalg.norm(some[one] - some[other]) for some in (moving, moved))
        assert after == pytest.approx(before, rel=1e-5)
    # On their common middle, along the first edge of the other.
    np.testing.assert_allclose(moved[:common].mean(axis=0), fixed[:common].mean(axis=0), atol=1e-6)
    assert (moved[1] - moved[0])[0] == pytest.approx(2, abs=1e-5)


def test_pictures_that_have_little_in_common_do_not_shrink() -> None:
    random = np.random.default_rng(2)
    one, other = (random.standard_normal((200, 2)).astype(np.float32) for _ in range(2))
    rows = np.arange(200)
    moved = laid_over(one, other, rows, rows)
    assert np.std(moved, axis=0).sum() == pytest.approx(np.std(other, axis=0).sum(), rel=0.05)


def test_with_one_row_in_common_a_picture_is_shifted_and_with_none_it_stays() -> None:
    moving = np.array([[1, 1], [2, 3]], np.float32)
    one, none = np.array([0]), np.zeros(0, np.int64)
    assert laid_over(moving, np.zeros((1, 2), np.float32), one, one).tolist() == [[0, 0], [1, 2]]
    assert laid_over(moving, np.zeros((1, 2), np.float32), none, none) is moving


def test_the_radius_of_a_picture() -> None:
    # Around (1, 2): the root of (2 * 9 + 2 * 16) / 4.
    corners = np.array([[4, 2], [-2, 2], [1, 6], [1, -2]], np.float32)
    assert radius(corners) == pytest.approx(12.5**0.5, abs=1e-6)
    assert radius(corners[:0]) == radius(corners[:1]) == 0


def test_many_of_one_place_fill_no_more_than_a_tenth_of_the_picture() -> None:
    others = np.array([[3, 4], [-3, -4], [3, -4], [-3, 4]] * 100, np.float32)
    names = ["same"] * 500 + [f"{number}" for number in range(400)]
    moved = side_by_side(np.concatenate([np.zeros((500, 2), np.float32), others]), names)
    # The others are 5 from the middle: a radius of the root of 400 * 25 / 900, which is 3.333.
    far = np.linalg.norm(moved[:500], axis=1)
    assert far.max() == pytest.approx(0.3333, abs=1e-3)
    assert len(np.unique(moved[:500], axis=0)) == 500
    np.testing.assert_array_equal(moved[500:], others)


@pytest.mark.parametrize("count", [2, 5, 40])
def test_points_of_one_place_stand_side_by_side_around_it(count: int) -> None:
    positions = np.concatenate([np.full((count, 2), 3), [[10, 10], [-10, 10]]]).astype(np.float32)
    moved = side_by_side(positions, ["same"] * count + ["one", "other"])
    np.testing.assert_array_equal(moved[count:], positions[count:])
    apart = np.linalg.norm(moved[:count, np.newaxis] - moved[np.newaxis, :count], axis=2)
    size = float(np.sqrt(((positions - positions.mean(axis=0)) ** 2).sum(axis=1).mean()))
    assert apart[~np.eye(count, dtype=bool)].min() > 0.01 * size
    np.testing.assert_allclose(moved[:count].mean(axis=0), [3, 3], atol=0.1)


def test_all_in_one_place_stand_in_a_circle() -> None:
    moved = side_by_side(np.zeros((4, 2), np.float32), ["same"] * 4)
    lengths = np.linalg.norm(moved, axis=1)
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)
    assert lengths[0] > 0.05


def test_points_of_one_place_can_be_put_in_its_middle() -> None:
    positions = np.array([[0, 0], [2, 0], [5, 5]], np.float32)
    assert side_by_side(positions, ["same", "same", "other"], apart=0).tolist() == [[1, 0], [1, 0], [5, 5]]


def test_a_long_picture_is_turned_until_it_is_as_high_as_it_is_wide() -> None:
    # The corners of 8 by 2, turned by 45 degrees, are 10 / sqrt(2) apart across and up.
    corners = np.array([[0, 0], [8, 0], [8, 2], [0, 2]], np.float32)
    turned = as_high_as_wide(corners)
    np.testing.assert_allclose(np.ptp(turned, axis=0), [10 / np.sqrt(2)] * 2, atol=1e-4)
    # As a whole, and not mirrored.
    every = np.arange(4)
    np.testing.assert_allclose(laid_over(turned, corners, every, every), corners, atol=1e-5)
    assert np.linalg.det(np.stack([turned[1] - turned[0], turned[2] - turned[0]])) == pytest.approx(16, abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_every_picture_can_be_turned_so(seed: int) -> None:
    random = np.random.default_rng(seed)
    picture = (random.standard_normal((30, 2)) * [5, seed] + 7).astype(np.float32)
    across, up = np.ptp(as_high_as_wide(picture), axis=0)
    assert across == pytest.approx(up, rel=1e-4)
    assert across > 0


def test_what_has_no_extent_stays() -> None:
    assert as_high_as_wide(np.zeros((3, 2), np.float32)).tolist() == [[0, 0]] * 3
    assert as_high_as_wide(np.zeros((0, 2), np.float32)).shape == (0, 2)


def test_a_line_has_an_extent_across_and_stays_as_it_is_along() -> None:
    line = np.array([[0, 3], [1, 3], [2, 3]], np.float32)
    wide = with_extent(line, 1)
    np.testing.assert_array_equal(wide[:, 0], line[:, 0])
    assert 0 < np.ptp(wide[:, 1]) < 0.1
    np.testing.assert_array_equal(with_extent(line, 1), wide)
    apart = np.array([[0, 3], [1, 4]], np.float32)
    np.testing.assert_array_equal(with_extent(apart, 1), apart)
