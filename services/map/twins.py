"""Scripts that are there twice or more, as lines on a map: see ``services.nearness.repeated``.

A group of ``n`` that have the same words is joined by ``n - 1`` lines: several hundred copies of one script would have
hundreds of thousands. No two are joined of which somebody has said that both are meant.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.landscape import Joined
from services.domain.maps import Map
from services.domain.scripts import Record
from services.domain.settled import Pair
from services.ground.progress import Report
from services.nearness import Nearness
from services.nearness.repeated import Partners, partners, repeated

_REPORT_EVERY = 256


@dataclass(frozen=True)
class Twins:
    """Part of a landscape: its fields of these names."""

    same: tuple[tuple[str, ...], ...]
    joined: tuple[Joined, ...]
    more_joined: bool
    looked_among: int


def twins(
    shown: Map, records: Mapping[str, Record], nearness: Nearness, meant: Collection[Pair], report: Report
) -> Twins:
    """Of the approved and draft scripts of a map; ``meant`` are the pairs of which both are.

    Raises ``Cancelled`` where ``report`` does.
    """
    found = repeated((records[i] for i in shown.scripts if i in records), nearness, meant, report)
    found, beside = found.still(records, meant), partners(meant)
    lines = [line for group in found.same for line in _walk(group, shown, beside)]
    joined = [(one, other, 1.0, far) for one, other, far in _measured(lines, nearness, report)]
    joined += [(one, twin.id, twin.words, twin.distance) for one, twin in found.near]
    return Twins(found.same, tuple(_joined(shown, *one) for one in joined), found.more, found.looked_among)


def _walk(group: Sequence[str], shown: Map, beside: Partners) -> Iterator[tuple[str, str]]:
    """One after the other from the left on, each time to the nearest on the map: lines that cross say nothing.

    Where one is meant beside all that are left, it goes on from the one before: a group is one because each is
    reached so.
    """
    places = shown.positions[[shown.places[script] for script in group]].astype(np.float64)
    rows = {script: row for row, script in enumerate(group)}
    left, way = np.ones(len(group), bool), [int(np.argmin(places[:, 0]))]
    left[way[0]] = False
    for _ in group[1:]:
        while not (there := _without(left, [rows[i] for i in beside.get(group[way[-1]], ()) if i in rows])).any():
            way.pop()
        far = np.where(there, ((places - places[way[-1]]) ** 2).sum(axis=1), np.inf)
        nearest = int(np.argmin(far))
        yield group[way[-1]], group[nearest]
        left[nearest] = False
        way.append(nearest)


def _without(left: npt.NDArray[np.bool_], rows: Sequence[int]) -> npt.NDArray[np.bool_]:
    there = left.copy()
    there[list(rows)] = False
    return there


def _measured(lines: Sequence[tuple[str, str]], nearness: Nearness, report: Report) -> Iterator[tuple[str, str, float]]:
    for done, (one, other) in enumerate(lines):
        if done % _REPORT_EVERY == 0:
            report("Joining those with the same words", done, len(lines))
        yield one, other, nearness.distance(one, other)


def _joined(shown: Map, one: str, other: str, words: float, distance: float) -> Joined:
    (x, y), (z, w) = shown.positions[[shown.places[one], shown.places[other]]].tolist()
    return Joined(one, other, words, distance if math.isfinite(distance) else None, ((x, y), (z, w)))
