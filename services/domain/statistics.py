"""How sure a mean over questionnaires is, and whether two of them differ by more than chance.

Sources: Sakai, Laboratory Experiments in Information Retrieval, 2018; Smucker, Allan and Carterette, A Comparison of
Statistical Significance Tests for Information Retrieval Evaluation, CIKM 2007; Holm, A Simple Sequentially Rejective
Multiple Test Procedure, 1979.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from services.domain.measures import Interval

Values = npt.NDArray[np.float64]

# What is called significant, and what an interval leaves out on both sides together.
LEVEL = 0.05
_PERCENTILES = (100 * LEVEL / 2, 100 - 100 * LEVEL / 2)
RESAMPLES = 10_000
# Questionnaires that are drawn in all: beyond it there are fewer resamples, and never fewer than the fewest.
_DRAWS = 2_000_000
_FEWEST = 1_000
# Flips of the signs, where there are too many to try all of them: 2^13 are not.
FLIPS = 9_999
EXACT = 13
_ROUNDING = 1e-12


def resamples(n: int) -> int:
    """How many resamples an interval over ``n`` questionnaires rests on: 10,000 up to 200, 2,000 at 1,000."""
    return min(RESAMPLES, max(_FEWEST, _DRAWS // max(n, 1)))


def bootstrap(values: Values, *, seed: int = 0) -> tuple[Interval, ...]:
    """The mean of each column of ``float64[n, m]``, with its 95% percentile bootstrap interval over the rows.

    All columns share the resamples; so do all tables of as many rows under one seed. Over one row there is no
    interval, over none there is no mean either.
    """
    n, columns = values.shape
    if not n:
        return tuple(Interval(None, None, None, 0) for _ in range(columns))
    least, most = values.min(axis=0), values.max(axis=0)
    # The sum of equal numbers, divided again, can be another number than theirs.
    means = np.clip(values.mean(axis=0), least, most)
    if n == 1:
        return tuple(Interval(float(mean), None, None, 1) for mean in means)
    resampled = np.clip(_shares(n, seed) @ values, least, most)
    low, high = np.percentile(resampled, _PERCENTILES, axis=0)
    return tuple(Interval(float(m), float(a), float(b), n) for m, a, b in zip(means, low, high, strict=True))


@lru_cache(maxsize=1)
def _shares(n: int, seed: int) -> Values:
    """What each row weighs in each resample, ``float64[resamples(n), n]``; each sums to 1."""
    count = resamples(n)
    drawn = np.random.default_rng((seed, n)).integers(0, n, (count, n))
    drawn += np.arange(count)[:, np.newaxis] * n
    return np.bincount(drawn.ravel(), minlength=count * n).reshape(count, n) / n


def randomisation(differences: Values, *, seed: int = 0) -> tuple[float, ...]:
    """The two-sided p of each column's mean of ``float64[n, m]``: how often flipped signs bring as large a mean.

    Paired: a row is what one questionnaire changed by. Exact where a column has at most ``EXACT`` differences that are
    not 0; above, by ``FLIPS`` random flips, the same for all columns, the observed one counted among them. 1 where
    nothing differs, or nothing is there. As ``scipy.stats.permutation_test`` has it, all columns at once.
    """
    # A 0 stays what it is under every flip: without them p is the same, and exact more often.
    columns = [column[column != 0] for column in differences.T]
    many = [i for i, column in enumerate(columns) if len(column) > EXACT]
    found = [_exact_p(column) if len(column) <= EXACT else 1.0 for column in columns]
    if many:
        for i, p in zip(many, _random_ps(differences[:, many], seed), strict=True):
            found[i] = p
    return tuple(found)


def _exact_p(changed: Values) -> float:
    n = len(changed)
    flips = 1.0 - 2.0 * ((np.arange(2**n)[:, np.newaxis] >> np.arange(n)) & 1)
    return float(_as_large(flips @ changed, changed.sum()).mean())


def _random_ps(differences: Values, seed: int) -> list[float]:
    random = np.random.default_rng((seed, len(differences)))
    observed = differences.sum(axis=0)
    block = max(1, _DRAWS // len(differences))
    as_large = np.ones(len(observed))
    for start in range(0, FLIPS, block):
        shape = (min(block, FLIPS - start), len(differences))
        flips = 1.0 - 2.0 * random.integers(0, 2, shape, dtype=np.int8)
        as_large += _as_large(flips @ differences, observed).sum(axis=0)
    return [float(p) for p in as_large / (FLIPS + 1)]


def _as_large(flipped: Values, observed: Values | np.float64) -> npt.NDArray[np.bool_]:
    """Which are at least as far from 0, equal numbers that were summed in another order included."""
    return np.abs(flipped) >= np.abs(observed) * (1 - _ROUNDING)


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """The same p's, corrected by Holm for there being so many of them; in the order given."""
    corrected = [0.0] * len(ps)
    largest = 0.0
    for place, i in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - place) * ps[i]))
        corrected[i] = largest
    return tuple(corrected)


def least_p(changed: int) -> float:
    """The smallest two-sided p that so many differences can reach: all of one sign, 1 of 2^n flips or its mirror."""
    return min(1.0, 2.0 ** (1 - changed))
