"""Who is near whom: exactly, in the full space and on the plane, and what of it a picture keeps."""

import numpy as np
import numpy.typing as npt

from services.domain.maps import NEIGHBOURS, Positions, Quality
from services.domain.scripts import Vectors
from services.ground.progress import Progress

Rows = npt.NDArray[np.int32]
Distances = npt.NDArray[np.float32]

# Products that are held at once: 64 MB.
_AT_ONCE = 16_000_000
# A picture is measured by so many rows against all, and by so many pairs in all: half a second.
_MOST_ROWS = 2_000
_MOST_PAIRS = 5_000_000
_STRETCH = 32
_SEED = 20_261_101
_LEAST = 3
# Two cosine distances of 32-bit numbers that differ by no more are one.
ROUNDING = 1e-6


def nearest(asked: Vectors, among: Vectors, count: int) -> tuple[Rows, Distances]:
    """``[n, count]`` row numbers in ``among`` and cosine distances of the nearest to each of ``asked``, nearest first.

    Both are ``float32[_, d]`` of unit vectors, and ``among`` has at least ``count`` rows.
    """
    rows, far = np.zeros((len(asked), count), np.int32), np.zeros((len(asked), count), np.float32)
    step = max(1, _AT_ONCE // max(1, len(among)))
    for start in range(0, len(asked), step):
        found = slice(start, start + step)
        rows[found], far[found] = _best(asked[found] @ among.T, count)
    return rows, far


def each_nearest(vectors: Vectors, count: int, progress: Progress | None = None) -> tuple[Rows, Distances]:
    """As ``nearest`` within one set, each row itself first with distance 0, whoever else lies there too."""
    size = len(vectors)
    rows, far = np.zeros((size, count), np.int32), np.zeros((size, count), np.float32)
    step = max(1, _AT_ONCE // max(1, size))
    for start in range(0, size, step):
        if progress:
            progress(start, size)
        found = slice(start, min(start + step, size))
        cosines = vectors[found] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(found.start, found.stop)] = np.inf
        rows[found], far[found] = _best(cosines, count)
    return rows, far


def quality(vectors: Vectors, positions: Positions, *, pairs: int = _MOST_PAIRS) -> Quality | None:
    """How far a picture can be believed, by a seeded sample of its rows against all; None for fewer than 3.

    ``pairs`` limits the sample: so many distances are looked at.

    Trustworthiness after Venna and Kaski (2001), by cosine distance in the full space.
    """
    size = len(vectors)
    if size < _LEAST:
        return None
    count = min(NEIGHBOURS, (size - 1) // 2)
    most = min(size, _MOST_ROWS, max(1, pairs // size))
    chosen = np.sort(np.random.default_rng(_SEED).choice(size, most, replace=False)) if most < size else np.arange(size)
    step = max(1, _AT_ONCE // size)
    penalty, kept = 0.0, 0
    for start in range(0, most, step):
        some = chosen[start : start + step]
        true, plane = _apart(1.0 - vectors[some] @ vectors.T, some), _apart(_squared(positions, some), some)
        farthest = np.partition(true, count - 1)[:, count - 1 : count]
        shown = np.argpartition(plane, count - 1)[:, :count]
        theirs = np.take_along_axis(true, shown, axis=1)
        # Of those that are as far as the last of the nearest, any may stand for it.
        kept += int((theirs <= farthest + ROUNDING).sum())
        for column in range(count):
            ranks = (true < theirs[:, column : column + 1]).sum(axis=1) + 1
            penalty += float(np.maximum(0, ranks - count).sum())
    worst = most * count * (2 * size - 3 * count - 1) / 2
    return Quality(1.0 - penalty / worst, kept / (most * count), count, most)


def _best(cosines: Distances, count: int) -> tuple[npt.NDArray[np.intp], Distances]:
    """The columns of the largest in each row, and how far they are, nearest first; less than 0 (rounding) is 0."""
    near = _candidates(cosines, count)
    if count < near.shape[1]:
        found = np.take_along_axis(cosines, near, axis=1)
        near = np.take_along_axis(near, np.argpartition(found, -count, axis=1)[:, -count:], axis=1)
    far = 1.0 - np.take_along_axis(cosines, near, axis=1)
    order = np.argsort(far, axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1), np.maximum(0.0, np.take_along_axis(far, order, axis=1))


def _candidates(cosines: Distances, count: int) -> npt.NDArray[np.intp]:
    """Columns among which the ``count`` largest of each row are: those of as many stretches with the largest maxima.

    To look for maxima is several times as fast as to part all of a row.
    """
    rows, columns = cosines.shape
    whole = columns // _STRETCH
    if whole <= 2 * count:
        return np.broadcast_to(np.arange(columns), cosines.shape)
    largest = cosines[:, : whole * _STRETCH].reshape(rows, whole, _STRETCH).max(axis=2)
    chosen = np.argpartition(largest, -count, axis=1)[:, -count:]
    inside = (chosen[:, :, np.newaxis] * _STRETCH + np.arange(_STRETCH)).reshape(rows, -1)
    rest = np.broadcast_to(np.arange(whole * _STRETCH, columns), (rows, columns - whole * _STRETCH))
    return np.concatenate([inside, rest], axis=1)


def _apart(distances: Distances, rows: npt.NDArray[np.intp]) -> Distances:
    """The same, each from itself farther than from anybody."""
    distances[np.arange(len(rows)), rows] = np.inf
    return distances


def _squared(positions: Positions, rows: npt.NDArray[np.intp]) -> Distances:
    apart = positions[rows, np.newaxis, :] - positions[np.newaxis, :, :]
    return np.asarray((apart**2).sum(axis=2))
