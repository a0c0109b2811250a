"""Which points share a colour and a shape, and what the legend calls them: for every way of drawing a map."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from services.domain.maps import NONE, Map, Numbers
from services.domain.scripts import Status
from services.domain.words import section
from services.map.look import TITLES, Colouring, Layers, Look
from services.shelf import Row

# As many colours as can be told apart; what is beyond them is gathered in one group.
MOST = 7
# The shape of what is gathered, or says nothing.
REST = MOST
_EDGE = 2
_CROWD, _TURNS = 5_000, 8


@dataclass(frozen=True, eq=False)
class Group:
    """Points of one colour and shape."""

    name: str
    colour: str
    # From 0 to ``REST``.
    shape: int
    # In the order of ``Scene.rows``.
    members: Numbers

    def slices(self, many: int) -> list[Numbers]:
        """Its members in so many parts. Drawn in turns with those of others, no group hides another."""
        return [self.members[start::many] for start in range(many)]


@dataclass(frozen=True, eq=False)
class Shade:
    """A number for each point, told by a scale of colours; NaN where there is none."""

    title: str
    values: npt.NDArray[np.float32]
    # What is beyond them has the colour of the end.
    low: float
    high: float
    # Whether little stands out, as of a distance, instead of much.
    turned: bool

    @property
    def ticks(self) -> tuple[list[float], list[str]]:
        """Where the scale has words, and which."""
        middle = (self.low + self.high) / 2
        least, most = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        below = "≤ " if least < self.low else ""
        above = "≥ " if most > self.high else ""
        places = [self.low, middle, self.high] if self.high > self.low else [self.low]
        return places, [f"{mark}{self.say(place)}" for mark, place in zip((below, "", above), places, strict=False)]

    def say(self, value: float) -> str:
        """A value in words."""
        return f"{value:.3f}" if self.turned else f"{round(value):,}"


@dataclass(frozen=True, eq=False)
class Scene:
    """What is to be drawn, before anybody says by what."""

    # The scripts that are drawn, none where they have not been read yet; and of each its row on the map.
    rows: tuple[Row, ...]
    places: Numbers
    groups: tuple[Group, ...]
    title: str
    shade: Shade | None = None

    @property
    def crowded(self) -> bool:
        """Whether points lie over one another."""
        return len(self.places) > _CROWD

    def in_turns(self) -> Iterator[tuple[Group, Numbers]]:
        """What is drawn one after the other: what has no colour of its own first, so that it lies below what has.

        Of very many points each group comes in parts, so that none hides the others wherever they mix.
        """
        for coloured in (False, True):
            some = [group for group in self.groups if (group.shape != REST) is coloured]
            parts = _TURNS if self.crowded and len(some) > 1 else 1
            for turn in zip(*(group.slices(parts) for group in some), strict=True):
                yield from zip(some, turn, strict=True)

    @property
    def opacity(self) -> float:
        """How much a point hides what lies below it."""
        return 0.8 if self.crowded else 0.9


def scene(of: Map, rows: Iterable[Row], look: Look, layers: Layers) -> Scene:
    """The scripts that have a place, in groups by what the colours mean."""
    known = of.places
    drawn = tuple(row for row in rows if row.script.id in known)
    places = np.array([known[row.script.id] for row in drawn], np.int64)
    if look.colouring in {Colouring.WORDS, Colouring.DISTANCE}:
        shade = _shade(drawn, places, look, layers)
        return Scene(drawn, places, _by_number(shade, look), shade.title, shade)
    return Scene(drawn, places, _groups(of, drawn, places, look, layers), TITLES[look.colouring])


def _groups(of: Map, rows: Sequence[Row], places: Numbers, look: Look, layers: Layers) -> tuple[Group, ...]:
    if look.colouring is Colouring.CLUSTER:
        return _by_cluster(of.clusters[places], look, layers)
    if look.colouring is Colouring.SECTION:
        return by_section([row.script.section for row in rows], look)
    if look.colouring is Colouring.STATUS:
        return _collected([row.script.status.value for row in rows], tuple(s.value for s in _STATUSES), "", look)
    if look.colouring is Colouring.AUTHOR:
        authors = [row.script.author for row in rows]
        return _collected(authors, _most(Counter(filter(None, authors))), "other authors", look)
    areas = Counter(area for row in rows for area in row.script.focus_areas)
    kept = _most(areas)
    return _collected([_first(row, dict.fromkeys(kept, "")) for row in rows], kept, "other focus areas", look)


def by_section(sections: Sequence[str], look: Look) -> tuple[Group, ...]:
    """Groups of points that lie in these sections."""
    found = _collected(sections, look.sections, "other sections", look)
    return tuple(replace(group, name=section(group.name)) for group in found)


_STATUSES = (Status.APPROVED, Status.DRAFT, Status.RETIRED)


def _first(row: Row, kept: Mapping[str, str]) -> str:
    """The first of its focus areas that has a colour, else its first."""
    areas = row.script.focus_areas
    return next((area for area in areas if area in kept), areas[0] if areas else "")


def _most(counted: Counter[str]) -> tuple[str, ...]:
    # By name where they are equally many, so that the colours are the same each time.
    return tuple(name for name, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST])


def _collected(named: Sequence[str], order: Sequence[str], rest: str, look: Look) -> tuple[Group, ...]:
    """A group for each of the first names, one for the others and one for what has no name."""
    numbers = {name: number for number, name in enumerate(order[:MOST])}
    members: dict[int, list[int]] = {}
    for place, name in enumerate(named):
        members.setdefault(numbers.get(name, REST if name else REST + 1), []).append(place)
    names = [*numbers, *[""] * (MOST - len(numbers)), rest, "not stated"]
    return tuple(_group(names[n], n, members[n], look) for n in sorted(members))


def _by_cluster(clusters: Numbers, look: Look, layers: Layers) -> tuple[Group, ...]:
    names: Mapping[int, str] = layers.landscape.names if layers.landscape else {}
    each = [(names.get(number, f"Cluster {number + 1}"), clusters == number) for number in range(MOST)]
    each += [("smaller clusters", clusters >= MOST), ("stand alone", clusters == NONE)]
    return tuple(
        _group(name, number, np.flatnonzero(there), look) for number, (name, there) in enumerate(each) if there.any()
    )


def _group(name: str, number: int, members: Iterable[int] | Numbers, look: Look) -> Group:
    # The lighter grey is only for what says nothing at all.
    greys = {REST: look.colours.quiet, REST + 1: look.colours.faint}
    colour = greys.get(number) or look.colours.group(number)
    return Group(name, colour, min(number, REST), np.fromiter(members, np.int64))


def _shade(rows: Sequence[Row], places: Numbers, look: Look, layers: Layers) -> Shade:
    if look.colouring is Colouring.WORDS:
        values = np.array([row.words for row in rows], np.float32)
    elif layers.asked is not None and len(layers.asked.distances):
        values = layers.asked.distances[places]
    else:
        values = np.full(len(rows), np.nan, np.float32)
    known = values[np.isfinite(values)]
    # One very long script would leave all others the same colour.
    low, high = np.percentile(known, [_EDGE, 100 - _EDGE]).tolist() if len(known) else (0.0, 1.0)
    return Shade(TITLES[look.colouring], values, low, high, turned=look.colouring is Colouring.DISTANCE)


def _by_number(shade: Shade, look: Look) -> tuple[Group, ...]:
    known = np.isfinite(shade.values)
    groups = [Group("", look.colours.ink, 0, np.flatnonzero(known))]
    without = "not asked" if shade.turned else "not known"
    return tuple(
        g for g in (*groups, Group(without, look.colours.faint, REST, np.flatnonzero(~known))) if len(g.members)
    )
