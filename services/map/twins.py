"""Scripts that are there twice or more: the same word for word as one group, nearly the same as pairs.

A group of ``n`` is joined by ``n - 1`` lines, and pairs are looked for among one script of each group only: several
hundred copies of one script would have hundreds of thousands. No two are joined of which somebody has said that both
are meant.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.landscape import Joined
from services.domain.maps import Map
from services.domain.scripts import Record, Status
from services.domain.settled import Pair
from services.ground.progress import Report
from services.nearness import Nearness

# Pairs that are nearly the same: more than anybody settles one by one.
MOST = 500
_REPORT_EVERY = 256

# By script, those beside which it is meant.
_Partners = Mapping[str, AbstractSet[str]]


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
    held = [records[i] for i in shown.scripts if i in records and records[i].script.status is not Status.RETIRED]
    partners = _partners(meant)
    groups = sorted(_same(held, partners), key=lambda group: (-len(group), group))
    copies = {group[0]: group[1:] for group in groups}
    among = {r.script.id for r in held}.difference(*copies.values())
    found = nearness.nearest_twins(among, MOST, report, copies=copies)
    near = sorted(found.pairs, key=lambda pair: (-pair[1].words, pair[0], pair[1].id))
    lines = [line for group in groups for line in _walk(group, shown, partners)]
    joined = [(one, other, 1.0, far) for one, other, far in _measured(lines, nearness, report)]
    joined += [(one, twin.id, twin.words, twin.distance) for one, twin in near]
    return Twins(tuple(groups), tuple(_joined(shown, *one) for one in joined), found.more, found.looked_among)


def _partners(meant: Iterable[Pair]) -> _Partners:
    partners: dict[str, set[str]] = defaultdict(set)
    for one, other in meant:
        partners[one].add(other)
        partners[other].add(one)
    return dict(partners)


def _same(held: Iterable[Record], partners: _Partners) -> Iterator[tuple[str, ...]]:
    """The scripts that have the same text, as groups of two or more."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for record in held:
        by_text[record.script.text].append(record.script.id)
    for group in by_text.values():
        yield from _apart(sorted(group), partners) if len(group) > 1 else ()


def _apart(group: Sequence[str], partners: _Partners) -> Iterator[tuple[str, ...]]:
    """A group in parts where everybody of one part is meant beside everybody of the others; of two scripts or more."""
    left = dict.fromkeys(group)
    while left:
        waiting, found = [next(iter(left))], []
        del left[waiting[0]]
        while waiting:
            one = waiting.pop()
            found.append(one)
            there = partners.get(one, set())
            for other in [other for other in left if other not in there]:
                del left[other]
                waiting.append(other)
        if len(found) > 1:
            yield tuple(sorted(found))


def _walk(group: Sequence[str], shown: Map, partners: _Partners) -> Iterator[tuple[str, str]]:
    """One after the other from the left on, each time to the nearest on the map: lines that cross say nothing.

    Where one is meant beside all that are left, it goes on from the one before: ``_apart`` has seen that each is
    reached so.
    """
    places = shown.positions[[shown.places[script] for script in group]].astype(np.float64)
    rows = {script: row for row, script in enumerate(group)}
    left, way = np.ones(len(group), bool), [int(np.argmin(places[:, 0]))]
    left[way[0]] = False
    for _ in group[1:]:
        while not (there := _without(left, [rows[i] for i in partners.get(group[way[-1]], ()) if i in rows])).any():
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
