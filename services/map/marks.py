"""What a map shows besides its scripts: what was asked, its hits, near-duplicates, and gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.domain.landscape import AskedOnMap, Gap, Landing, Landscape, Place
from services.domain.maps import Map
from services.domain.words import section
from services.map.groups import Scene
from services.map.look import Layers, Look

_MOST_WORDS = 6
_UNRELATED = "an unrelated question would come as near"


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of one kind, each from one place to another."""

    name: str
    colour: str
    width: float
    dash: str
    ends: Sequence[tuple[Place, Place]]
    # Of which sections each is; it is drawn in the small map of any of them.
    sections: Sequence[frozenset[str]]

    def within(self, section: str) -> "Lines":
        """Those of a section; all where none is named."""
        if not section:
            return self
        kept = [i for i, of in enumerate(self.sections) if section in of]
        return replace(self, ends=[self.ends[i] for i in kept], sections=[self.sections[i] for i in kept])


@dataclass(frozen=True, eq=False)
class Marks:
    """Marks of one kind."""

    name: str
    # In Plotly's words.
    symbol: str
    colour: str
    size: float
    rim: float
    at: Sequence[Place]
    # What stands above each; empty for nothing.
    labels: Sequence[str]
    # What is told of each, line by line.
    told: Sequence[tuple[str, ...]]
    # Empty: it belongs to all.
    sections: Sequence[str]
    # Which scripts they are, where they are any: whoever presses a mark means what lies in it.
    scripts: Sequence[str] = ()
    # Where the label of each stands, in Plotly's words; above it where nothing is said.
    beside: Sequence[str] = ()

    def within(self, section: str) -> "Marks":
        """Those of a section; all where none is named."""
        if not section:
            return self
        kept = [i for i, of in enumerate(self.sections) if of in {"", section}]
        return replace(
            self,
            at=[self.at[i] for i in kept],
            labels=[self.labels[i] for i in kept],
            told=[self.told[i] for i in kept],
            sections=[self.sections[i] for i in kept],
            scripts=[self.scripts[i] for i in kept] if self.scripts else (),
            beside=[self.beside[i] for i in kept] if self.beside else (),
        )


@dataclass(frozen=True, eq=False)
class Marked:
    """Lines below the points, and marks over them."""

    lines: tuple[Lines, ...]
    points: tuple[Marks, ...]


def marks(of: Map, drawn: Scene, look: Look, layers: Layers) -> Marked:
    """All that is to be marked, as far as its layer is wanted; of scripts that are drawn."""
    shown = {row.script.id: row.script.section for row in drawn.rows}
    lines: list[Lines] = []
    points: list[Marks] = []
    if layers.landscape is not None and layers.joined:
        lines.append(_joined(of, shown, look, layers.landscape))
    if layers.landscape is not None and layers.gaps:
        points.append(_gaps(look, layers.landscape.gaps))
    if (asked := layers.asked) is not None and asked.position is not None:
        hits = [hit for one in asked.sections for hit in one.hits if hit.position and hit.script in shown]
        lines.append(_ways(asked.position, hits, look))
        # Rings and distances over the star: it often lies upon its nearest.
        points += [_question(asked, asked.position, look), _hits(hits, asked.position, look)]
    return Marked(tuple(lines), tuple(points))


def _joined(of: Map, shown: dict[str, str], look: Look, landscape: Landscape) -> Lines:
    found = [one for one in landscape.joined if one.one in shown and one.other in shown]
    rows = [(of.places[one.one], of.places[one.other]) for one in found]
    ends = [(_place(of, one), _place(of, other)) for one, other in rows]
    sections = [frozenset((shown[one.one], shown[one.other])) for one in found]
    return Lines("near-duplicates", look.colours.ink, 1.5, "solid", ends, sections)


def _place(of: Map, row: int) -> Place:
    x, y = of.positions[row].tolist()
    return x, y


def _gaps(look: Look, gaps: Iterable[Gap]) -> Marks:
    found = [(gap, gap.position) for gap in gaps if gap.position is not None]
    return Marks(
        "nothing near this questionnaire",
        "diamond-x-open",
        look.colours.ink,
        13,
        2,
        [at for _, at in found],
        [""] * len(found),
        [_of_gap(gap) for gap, _ in found],
        [gap.section for gap, _ in found],
    )


def _of_gap(gap: Gap) -> tuple[str, ...]:
    told = (gap.title, f"A gap in {section(gap.section)}. {gap.reason}")
    missing = ", ".join(gap.missing[:_MOST_WORDS])
    return (*told, f"In no near script: {missing}") if missing else told


def _ways(start: Place, hits: Sequence[Landing], look: Look) -> Lines:
    ends = [(start, hit.position) for hit in hits if hit.position]
    return Lines("hits", look.colours.accent, 1.2, "dot", ends, [frozenset((hit.section,)) for hit in hits])


def _hits(hits: Sequence[Landing], star: Place, look: Look) -> Marks:
    return Marks(
        "hits",
        "circle-open",
        look.colours.accent,
        16,
        2,
        [hit.position for hit in hits if hit.position],
        # The nearest of each section only: more would lie over one another.
        [f"{hit.distance:.3f}" if hit.rank == 1 and hit.distance is not None else "" for hit in hits],
        [_of_hit(hit) for hit in hits],
        [hit.section for hit in hits],
        [hit.script for hit in hits],
        [_away(hit.position, star) for hit in hits if hit.position],
    )


def _away(at: Place, star: Place) -> str:
    """On the side of a hit where the star is not."""
    across, up = at[0] - star[0], at[1] - star[1]
    if abs(across) > abs(up):
        return "middle right" if across > 0 else "middle left"
    return "bottom center" if up < 0 else "top center"


def _of_hit(hit: Landing) -> tuple[str, ...]:
    how = f"distance {hit.distance:.3f}" if hit.distance is not None else f"words: {', '.join(hit.words)}"
    return hit.title, f"{section(hit.section)}, rank {hit.rank}, {how}"


def _question(asked: AskedOnMap, at: Place, look: Look) -> Marks:
    title = asked.title or asked.query
    impression = "Its place is an impression: among the scripts nearest to it."
    told = (title[:80], f"{_UNRELATED.capitalize()}: its place says nothing." if asked.unrelated else impression)
    label = _UNRELATED if asked.unrelated else ""
    return Marks(f"Asked: {title[:40]}", "star", look.colours.accent, 22, 2, [at], [label], [told], [""])
