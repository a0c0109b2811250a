"""Places on a plane: the two strongest directions, one picture laid over another, and points that lie on each other."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.domain.maps import Numbers, Positions
from services.domain.scripts import Vectors

# Root mean square distance from the middle of a picture that begins from nothing; about what UMAP's are.
RADIUS = 5.0
# Points of one place stand so far apart, as a share of the picture's radius: two markers side by side.
_APART = 0.02
# So many stand in a circle; more fill a disc.
_CIRCLE = 12
# No disc is larger, as a share of the picture's radius: where thousands are alike, they would cover all others.
_LARGEST = 0.1
# Each next point of a disc is turned by the golden angle, so that all have the same room (Vogel 1979).
_GOLDEN = np.pi * (3 - np.sqrt(5))
_NOTHING = 1e-9
# So many points in common say how large a picture is beside another one.
_SCALED = 4
# Of a quarter turn: down to what 32-bit numbers can tell.
_HALVINGS = 24


def strongest(vectors: Vectors) -> Positions:
    """``float32[n, 2]`` of ``float32[n, d]``: principal components, the middle at 0, as large as any picture here.

    Signs are fixed: the largest loading of each direction is positive.
    """
    count, dimensions = vectors.shape
    if not count:
        return np.zeros((0, 2), np.float32)
    centred = vectors.astype(np.float32) - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    axes: npt.NDArray[np.float64]
    if count < dimensions:
        _, _, rows = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
        axes = rows[:2]
    else:
        _, columns = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        axes = columns[:, ::-1][:, :2].T
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, np.newaxis]
    placed = np.zeros((count, 2), np.float64)
    placed[:, : len(axes)] = centred @ axes.T
    return scaled(placed.astype(np.float32))


def scaled(positions: Positions, radius: float = RADIUS) -> Positions:
    """The same picture with its middle at 0, and this root mean square distance from it."""
    if not len(positions):
        return positions
    centred = positions.astype(np.float64) - positions.mean(axis=0, dtype=np.float64)
    size = _size(centred)
    return np.asarray(centred * (radius / size if size > _NOTHING else 0.0), np.float32)


def radius(positions: Positions) -> float:
    """Root mean square distance of its points from their middle; 0 of none."""
    return _size(positions - positions.mean(axis=0, dtype=np.float64)) if len(positions) else 0.0


def laid_over(moving: Positions, fixed: Positions, rows: Numbers, onto: Numbers) -> Positions:
    """``moving`` turned, mirrored, shifted and scaled as a whole, so that its ``rows`` lie on ``fixed[onto]``.

    Procrustes analysis (Schönemann 1966). The scale is the ratio of the sizes and not the one of least squares, by
    which a picture shrinks the less it is like the other; and 1 with fewer than four rows in common, of which a few
    that happen to lie close would make a dot of a picture. Fewer than two: it is shifted only.
    """
    if not len(rows):
        return moving
    theirs, ours = fixed[onto].astype(np.float64), moving[rows].astype(np.float64)
    middle, from_middle = theirs.mean(axis=0), ours.mean(axis=0)
    inner, outer = ours - from_middle, theirs - middle
    if _size(inner) <= _NOTHING or _size(outer) <= _NOTHING:
        return np.asarray(moving - from_middle + middle, np.float32)
    left, _, right = np.linalg.svd(inner.T @ outer)
    scale = _size(outer) / _size(inner) if len(rows) >= _SCALED else 1.0
    moved = (moving - from_middle) @ (left @ right) * scale + middle
    return np.asarray(moved, np.float32)


def side_by_side(positions: Positions, alike: Sequence[str], apart: float = _APART) -> Positions:
    """Points of the same name in ``alike`` stand around their common middle, so that each can be seen and pointed at.

    All others stay. The order of the rows says who stands where. ``apart`` is how far neighbours are from each other,
    as a share of the picture's radius; 0 puts them all in the middle.
    """
    names, inverse, counts = np.unique(np.asarray(alike, dtype=str), return_inverse=True, return_counts=True)
    if len(names) == len(positions):
        return positions
    moved = positions.astype(np.float64)
    size = _size(moved - moved.mean(axis=0)) if len(names) > 1 else RADIUS
    step = apart * max(size, _NOTHING)
    # Nothing else is covered where there is nothing else.
    most = _LARGEST / apart if apart and len(names) > 1 else np.inf
    order = np.argsort(inverse, kind="stable")
    ends = np.cumsum(counts)
    for group in np.flatnonzero(counts > 1):
        rows = order[ends[group] - counts[group] : ends[group]]
        moved[rows] = moved[rows].mean(axis=0) + step * _around(len(rows), most)
    return np.asarray(moved, np.float32)


def as_high_as_wide(positions: Positions) -> Positions:
    """The same around 0, turned so that its extents across and up are equal.

    UMAP stretches each to 10, by which a long picture would not be itself any more.
    """
    if not len(positions):
        return positions
    centred = positions - positions.mean(axis=0, dtype=np.float64)
    low, high = 0.0, np.pi / 2
    # A quarter turn swaps the extents, so that in between they are equal somewhere.
    wide = _excess(centred, low) > 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if (_excess(centred, middle) > 0) is wide else (low, middle)
    return np.asarray(_turned(centred, low), np.float32)


def with_extent(positions: Positions, seed: int) -> Positions:
    """The same where points differ along both axes; along one where they do not, by a seeded thousandth of the radius.

    UMAP divides by the extent.
    """
    flat = np.ptp(positions, axis=0) <= _NOTHING * RADIUS
    noise = np.random.default_rng(seed).standard_normal(positions.shape) * (RADIUS / 1_000)
    return np.where(flat, positions + noise, positions).astype(np.float32)


def _around(count: int, most: float) -> Positions:
    """``[count, 2]`` around 0 with about 1 between neighbours: a circle, or for many a disc no larger than ``most``."""
    steps = np.arange(count)
    if count <= _CIRCLE:
        radius, angle = np.full(count, 0.5 / np.sin(np.pi / count)), 2 * np.pi * steps / count
    else:
        radius, angle = 0.56 * np.sqrt(steps + 0.5), _GOLDEN * steps
        radius *= min(1.0, most / radius[-1])
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _excess(centred: npt.NDArray[np.float64], angle: float) -> float:
    """By how much it is wider than high, when turned so."""
    across, up = np.ptp(_turned(centred, angle), axis=0).tolist()
    return float(across - up)


def _turned(centred: npt.NDArray[np.float64], angle: float) -> npt.NDArray[np.float64]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.asarray(centred @ np.array([[cosine, sine], [-sine, cosine]]), np.float64)


def _size(centred: Positions) -> float:
    """Root mean square distance from 0."""
    return float(np.sqrt((np.asarray(centred, np.float64) ** 2).sum(axis=1).mean()))
