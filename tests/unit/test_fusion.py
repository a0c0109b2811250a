"""Fusion by hand: distances of scripts, ranks, reciprocal ranks, variety, and scores that every tool orders alike."""

import numpy as np
import pytest

from services.domain import fusion
from services.domain.methods import Nearest, Passages

INF = np.inf
# Three scripts: a card and two bodies; a card alone; a body alone.
STARTS = np.array([0, 3, 4])
CARDS = np.array([True, False, False, True, False])
PASSAGES = np.array([0.5, 0.2, 0.8, 0.3, 0.9], np.float32)


@pytest.mark.parametrize(
    ("passages", "nearest", "wanted"),
    [
        (Passages.BOTH, Nearest.BEST, [0.2, 0.3, 0.9]),
        # A third of 0.5 + 0.2 + 0.8.
        (Passages.BOTH, Nearest.MEAN, [0.5, 0.3, 0.9]),
        (Passages.CARD, Nearest.BEST, [0.5, 0.3, INF]),
        (Passages.CARD, Nearest.MEAN, [0.5, 0.3, INF]),
        (Passages.BODY, Nearest.BEST, [0.2, INF, 0.9]),
        # Half of 0.2 + 0.8.
        (Passages.BODY, Nearest.MEAN, [0.5, INF, 0.9]),
        (Passages.START, Nearest.BEST, [0.2, 0.3, 0.9]),
    ],
)
def test_the_distance_of_a_script_is_that_of_its_passages(
    passages: Passages, nearest: Nearest, wanted: list[float]
) -> None:
    found = fusion.script_distances(PASSAGES, STARTS, CARDS, passages, nearest)
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx(wanted)
    two = fusion.script_distances(np.stack([PASSAGES, PASSAGES]), STARTS, CARDS, passages, nearest)
    assert two.tolist() == [found.tolist()] * 2


def test_no_scripts_have_no_distances() -> None:
    none = fusion.script_distances(np.zeros((2, 0), np.float32), np.zeros(0, np.int64), np.zeros(0, bool))
    assert none.shape == (2, 0)


def test_ranks_rise_with_the_value_and_ties_are_in_order() -> None:
    values = np.array([[0.3, -2.0, 0.3, INF, 0.0], [1.0, 1.0, 1.0, 1.0, -0.0]], np.float32)
    assert fusion.ranks(values).tolist() == [[3, 1, 4, 0, 2], [2, 3, 4, 5, 1]]


def test_reciprocal_rank_fusion_by_hand() -> None:
    # Ranks: 1, 2, none, 3 and none, 1, 2, none.
    dense = np.array([0.1, 0.2, INF, 0.3], np.float32)
    words = np.array([INF, -9.0, -5.0, INF], np.float32)
    found = fusion.reciprocal([(dense, 1.0), (words, 0.5)])
    assert found.tolist() == pytest.approx([1 / 61, 1 / 62 + 0.5 / 61, 0.5 / 62, 1 / 63], rel=1e-6)
    assert fusion.reciprocal([(dense, 0.0), (words, 2.0)]).tolist() == pytest.approx([0, 2 / 61, 2 / 62, 0], rel=1e-6)


def test_scripts_that_swap_ranks_are_level() -> None:
    one, other = np.array([0.1, 0.2], np.float32), np.array([0.2, 0.1], np.float32)
    found = fusion.reciprocal([(one, 1.0), (other, 1.0)])
    assert found[0] == found[1]


# Candidates 0 and 1 say the same, 2 is of another kind, 3 is opposite to all.
ALIKE = np.array([[1, 0.9, 0.1, -1], [0.9, 1, 0.2, -1], [0.1, 0.2, 1, -1], [-1, -1, -1, 1]], np.float32)
RELEVANCE = np.array([0.8, 0.7, 0.5, 0.1], np.float32)


@pytest.mark.parametrize(
    ("variety", "order", "values"),
    [
        (0.0, [0, 1, 2, 3], [0.8, 0.7, 0.5, 0.1]),
        # 0.4; then 0.25 - 0.05 against 0.35 - 0.45 and 0.05 - 0; then 0.05 - 0 against -0.1.
        (0.5, [0, 2, 3, 1], [0.4, 0.2, 0.05, -0.1]),
        # Only likeness counts: the first, then the opposite at 0, then 0.1 against 0.9.
        (1.0, [0, 3, 2, 1], [0, 0, -0.1, -0.9]),
    ],
)
def test_marginal_relevance_by_hand(variety: float, order: list[int], values: list[float]) -> None:
    found, scores = fusion.marginal(RELEVANCE, ALIKE, variety)
    assert found.tolist() == order
    assert scores.tolist() == pytest.approx(values)
    both, _ = fusion.marginal(np.stack([RELEVANCE, RELEVANCE]), np.stack([ALIKE, ALIKE]), variety)
    assert both.tolist() == [order, order]


def test_candidates_that_are_none_stay_behind() -> None:
    found, _ = fusion.marginal(np.array([0.8, 0.7, -INF, -INF], np.float32), ALIKE, 1.0)
    assert found.tolist() == [0, 1, 2, 3]


def test_scores_fall_strictly_as_float32() -> None:
    one = np.float32(1)
    below = np.nextafter(one, np.float32(0))
    again = np.nextafter(below, np.float32(0))
    given = np.array([[1, 1, 1, 0.5], [3, 2, 2.5, 0]], np.float32)
    found = fusion.falling(given)
    two = np.nextafter(np.float32(2), np.float32(0))
    assert found.tolist() == [[1.0, float(below), float(again), 0.5], [3, 2, float(two), 0]]


def test_scores_fall_through_zero_and_below() -> None:
    smallest = np.nextafter(np.float32(0), np.float32(-1))
    found = fusion.falling(np.array([0.0, -0.0, 0.0, -1.0, -1.0], np.float32))
    wanted = [0.0, smallest, np.nextafter(smallest, np.float32(-1)), -1.0, np.nextafter(np.float32(-1), np.float32(-2))]
    assert found.tolist() == [float(w) for w in wanted]
    assert (np.diff(found) < 0).all()
    assert fusion.falling(np.zeros((2, 0), np.float32)).shape == (2, 0)


def test_any_sort_by_score_finds_the_order_again() -> None:
    random = np.random.default_rng(3)
    scores = fusion.falling(np.sort(random.integers(-4, 4, (50, 100)) / 8, axis=1)[:, ::-1].astype(np.float32))
    shuffled = random.permutation(100)
    found = shuffled[np.argsort(-scores[:, shuffled], axis=1)]
    assert (found == np.arange(100)).all()
