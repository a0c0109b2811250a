"""Scripts that are there twice or more: the same word for word as one group, nearly the same as pairs.

A group of ``n`` is joined by ``n - 1`` lines, and pairs are looked for among one script of each group only: several
hundred copies of one script would have hundreds of thousands.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.domain.landscape import Joined
from services.domain.maps import Map
from services.domain.scripts import Record, Status
from services.domain.settled import Pair
from services.ground.progress import Report
from services.nearness import Nearness

# Pairs that are nearly the same: more than anybody settles one by one.
MOST = 500
_REPORT_EVERY = 256


@dataclass(frozen=True)
class Twins:
    """Part of a landscape: its fields of these names."""

    same: tuple[tuple[str, ...], ...]
    joined: tuple[Joined, ...]
    more_joined: bool


def twins(
    shown: Map, records: Mapping[str, Record], nearness: Nearness, meant: Collection[Pair], report: Report
) -> Twins:
    """Of the approved and draft scripts of a map; ``meant`` are the pairs of which both are.

    Raises ``Cancelled`` where ``report`` does.
    """
    held = [records[i] for i in shown.scripts if i in records and records[i].script.status is not Status.RETIRED]
    groups = sorted(_same(held, meant), key=lambda group: (-len(group), group))
    copies = {script for group in groups for script in group[1:]}
    near, more = nearness.nearest_twins({r.script.id for r in held} - copies, MOST, report)
    near.sort(key=lambda pair: (-pair[1].words, pair[0], pair[1].id))
    chained = _chained([_walk(group, shown) for group in groups], nearness, report)
    joined = [(a, b, 1.0, far) for a, b, far in chained] + [(a, b.id, b.words, b.distance) for a, b in near]
    return Twins(tuple(groups), tuple(_joined(shown, *one) for one in joined), more)


def _same(held: Iterable[Record], meant: Collection[Pair]) -> Iterator[tuple[str, ...]]:
    """The scripts that have the same text, as groups of two or more."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for record in held:
        by_text[record.script.text].append(record.script.id)
    partners: dict[str, set[str]] = defaultdict(set)
    for one, other in meant:
        partners[one].add(other)
        partners[other].add(one)
    for group in by_text.values():
        yield from _apart(sorted(group), partners) if len(group) > 1 else ()


def _apart(group: Sequence[str], partners: Mapping[str, set[str]]) -> Iterator[tuple[str, ...]]:
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


def _walk(group: Sequence[str], shown: Map) -> list[str]:
    """One after the other from the left on, each time to the nearest on the map: lines that cross say nothing."""
    places = shown.positions[[shown.places[script] for script in group]].astype(np.float64)
    left, found = np.ones(len(group), bool), [int(np.argmin(places[:, 0]))]
    left[found[0]] = False
    for _ in group[1:]:
        far = np.where(left, ((places - places[found[-1]]) ** 2).sum(axis=1), np.inf)
        found.append(int(np.argmin(far)))
        left[found[-1]] = False
    return [group[row] for row in found]


def _chained(groups: Iterable[Sequence[str]], nearness: Nearness, report: Report) -> Iterator[tuple[str, str, float]]:
    pairs = [pair for group in groups for pair in itertools.pairwise(group)]
    for done, (one, other) in enumerate(pairs):
        if done % _REPORT_EVERY == 0:
            report("Joining those with the same words", done, len(pairs))
        yield one, other, nearness.distance(one, other)


def _joined(shown: Map, one: str, other: str, words: float, distance: float) -> Joined:
    (x, y), (z, w) = shown.positions[[shown.places[one], shown.places[other]]].tolist()
    return Joined(one, other, words, distance if math.isfinite(distance) else None, ((x, y), (z, w)))
