"""Scripts that are there twice or more: the same word for word as groups, nearly the same as pairs.

Pairs are looked for among one script of each text only, and no more are found than anybody settles: 3,000 copies of one
script would have four and a half million.
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from services.domain.scripts import Record, Status
from services.domain.settled import Pair
from services.ground.progress import Report
from services.nearness import Nearness, Twin

# Pairs that are nearly the same: more than anybody settles one by one.
MOST = 500

# By script, those beside which it is meant.
Partners = Mapping[str, AbstractSet[str]]


@dataclass(frozen=True)
class Repeated:
    """What is there twice or more. Scripts by id."""

    # Scripts that are the same word for word, as groups of two or more, the largest first.
    same: tuple[tuple[str, ...], ...] = ()
    # Pairs that are nearly the same, the most alike first, of each group one script only beside any other.
    near: tuple[tuple[str, Twin], ...] = ()
    # Whether there are more such pairs than these, which lie nearest.
    more: bool = False
    # Of very many pairs that lie near, among how many of the nearest these were looked for; 0: among all.
    looked_among: int = 0

    def __len__(self) -> int:
        """How many groups and pairs there are."""
        return len(self.same) + len(self.near)

    def still(self, records: Mapping[str, Record], meant: Collection[Pair]) -> "Repeated":
        """What of it is to be settled, of these records; ``meant`` are the pairs of which both are.

        A group falls in parts where everybody of one is meant beside everybody of the others. Of two groups that are
        nearly the same, it names the first two scripts that nobody has settled: settling one copy says nothing of
        another.
        """
        beside = partners(meant)
        copies = {group[0]: group for group in self.same}
        near = []
        for one, twin in self.near:
            here, there = (
                [i for i in copies.get(script, (script,)) if _in_use(records.get(i))] for script in (one, twin.id)
            )
            pair = _unsettled(here, there, beside)
            if pair is not None:
                near.append((min(pair), replace(twin, id=max(pair))))
        held = [[record for i in group if (record := records.get(i)) and _in_use(record)] for group in self.same]
        same = [part for group in held for whole in _same(group) for part in _apart(whole, beside)]
        return replace(self, same=_ordered(same), near=_most_alike(near))


def repeated(held: Iterable[Record], nearness: Nearness, meant: Collection[Pair], report: Report) -> Repeated:
    """Everything that is there twice or more among the approved and drafted of these, settled or not.

    What is settled counts for nothing where no more are told, so that there is as much left to settle. Raises
    ``Cancelled`` where ``report`` does.
    """
    in_use = [record for record in held if _in_use(record)]
    groups, beside = _ordered(_same(in_use)), partners(meant)
    copies = {group[0]: group for group in groups}
    among = {r.script.id for r in in_use}.difference(*(group[1:] for group in groups))

    def settled(one: str, other: str) -> bool:
        return _unsettled(copies.get(one, (one,)), copies.get(other, (other,)), beside) is None

    found = nearness.nearest_twins(among, MOST, report, settled=settled)
    return Repeated(groups, _most_alike(found.pairs), found.more, found.looked_among)


def partners(meant: Iterable[Pair]) -> Partners:
    """Beside which others each script is meant."""
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in meant:
        found[one].add(other)
        found[other].add(one)
    return dict(found)


def _in_use(record: Record | None) -> bool:
    return record is not None and record.script.status is not Status.RETIRED


def _same(held: Iterable[Record]) -> Iterator[tuple[str, ...]]:
    """The scripts that have the same text, as groups of two or more."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for record in held:
        by_text[record.script.text].append(record.script.id)
    yield from (tuple(sorted(group)) for group in by_text.values() if len(group) > 1)


def _apart(group: Sequence[str], beside: Partners) -> Iterator[tuple[str, ...]]:
    """A group in parts where everybody of one part is meant beside everybody of the others; of two scripts or more."""
    left = dict.fromkeys(group)
    while left:
        waiting, found = [next(iter(left))], []
        del left[waiting[0]]
        while waiting:
            one = waiting.pop()
            found.append(one)
            there = beside.get(one, set())
            for other in [other for other in left if other not in there]:
                del left[other]
                waiting.append(other)
        if len(found) > 1:
            yield tuple(sorted(found))


def _unsettled(one: Sequence[str], other: Sequence[str], beside: Partners) -> Pair | None:
    """The first of either that are not settled with each other; soon found, as few are."""
    either = itertools.product(one, other)
    return next(((a, b) for a, b in either if b not in beside.get(a, set())), None)


def _ordered(groups: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


def _most_alike(pairs: Iterable[tuple[str, Twin]]) -> tuple[tuple[str, Twin], ...]:
    return tuple(sorted(pairs, key=lambda pair: (-pair[1].words, pair[0], pair[1].id)))
