"""Intervals and tests, by hand and against scipy's."""

import numpy as np
import pytest
import scipy.stats

from services.domain.measures import Interval
from services.domain.statistics import EXACT, bootstrap, holm, least_p, randomisation, resamples


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float64).reshape(-1, 1)


def test_two_questionnaires_are_resampled_to_all_that_two_can_be():
    # Means 0, 0.5 and 1 with probabilities 1/4, 1/2, 1/4: both ends are within a quarter.
    assert bootstrap(column(0, 1)) == (Interval(0.5, 0.0, 1.0, 2),)


def test_over_one_there_is_no_interval_and_over_none_no_mean():
    assert bootstrap(column(0.3)) == (Interval(0.3, None, None, 1),)
    assert bootstrap(np.empty((0, 2))) == (Interval(None, None, None, 0),) * 2


def test_equal_values_have_an_interval_of_that_value_to_the_last_bit():
    assert bootstrap(column(*[0.1] * 7)) == (Interval(0.1, 0.1, 0.1, 7),)


def test_all_columns_share_the_resamples():
    values = np.random.default_rng(3).random((20, 1))
    of_one, of_other = bootstrap(np.hstack([values, 1 - values]))
    assert of_one.low == pytest.approx(1 - of_other.high, abs=1e-12)
    (alone,) = bootstrap(values)
    assert (alone.low, alone.high) == pytest.approx((of_one.low, of_one.high), abs=1e-12)


def test_an_interval_is_that_of_scipy_within_the_error_of_chance():
    values = np.random.default_rng(1).beta(2, 3, 40)
    (found,) = bootstrap(values.reshape(-1, 1))
    theirs = scipy.stats.bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(5))
    # A percentile of 10,000 resamples is known to 0.03 of their standard deviation.
    allowed = 5 * 0.03 * theirs.standard_error
    assert found.low == pytest.approx(theirs.confidence_interval.low, abs=allowed)
    assert found.high == pytest.approx(theirs.confidence_interval.high, abs=allowed)


def test_there_are_fewer_resamples_where_there_are_many_questionnaires():
    assert [resamples(n) for n in (2, 200, 1_000, 100_000)] == [10_000, 10_000, 2_000, 1_000]
    assert bootstrap(np.random.default_rng(1).random((3_000, 1)))[0].n == 3_000


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ((1, 1, 1), 2 / 8),
        ((-1, -1, -1, 0, 0), 2 / 8),
        ((1, -1), 1),
        # Of the sums of ±2 ±1 ±1, six in eight are as far from 0 as 2 is.
        ((2, 1, -1), 6 / 8),
        # 0.3, summed in another order, is another number in its last bit. Apart from ±1 ±3 ∓3, all are as far from 0.
        ((0.1, 0.2, -0.3, 0.3), 12 / 16),
        ((0, 0), 1),
        ((), 1),
    ],
)
def test_p_by_hand(differences, p):
    assert randomisation(column(*differences)) == (p,)


def test_p_is_that_of_scipy_exactly_where_all_flips_are_tried_and_nearly_where_not():
    drawn = np.random.default_rng(2).normal(0.3, 1, (40, 2)).round(2)
    few = drawn[:EXACT]
    for table, allowed in ((few, 1e-12), (drawn, 0.02)):
        theirs = [
            scipy.stats.permutation_test(
                (differences,), np.mean, permutation_type="samples", vectorized=True, rng=np.random.default_rng(1)
            ).pvalue
            for differences in table.T
        ]
        assert randomisation(table) == pytest.approx(theirs, abs=allowed)


def test_a_p_of_random_flips_is_never_0():
    assert randomisation(column(*[1.0] * 50)) == (1 / 10_000,)


def test_holm_by_hand():
    # In order 3 times 0.01, twice 0.03, and once 0.04, which may not be less than the one before.
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.6, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()


def test_the_least_p_is_reached_when_all_change_the_same_way():
    assert [least_p(n) for n in (0, 1, 2, 5, 6)] == [1.0, 1.0, 0.5, 0.0625, 0.03125]
    for n in (1, 4, 9):
        assert randomisation(column(*range(1, n + 1))) == (least_p(n),)
