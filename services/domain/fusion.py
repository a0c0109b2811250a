"""From distances and scores to rankings: arrays in, arrays out.

Ties are in the order of the last axis everywhere, which is that of script ids.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from services.domain.methods import RANK_CONSTANT, Nearest, Passages
from services.domain.scripts import Vectors

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_Number = TypeVar("_Number", bound=np.generic)
_LOW = 0xFFFFFFFF
_SIGN = 0x80000000
_FEW = 8


def counted(passages: Passages, cards: Mask) -> Mask:
    """``bool[n]``: which passages are looked at. ``cards`` says which are cards."""
    if passages is Passages.CARD:
        return cards
    return ~cards if passages is Passages.BODY else np.ones(len(cards), bool)


def script_distances(
    passage_distances: Vectors,
    starts: Positions,
    cards: Mask,
    passages: Passages = Passages.BOTH,
    nearest: Nearest = Nearest.BEST,
) -> Vectors:
    """``float32[..., s]``: each script's distance; inf where it has no such passage.

    ``passage_distances`` is ``float32[..., n]``; the passages of script i begin at ``starts[i]``, and each has at least
    one. ``cards`` is ``bool[n]``.
    """
    if not len(starts):
        return np.zeros((*passage_distances.shape[:-1], 0), np.float32)
    kept = counted(passages, cards)
    if nearest is Nearest.BEST:
        seen = passage_distances if kept.all() else np.where(kept, passage_distances, np.float32(np.inf))
        return _least(seen, starts)
    sums = np.add.reduceat(np.where(kept, passage_distances, np.float32(0)), starts, axis=-1, dtype=np.float64)
    counts = np.add.reduceat(kept, starts, dtype=np.int64)
    mean: Vectors = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf).astype(np.float32)
    return mean


def _least(values: Vectors, starts: Positions) -> Vectors:
    """The least of each script's values. Passage by passage, which is four times as fast as ``reduceat``."""
    counts = np.diff(starts, append=values.shape[-1])
    least: Vectors = values[..., starts]
    for ordinal in range(1, int(counts.max())):
        longer = np.flatnonzero(counts > ordinal)
        if len(longer) * _FEW < len(starts):
            # A few long scripts: not worth a pass for each of their passages.
            least[..., longer] = np.minimum.reduceat(values, starts, axis=-1)[..., longer]
            break
        least[..., longer] = np.minimum(least[..., longer], values[..., starts[longer] + ordinal])
    return least


def keys(values: Vectors) -> Positions:
    """``int64[..., n]``: numbers in the order of the values, and of their places where these are equal.

    No two of a row are the same, so that any sort and any partition of them is stable; ``places`` takes them back.
    """
    key: Positions = (_levels(values) << 32) | np.arange(values.shape[-1], dtype=np.int64)
    return key


def places(found: Positions) -> Positions:
    """``int64[..., n]``: where the values of these keys stand."""
    place: Positions = found & _LOW
    return place


def ranks(values: Vectors) -> Positions:
    """``int64[..., n]``: rank by rising value, from 1 on; 0 where the value is inf and so has none."""
    found = np.zeros(values.shape, np.int64)
    for row, order in zip(_rows(found), _orders(_rows(values)), strict=True):
        row[order] = np.arange(1, len(order) + 1)
    return found


def reciprocal(rankings: Sequence[tuple[Vectors, float]]) -> Vectors:
    """``float32[..., n]``: the sum of weight / (60 + rank) over the rankings that have a script; 0 where none has it.

    Reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009. Each ranking is ``float32[..., n]`` with its
    weight: what it ranks by, least first, inf where it does not have the script. Without weight it brings nothing in.
    """
    first, _ = rankings[0]
    total = np.zeros(first.shape, np.float64)
    shares = 1.0 / (RANK_CONSTANT + np.arange(1, first.shape[-1] + 1))
    for values, weight in rankings:
        for row, order in zip(_rows(total), _orders(_rows(values)), strict=True):
            row[order] += weight * shares[: len(order)]
    return total.astype(np.float32)


def _orders(rows: Vectors) -> Iterator[Positions]:
    """Of each row the places of what is ranked, by rising value. Row by row: a row of words is mostly empty."""
    for row in rows:
        there = np.flatnonzero(np.isfinite(row))
        yield there[places(np.sort(keys(row[there])))]


def _rows(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """The same numbers as ``[m, n]``, also where there are none."""
    return values.reshape(math.prod(values.shape[:-1]), values.shape[-1])


def marginal(relevance: Vectors, alike: Vectors, variety: float) -> tuple[Positions, Vectors]:
    """The order of maximal marginal relevance and the value that each was chosen with, both ``[..., c]``.

    ``relevance`` is ``float32[..., c]``, best first, -inf where there is no candidate; ``alike`` is the cosine
    similarity of each candidate with each, ``float32[..., c, c]``. The next one is always that with the most of::

        (1 - variety) * relevance - variety * (similarity with the most similar one that is already there)

    of equals the one that came first. A similarity below 0 counts as 0: opposite is no more varied than unrelated.
    Carbonell and Goldstein, SIGIR 1998, with lambda = 1 - variety.
    """
    shape, count = relevance.shape, relevance.shape[-1]
    wanted = ((1 - variety) * np.where(np.isfinite(relevance), relevance, 0)).reshape(-1, count)
    left = np.isfinite(relevance).reshape(-1, count)
    likeness = np.maximum(alike, 0).reshape(-1, count, count)
    nearest, rows = np.zeros_like(wanted), np.arange(len(wanted))
    order, values = np.empty(wanted.shape, np.int64), np.empty(wanted.shape, np.float32)
    for place in range(count):
        value = np.where(left, wanted - variety * nearest, -np.inf)
        order[:, place] = chosen = np.argmax(value, axis=1)
        values[:, place] = value[rows, chosen]
        # Where no candidate is left, the places behind keep those that are none, in their order.
        order[:, place] = chosen = np.where(left.any(axis=1), chosen, place)
        left[rows, chosen] = False
        nearest = np.maximum(nearest, likeness[rows, chosen])
    return order.reshape(shape), values.reshape(shape)


def falling(scores: Vectors) -> Vectors:
    """``float32[..., n]``: the same scores, each less than the one before, if only by the smallest step there is.

    Whoever sorts them by score then finds this very order.
    """
    steps = np.arange(scores.shape[-1], dtype=np.int64)
    levels = np.minimum.accumulate(_levels(scores) + steps, axis=-1) - steps
    bits = np.where(levels >= 0, levels, _SIGN - levels).astype(np.uint32)
    lower: Vectors = bits.view(np.float32)
    return lower


def _levels(values: Vectors) -> Positions:
    """``int64[..., n]``: each float32 by its place among all there are, 0 for both zeros; neighbours differ by 1."""
    bits = np.ascontiguousarray(values, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits >= 0, bits, -(bits & 0x7FFFFFFF))
