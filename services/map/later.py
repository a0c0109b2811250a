"""What becomes of a map when scripts change later: only those are placed anew, until a full fit is worth while."""

from collections import Counter

import numpy as np

from services.domain import neighbours, planes
from services.domain.maps import METHOD, NEIGHBOURS, NONE, Drawn, Map, Numbers, Points, Positions
from services.domain.scripts import Vectors
from services.domain.words import count
from services.ground import digests

# A point that comes later stands among so many neighbours.
AMONG = 5
# How much nearer ones count more: a cosine that is larger by this counts e times.
_SHARPNESS = 0.02
# A full fit is worth while when more than one in so many, and at least this many, have come, changed or gone since.
_ONE_IN = 20
_AT_LEAST = 3
# No fit makes a smaller cluster.
_SMALLEST = 3


def key_of(points: Points) -> str:
    """A digest of everything that a full fit is computed from, but for where it begins."""
    told = [METHOD, NEIGHBOURS, points.model_digest, *zip(points.scripts, points.digests, strict=True)]
    return digests.of_value(told)


def among_neighbours(asked: Vectors, vectors: Vectors, positions: Positions) -> Positions:
    """``float32[m, 2]`` places for ``float32[m, d]``, among ``float32[n, d]`` unit vectors that have theirs.

    The mean of the places of the 5 nearest, weighted by the softmax of their cosines. It is an impression: a plane has
    no room for all distances.
    """
    rows, far = neighbours.nearest(asked, vectors, min(AMONG, len(vectors)))
    return amid(far, positions[rows])


def amid(far: Vectors, positions: Positions) -> Positions:
    """``float32[m, 2]``: the mean of the places ``float32[m, k, 2]`` of what lies ``float32[m, k]`` far, nearest first.

    Weighted by the softmax of the cosines.
    """
    weights = np.exp((far[:, :1] - far) / _SHARPNESS)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((weights[:, :, np.newaxis] * positions).sum(axis=1), np.float32)


def unchanged(points: Points, kept: Map) -> tuple[Numbers, Numbers]:
    """Rows of the points that were fitted in ``kept`` with the same vectors, and their rows there."""
    found = [
        (row, place)
        for row, (script, digest) in enumerate(zip(points.scripts, points.digests, strict=True))
        if (place := kept.places.get(script)) is not None and kept.digests[place] == digest and kept.fitted[place]
    ]
    both = np.array(found, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def following(points: Points, kept: Map) -> Map | None:
    """The kept map with the points of now: what has changed is placed beside its neighbours, the rest stays.

    None where less than half of the points are in it: then it says too little.
    """
    rows, places = unchanged(points, kept)
    if not len(rows) or 2 * len(rows) < len(points):
        return None
    now = frozenset(points.scripts)
    positions, clusters = np.zeros((len(points), 2), np.float32), np.full(len(points), NONE, np.int64)
    fitted = np.zeros(len(points), bool)
    positions[rows], clusters[rows], fitted[rows] = kept.positions[places], kept.clusters[places], True
    later = np.flatnonzero(~fitted)
    if len(later):
        near, far = neighbours.nearest(points.vectors[later], points.vectors[rows], min(AMONG, len(rows)))
        positions[later] = amid(far, positions[rows][near])
        clusters[later] = _usual(clusters[rows][near])
        positions[later] = planes.side_by_side(positions, _named_apart(points, later))[later]
    return Map(
        key=key_of(points),
        drawn=kept.drawn,
        scripts=points.scripts,
        positions=positions,
        digests=points.digests,
        fitted=fitted,
        clusters=_large_enough(clusters),
        model_digest=points.model_digest,
        model_name=points.model_name,
        # The kept one was measured before: of what is shown now it may say far too much.
        quality=neighbours.quality(points.vectors, positions),
        seconds=kept.seconds,
        gone=kept.gone + sum(script not in now for script in kept.scripts),
        method=kept.method,
    )


def why_due(shown: Map, *, too_few: bool) -> str:
    """Why a full fit is worth while, as a sentence; empty if it is not. ``too_few``: there is nothing to fit."""
    if too_few:
        return ""
    if shown.drawn is Drawn.PCA:
        return "This picture is a stand-in: it shows the two directions in which the scripts differ most."
    size, later, gone = len(shown.scripts), int((~shown.fitted).sum()), shown.gone
    if later + gone < _AT_LEAST or (later + gone) * _ONE_IN <= size + gone:
        return ""
    if not later:
        return f"{count(gone, 'script')} that the map was drawn with {_are(gone)} no longer on it."
    told = f"{later:,} of {size:,} scripts {_are(later)} new or changed since the map was drawn"
    return f"{told}, and {gone:,} of before {_are(gone)} no longer on it." if gone else f"{told}."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _usual(clusters: Numbers) -> Numbers:
    """The cluster of most in each row, of the nearest where two are as frequent."""
    return np.array([Counter(row).most_common(1)[0][0] for row in clusters.tolist()], np.int64)


def _large_enough(clusters: Numbers) -> Numbers:
    """What is left of a cluster stands alone where it is too little."""
    sizes = np.bincount(clusters[clusters != NONE], minlength=1)
    return np.where((clusters != NONE) & (sizes[clusters] >= _SMALLEST), clusters, NONE)


def _named_apart(points: Points, later: Numbers) -> list[str]:
    """Names by which only later points are set beside those that are exactly like them."""
    moved = {points.digests[row] for row in later.tolist()}
    return [digest if digest in moved else f"{row} alone" for row, digest in enumerate(points.digests)]
