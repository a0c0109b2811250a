"""Two maps of one corpus, drawn from the same places on and laid over each other, so that points can be followed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from services.domain import neighbours, planes
from services.domain.maps import NEIGHBOURS, NONE, Drawn, Map, Numbers, Points, Positions
from services.domain.methods import Method
from services.domain.moved import Asked, Compared, Moved, Questions, Seen, Side
from services.domain.scripts import Record, Vectors
from services.ground import digests
from services.ground.progress import Report
from services.map import drawing
from services.map.later import among_neighbours, key_of
from services.map.questions import asked, not_too_far
from services.map.reached import Reachable
from services.ports.maps import Fitted, Fitter

_NOTHING = 1e-9
# Cosines that are held at once where some are tied: 16 MB of either side.
_AT_ONCE = 4_000_000
_Which = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Given:
    """What one side is made of."""

    side: Side
    points: Points
    records: Mapping[str, Record]
    questions: Questions | None = None
    # Why the questionnaires that were wanted are not there.
    not_asked: str = ""
    # What the distance of a script from a questionnaire is.
    method: Method = field(default_factory=Method)


def compare(before: Given, after: Given, start: Map | None, fitter: Fitter, report: Report) -> Compared:
    """Draw both and tell what moved. Both begin where the scripts are on ``start``, or on the first one's stand-in.

    Of one model, and with nobody who asks, the second begins on the first and moves in small steps: what has not
    changed stays.

    Raises:
        MapFailed: a map could not be drawn.
        Cancelled: somebody said stop.
    """
    begun = _begin(before, after, start)
    alike = before.points.model_digest == after.points.model_digest and not (before.questions or after.questions)
    known = start is not None and start.drawn is Drawn.UMAP and start.model_digest == before.points.model_digest
    with fitter.several() as one:
        first = _seen(before, begun, one, _staged(report, "First picture"), settled=alike and known)
        if alike:
            begun = {**begun, **dict(zip(first.map.scripts, first.map.positions, strict=True))}
        second = _seen(after, begun, one, _staged(report, "Second picture"), settled=alike)
    report("Comparing neighbours", 0, 0)
    rows, onto = _common(before.points, after.points)
    count = _count(len(rows))
    second = _laid_over(first, second, rows, onto)
    first, second = not_too_far(first), not_too_far(second)
    old, new = before.points.scripts, after.points.scripts
    return Compared(
        before=first,
        after=second,
        moved=_moved((before.points, first.map, rows), (after.points, second.map, onto), count, report),
        neighbours=count,
        only_before=tuple(sorted(set(old) - set(new))),
        only_after=tuple(sorted(set(new) - set(old))),
    )


def share_lost(before: Vectors, after: Vectors, count: int, report: Report) -> Vectors:
    """``float32[n]`` of ``float32[n, _]`` each: the share of a row's ``count`` nearest that are so no more.

    Of others that are as near as the last of them, any may stand for it, on either side.
    """
    if not count:
        return np.zeros(len(before), np.float32)

    def told(done: int, total: int) -> None:
        report("Comparing neighbours", done, total)

    # Each is its own nearest; one more tells whether others are as near as the last.
    most = min(count + 2, len(before))
    old, first = neighbours.each_nearest(before, most, told)
    new, second = neighbours.each_nearest(after, most, told)
    kept = (old[:, 1 : count + 1, np.newaxis] == new[:, np.newaxis, 1 : count + 1]).sum(axis=(1, 2))
    tied = np.flatnonzero(np.minimum(*(far[:, -1] - far[:, count] for far in (first, second))) <= neighbours.ROUNDING)
    step = max(1, _AT_ONCE // len(before))
    for start in range(0, len(tied), step):
        told(start, len(tied))
        rows = tied[start : start + step]
        here, there = (_near(vectors, rows, far[rows, count]) for vectors, far in ((before, first), (after, second)))
        kept[rows] = _most_in_common(here, there, count)
    return np.asarray(1.0 - kept / count, np.float32)


def _near(vectors: Vectors, rows: Numbers, last: Vectors) -> tuple[_Which, _Which]:
    """``bool[r, n]`` each: who is nearer to these rows than the last of the nearest, and who is as near as it."""
    cosines = vectors[rows] @ vectors.T
    cosines[np.arange(len(rows)), rows] = -np.inf
    ends = 1.0 - last[:, np.newaxis]
    nearer = cosines > ends + neighbours.ROUNDING
    return nearer, (cosines >= ends - neighbours.ROUNDING) & ~nearer


def _most_in_common(before: tuple[_Which, _Which], after: tuple[_Which, _Which], count: int) -> Numbers:
    """How many two choices of the ``count`` nearest can have in common: all that are nearer, and of the tied some."""
    (nearer, tied), (nearer_then, tied_then) = before, after
    some = partial(np.count_nonzero, axis=1)
    left, left_then = count - some(nearer), count - some(nearer_then)
    out = np.minimum(some(nearer & tied_then), left_then)
    into = np.minimum(some(tied & nearer_then), left)
    # Whoever is tied twice takes a place on either side.
    both = np.minimum(some(tied & tied_then), np.minimum(left - into, left_then - out))
    return np.asarray(some(nearer & nearer_then) + out + into + both, np.int64)


def _begin(before: Given, after: Given, start: Map | None) -> Mapping[str, Positions]:
    """Where the scripts of both begin."""
    first = before.points if len(before.points) else after.points
    known: dict[str, Positions] = {}
    if start is not None and len(start.scripts):
        known = dict(zip(start.scripts, planes.scaled(start.positions), strict=True))
    if 2 * sum(script in known for script in first.scripts) < len(first):
        known = dict(zip(first.scripts, planes.strongest(first.vectors), strict=True))
    for points in (first, after.points):
        places = _beside(points.vectors, points.scripts, known)
        known |= dict(zip(points.scripts, places, strict=True))
    return known


def _beside(vectors: Vectors, scripts: Sequence[str], known: Mapping[str, Positions]) -> Positions:
    """The known places, and for the others a place among those of their neighbours; a stand-in without any."""
    there = np.array([script in known for script in scripts], bool)
    if not there.any():
        return planes.strongest(vectors)
    placed = np.zeros((len(scripts), 2), np.float32)
    for row in np.flatnonzero(there).tolist():
        placed[row] = known[scripts[row]]
    if not there.all():
        placed[~there] = among_neighbours(vectors[~there], vectors[there], placed[there])
    return placed


def _seen(given: Given, begun: Mapping[str, Positions], fitter: Fitter, report: Report, *, settled: bool) -> Seen:
    points, questions = given.points, given.questions if len(given.points) else None
    start = _beside(points.vectors, points.scripts, begun)
    vectors = points.vectors
    if questions is not None:
        start = np.concatenate([start, among_neighbours(questions.meant, vectors, start)])
        vectors = np.concatenate([vectors, questions.meant])
    size = len(points)
    drawn, positions, clusters = _placed(points, vectors, start, partial(fitter.fit, report=report, settled=settled))
    report("Measuring how far the picture can be believed", 0, 0)
    return Seen(
        side=given.side,
        map=Map(
            key=digests.of_value([key_of(points), drawn.value, digests.of_bytes(positions.tobytes())]),
            drawn=drawn,
            scripts=points.scripts,
            positions=positions[:size],
            digests=points.digests,
            fitted=np.ones(size, bool),
            clusters=clusters[:size],
            model_digest=points.model_digest,
            model_name=points.model_name,
            quality=neighbours.quality(points.vectors, positions[:size]),
        ),
        # Without vectors, which nobody looks at and which would fill the memory.
        records={script: replace(given.records[script], vectors=None) for script in points.scripts},
        left_out=points.left_out,
        asked=_asked(given, questions, positions[size:], report) if questions is not None else None,
        not_asked=given.not_asked,
    )


def _asked(given: Given, questions: Questions, positions: Positions, report: Report) -> Asked:
    reachable = Reachable.of(given.points, given.records, given.method)
    return asked(questions, given.points, positions, reachable, partial(report, "Measuring distances"))


def _placed(
    points: Points, vectors: Vectors, start: Positions, fit: Callable[[Vectors, Positions], Fitted]
) -> tuple[Drawn, Positions, Numbers]:
    """Scripts and questionnaires placed together: a questionnaire alone would be put among the scripts by force."""
    if not drawing.too_few(points):
        fitted = fit(vectors, start)
        return Drawn.UMAP, fitted.positions, fitted.clusters
    nowhere = np.full(len(vectors), NONE, np.int64)
    names = [vector.tobytes().hex() for vector in vectors]
    return Drawn.PCA, planes.side_by_side(planes.strongest(vectors), names), nowhere


def _laid_over(first: Seen, second: Seen, rows: Numbers, onto: Numbers) -> Seen:
    """The second turned, mirrored, shifted and scaled as a whole so that its scripts lie on those of the first.

    Where these are too few to say how large it is, the scripts of both are as large: of a fit with questionnaires far
    off they are a small part.
    """
    size = len(second.map.scripts)
    ours, theirs = planes.radius(second.map.positions), planes.radius(first.map.positions)
    every = second.map.positions
    if second.asked is not None:
        every = np.concatenate([every, second.asked.positions])
    if ours > _NOTHING and theirs > _NOTHING:
        every = every * np.float32(theirs / ours)
    laid = planes.laid_over(every, first.map.positions, onto, rows)
    moved = replace(second, map=replace(second.map, positions=laid[:size]))
    return replace(moved, asked=replace(second.asked, positions=laid[size:])) if second.asked else moved


def _common(before: Points, after: Points) -> tuple[Numbers, Numbers]:
    """The rows of the scripts that both have, there and there."""
    places = {script: row for row, script in enumerate(after.scripts)}
    both = [(row, places[script]) for row, script in enumerate(before.scripts) if script in places]
    pairs = np.array(both, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _count(size: int) -> int:
    """Over how many neighbours loss is told: at most half of the others, for of all of them none can be lost."""
    return min(NEIGHBOURS, max(0, size - 1) // 2)


_Half = tuple[Points, Map, Numbers]


def _moved(before: _Half, after: _Half, count: int, report: Report) -> tuple[Moved, ...]:
    (old, first, rows), (new, second, onto) = before, after
    if not len(rows):
        return ()
    lost = share_lost(old.vectors[rows], new.vectors[onto], count, report)
    ways = np.linalg.norm(second.positions[onto] - first.positions[rows], axis=1)
    centred = first.positions - first.positions.mean(axis=0)
    radius = max(_NOTHING, float(np.sqrt((centred.astype(np.float64) ** 2).sum(axis=1).mean())))
    found = [
        Moved(
            script=old.scripts[row],
            lost=round(float(lost[place]), 6),
            way=float(ways[place]) / radius,
            itself=old.model_digest != new.model_digest or old.digests[row] != new.digests[there],
        )
        for place, (row, there) in enumerate(zip(rows.tolist(), onto.tolist(), strict=True))
    ]
    return tuple(sorted(found, key=lambda one: (-one.lost, -one.way, one.script)))


def _staged(report: Report, stage: str) -> Report:
    return lambda what, done, total: report(f"{stage}: {what[0].lower()}{what[1:]}", done, total)
