"""How the map is drawn: at once by the two strongest directions, then by UMAP from where the last map was."""

import time
from dataclasses import dataclass

import numpy as np

from services.domain import neighbours, planes
from services.domain.maps import NONE, Drawn, Map, Numbers, Points, Positions
from services.ground.progress import Report
from services.map.later import among_neighbours, key_of, unchanged
from services.ports.maps import Fitter

# Fewer than these have nothing that a fit could bring out.
LEAST = 6
# All vectors within this cosine distance of the first are one and the same for a picture.
_SAME = 1e-6


def stand_in(points: Points) -> Map:
    """The map by the two directions in which the scripts differ most: in well under a second, of any number."""
    started = time.perf_counter()
    if all_alike(points):
        # What tells them apart is rounding.
        positions = planes.side_by_side(np.zeros((len(points), 2), np.float32), [""] * len(points))
    else:
        positions = planes.side_by_side(planes.strongest(points.vectors), points.digests)
    return Map(
        key=key_of(points),
        drawn=Drawn.PCA,
        scripts=points.scripts,
        positions=positions,
        digests=points.digests,
        fitted=np.ones(len(points), bool),
        clusters=np.full(len(points), NONE, np.int64),
        model_digest=points.model_digest,
        model_name=points.model_name,
        quality=neighbours.quality(points.vectors, positions),
        seconds=time.perf_counter() - started,
        note=_note(points),
    )


def too_few(points: Points) -> bool:
    """Whether a fit would bring nothing out that the stand-in does not show."""
    return len(points) < LEAST or all_alike(points)


def all_alike(points: Points) -> bool:
    """Whether all vectors are the same but for rounding."""
    if len(points) < 2:  # noqa: PLR2004  one point is like itself
        return True
    return bool((1.0 - points.vectors @ points.vectors[0] < _SAME).all())


def draw(points: Points, before: Map | None, fitter: Fitter, report: Report, *, anew: bool = False) -> Map:
    """The full fit, begun from the last map and laid over it; the stand-in where there is too little to fit.

    ``anew``: begun as if there were no last map, and laid over it all the same.

    Raises:
        MapFailed: it could not be done.
        Cancelled: somebody said stop.
    """
    if too_few(points):
        return stand_in(points)
    started = time.perf_counter()
    begun = _begin(points, before, anew=anew)
    fitted = fitter.fit(points.vectors, begun.start, report, settled=begun.settled)
    return Map(
        key=key_of(points),
        drawn=Drawn.UMAP,
        scripts=points.scripts,
        positions=planes.laid_over(fitted.positions, begun.known, begun.rows, begun.places),
        digests=points.digests,
        fitted=np.ones(len(points), bool),
        clusters=fitted.clusters,
        model_digest=points.model_digest,
        model_name=points.model_name,
        quality=fitted.quality,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, eq=False)
class _Begun:
    """Where a fit begins, and the places that people know: ``rows`` of the points at ``places`` of ``known``."""

    start: Positions
    settled: bool
    known: Positions
    rows: Numbers
    places: Numbers


def _begin(points: Points, before: Map | None, *, anew: bool) -> _Begun:
    """On the last map, where most of the points are in it; else on the stand-in."""
    strongest = planes.strongest(points.vectors)
    rows, places = unchanged(points, before) if before else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    if before is None or 2 * len(rows) < len(points):
        all_rows = np.arange(len(points))
        return _Begun(strongest, settled=False, known=strongest, rows=all_rows, places=all_rows)
    if anew:
        return _Begun(strongest, settled=False, known=before.positions, rows=rows, places=places)
    start = np.zeros((len(points), 2), np.float32)
    start[rows] = before.positions[places]
    later = np.setdiff1d(np.arange(len(points)), rows)
    start[later] = among_neighbours(points.vectors[later], points.vectors[rows], before.positions[places])
    return _Begun(start, settled=True, known=before.positions, rows=rows, places=places)


def _note(points: Points) -> str:
    if not len(points):
        return "There are no scripts to place yet."
    if len(points) == 1:
        return "There is one script, and it stands in the middle."
    if all_alike(points):
        return f"All {len(points):,} scripts read the same to the model, so they stand around one place."
    if len(points) < LEAST:
        return f"With {len(points)} scripts there is not enough to draw a landscape; they stand by what differs most."
    return ""
