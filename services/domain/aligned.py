"""What two sequences have in common, in order: exactly where that is affordable, else between what stands once in both.

The longest common subsequence takes a bit of memory and a 64th of a step for every pair of units: 400 million pairs are
50 MB and a tenth of a second. Above that, runs of units that stand once in either sequence are fixed points, and only
what lies between them is compared (Bram Cohen's patience diff). What is too long even then is taken as different.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel

# Pairs of units that are compared at once, and in all: 50 MB, and less than a second.
MOST_AT_ONCE = 400_000_000
MOST_IN_ALL = 2_000_000_000
# Fixed points are looked for between fixed points, so many times.
_DEPTH = 3
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
# Where a run of equal units starts in either sequence, and how many there are.
Block = tuple[int, int, int]


@dataclass(frozen=True)
class Aligned:
    """Runs of equal units in the order of both sequences. ``whole``: every part was compared, none was too long."""

    blocks: tuple[Block, ...]
    whole: bool = True


def aligned(old: Sequence[Hashable], new: Sequence[Hashable], *, run: int) -> Aligned:
    """What both have in common. ``run``: so many units in a row can be a fixed point, where such are needed."""
    aligner = _Aligner(run)
    blocks = tuple(_joined(aligner.blocks(old, new, _DEPTH)))
    return Aligned(blocks, aligner.whole)


class _Aligner:
    """One comparison, with what it may still spend."""

    def __init__(self, run: int) -> None:
        self._run, self._left = run, MOST_IN_ALL
        self.whole = True

    def blocks(self, old: Sequence[Hashable], new: Sequence[Hashable], depth: int) -> Iterator[Block]:
        front = _alike(zip(old, new, strict=False))
        shorter = min(len(old), len(new)) - front
        back = min(shorter, _alike(zip(reversed(old), reversed(new), strict=False)))
        yield 0, 0, front
        inner = self._between(old[front : len(old) - back], new[front : len(new) - back], depth)
        yield from _moved(inner, front, front)
        yield len(old) - back, len(new) - back, back

    def _between(self, old: Sequence[Hashable], new: Sequence[Hashable], depth: int) -> Iterator[Block]:
        pairs = len(old) * len(new)
        if pairs <= min(self._left, MOST_AT_ONCE):
            self._left -= pairs
            for step in Indel.opcodes(old, new):
                if step.tag == "equal":
                    yield step.src_start, step.dest_start, step.src_end - step.src_start
            return
        points = list(_points(old, new, self._run)) if depth else []
        if not points:
            self.whole = False
            return
        a = b = 0
        for i, j, length in (*points, (len(old), len(new), 0)):
            yield from _moved(self.blocks(old[a:i], new[b:j], depth - 1), a, b)
            yield i, j, length
            a, b = i + length, j + length


def _alike(pairs: Iterable[tuple[Hashable, Hashable]]) -> int:
    """How many pairs are equal before the first that is not."""
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _moved(blocks: Iterable[Block], old: int, new: int) -> Iterator[Block]:
    for a, b, length in blocks:
        yield old + a, new + b, length


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks that touch in both sequences as one, empty ones left out."""
    last = (0, 0, 0)
    for a, b, length in blocks:
        if (a, b) == (last[0] + last[2], last[1] + last[2]):
            last = (last[0], last[1], last[2] + length)
        elif length:
            if last[2]:
                yield last
            last = (a, b, length)
    if last[2]:
        yield last


def _points(old: Sequence[Hashable], new: Sequence[Hashable], run: int) -> Iterator[Block]:
    """Stretches that are the same and stand once in either, in the order of both."""
    ours, theirs = _once(old, run), _once(new, run)
    _, i, j = np.intersect1d(ours[0], theirs[0], assume_unique=True, return_indices=True)
    places = _rising(ours[1][i], theirs[1][j])
    if not len(places):
        return
    # Runs that begin side by side in both are one stretch.
    ends = np.flatnonzero((np.diff(places, axis=0) != 1).any(axis=1))
    firsts, lasts = places[np.append(0, ends + 1)].tolist(), places[np.append(ends, len(places) - 1)].tolist()
    a = b = 0
    for (x, y), (last, _) in zip(firsts, lasts, strict=True):
        past, length = max(0, a - x, b - y), last - x + run
        # Numbers are equal where units are, and by a rare chance where they are not.
        if past < length and old[x : x + length] == new[y : y + length]:
            yield x + past, y + past, length - past
            a, b = x + length, y + length


def _once(units: Sequence[Hashable], run: int) -> tuple[Numbers, Places]:
    """Numbers of the runs that stand once, in the order of the numbers, and where each begins."""
    hashed = np.fromiter((hash(unit) & 0xFFFFFFFFFFFFFFFF for unit in units), np.uint64, len(units))
    made = np.zeros(max(0, len(units) - run + 1), np.uint64)
    for place in range(run):
        made = made * _FACTOR + hashed[place : place + len(made)]
    numbers, places, counts = np.unique(made, return_index=True, return_counts=True)
    return numbers[counts == 1], places[counts == 1]


def _rising(old: Places, new: Places) -> Places:
    """``int64[k, 2]``: the longest choice of these places that rises in both columns."""
    order = np.argsort(old)
    pairs = np.stack([old[order], new[order]], axis=1)
    if (np.diff(pairs[:, 1]) > 0).all():
        return pairs
    # The smallest last place of a rising choice of each length, who that is, and who stands before whom.
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, place in enumerate(pairs[:, 1].tolist()):
        length = bisect_left(tails, place)
        tails[length : length + 1], last[length : length + 1] = [place], [number]
        before.append(last[length - 1] if length else -1)
    chosen, number = [], last[-1]
    while number >= 0:
        chosen.append(number)
        number = before[number]
    return pairs[chosen[::-1]]
