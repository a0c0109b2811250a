"""From distances and shared words to the order of scripts: the one algorithm, for a question alone and for many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from services.domain import fusion
from services.domain.directions import unit
from services.domain.fusion import Positions
from services.domain.methods import Method, Mode
from services.domain.scripts import Vectors, VectorSet
from services.ranking.weighing import POOL, costs, vary

# The mean directions, ``float32[q, c, d]``, of the scripts at these positions, ``int64[q, c]``.
Directions = Callable[[Positions], Vectors]


@dataclass(frozen=True, eq=False)
class Order:
    """The first scripts for each question, ``[q, k]``, best first, those that are not ranked last.

    ``scores`` are what they were ranked by, more is better; ``ranked`` says how many of the whole section are ranked.
    """

    places: Positions
    scores: Vectors
    ranked: Sequence[int]
    # By cost and position, ``int64[q, s]``.
    keys: Positions
    varied: bool

    def rank(self, row: int, position: int) -> int | None:
        """The rank in the whole section of the script at this position; None where it is not ranked."""
        keys, ranked = self.keys[row], self.ranked[row]
        rank = int((keys < keys[position]).sum()) + 1
        if self.varied and rank <= min(POOL, ranked):
            rank = int(np.flatnonzero(self.places[row, :POOL] == position)[0]) + 1
        return rank if rank <= ranked else None


def order(  # noqa: PLR0913  what is ranked by, how, and how much of it is wanted
    distances: Vectors,
    words: Vectors | None,
    method: Method,
    *,
    cut_off: float | None,
    directions: Directions,
    depth: int,
) -> Order:
    """Put the scripts of a section in order for each question, ``depth`` of them at least.

    The scripts stand in the order of their ids. ``distances`` and ``words`` are ``float32[q, s]``, as ``costs`` takes
    them; ``directions`` is asked where scripts that are alike are to stand apart.
    """
    cost = costs(distances, words, method, cut_off)
    keys = fusion.keys(cost)
    places = _front(keys, depth)
    scores = -np.take_along_axis(cost, places, axis=1)
    if method.mode is Mode.DENSE:
        scores = 1 + scores
    if method.variety and places.size:
        pool = places[:, :POOL]
        chosen, values = vary(np.take_along_axis(cost, pool, axis=1), directions(pool), method)
        places = np.hstack([np.take_along_axis(pool, chosen, axis=1), places[:, POOL:]])
        scores = np.hstack([values, scores[:, POOL:]])
    return Order(places, scores, np.isfinite(cost).sum(axis=1).tolist(), keys, bool(method.variety))


def mean_directions(sets: Sequence[VectorSet | None]) -> Vectors:
    """``float32[s, d]`` at unit length: the mean direction of each script, all passages taken; 0 where it has none."""
    held = [(place, vectors.values) for place, vectors in enumerate(sets) if vectors is not None]
    found = np.zeros((len(sets), held[0][1].shape[1] if held else 0), np.float32)
    if held:
        counts = np.array([len(values) for _, values in held])
        stacked = unit(np.concatenate([values for _, values in held]))
        found[[place for place, _ in held]] = unit(np.add.reduceat(stacked, np.cumsum(counts) - counts, axis=0))
    return found


def _front(keys: Positions, depth: int) -> Positions:
    """``int64[q, k]``: the positions of the first scripts, as many as are told or put in another order."""
    most = min(max(depth, POOL), keys.shape[1])
    if not most:
        return np.zeros((len(keys), 0), np.int64)
    first = np.partition(keys, most - 1, axis=1)[:, :most] if most < keys.shape[1] else keys.copy()
    first.sort(axis=1)
    return fusion.places(first)
