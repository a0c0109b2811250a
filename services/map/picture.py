"""The map as a figure of Plotly, in plain values: for the page, and for what is exported.

Positions are sent as the bytes of their numbers, which are a quarter of the same as text. Titles are data: Plotly reads
tags in what it shows, so that they are escaped. Nothing in a figure loads anything.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from services.domain.maps import Map, Numbers, Positions
from services.domain.shapes import SHAPES, pixels
from services.map import panels, scale, telling
from services.map.groups import Group, Scene, Shade, scene
from services.map.look import NO_LAYERS, Layers, Look
from services.map.marks import Lines, Marks, marks
from services.shelf import Row

Spec = dict[str, Any]

# From so many points on they are drawn by the graphics card.
MANY = 1_000
_RIM = 0.75


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, and which script each of its points is."""

    figure: Spec
    # Of each trace the ids of its scripts, in the order of its points; none for lines, and marks that are no script.
    scripts: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def name(self) -> str:
        """The same where the same points are the same scripts; a browser finds it in the figure."""
        return str(self.figure["layout"]["meta"]["picture"])

    def chosen(self, points: Iterable[tuple[int, int]]) -> tuple[str, ...]:
        """The scripts of points, each given by the number of its trace and by its own in it; each script once."""
        found = (self.scripts[trace][point] for trace, point in points if point < len(self._of(trace)))
        return tuple(dict.fromkeys(found))

    def _of(self, trace: int) -> Sequence[str]:
        return self.scripts[trace] if 0 <= trace < len(self.scripts) else ()


def draw(of: Map, rows: Iterable[Row], look: Look, layers: Layers = NO_LAYERS) -> Picture:
    """These scripts of a map; those that have no place on it are left out.

    The picture keeps its frame whichever scripts are drawn, so that a filter moves nothing.
    """
    drawn = scene(of, rows, look, layers)
    pen = _Pen(of, drawn, look, layers)
    small = panels.of(look)
    for panel in small:
        pen.lines_below(panel)
        pen.points(panel)
        pen.marks(panel)
    layout = panels.layout(of, small, look, layers)
    if drawn.shade and len(drawn.rows):
        layout["coloraxis"] = scale.axis(drawn.shade, look)
    layout["meta"] = {"picture": _name(pen.scripts)}
    return Picture({"data": pen.traces, "layout": layout}, tuple(pen.scripts))


def _name(scripts: Iterable[tuple[str, ...]]) -> str:
    told = "\n".join(" ".join(some) for some in scripts)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


class _Pen:
    """Draws one panel after another."""

    def __init__(self, of: Map, drawn: Scene, look: Look, layers: Layers) -> None:
        self._of, self._scene, self._look = of, drawn, look
        self._marks = marks(of, drawn, look, layers)
        self._kind = "scattergl" if len(drawn.rows) > MANY else "scatter"
        self._size = pixels(len(drawn.rows))
        self._in_legend: set[str] = set()
        self._hover = telling.hover(of, drawn, look, layers)
        self._where = [row.script.section for row in drawn.rows] if look.by_section else []
        self.traces: list[Spec] = []
        self.scripts: list[tuple[str, ...]] = []

    def lines_below(self, panel: panels.Panel) -> None:
        """What lies under the points: the other sections in a small map, and the lines."""
        if panel.section and len(self._scene.rows) <= self._look.most_texts:
            self._add(panel, self._behind(panel), ())
        for line in self._marks.lines:
            self._add(panel, self._line(line.within(panel.section)), ())

    def points(self, panel: panels.Panel) -> None:
        """The scripts, group by group; those that were placed afterwards are open."""
        if self._scene.crowded:
            for group in self._scene.groups:
                self._add(panel, self._sample(group), ())
        for group, members in self._scene.in_turns():
            self._some(panel, group, self._within(members, panel))

    def _some(self, panel: panels.Panel, group: Group, members: Numbers) -> None:
        fitted = self._of.fitted[self._scene.places[members]]
        for some, is_open in ((members[fitted], False), (members[~fitted], True)):
            if len(some):
                self._add(panel, self._group(group, some, is_open=is_open), self._ids(some))

    def marks(self, panel: panels.Panel) -> None:
        """What lies over the points."""
        for mark in self._marks.points:
            within = mark.within(panel.section)
            self._add(panel, self._mark(within), tuple(within.scripts))

    def _add(self, panel: panels.Panel, trace: Spec, scripts: tuple[str, ...]) -> None:
        """A trace in its panel. The legend has each kind once."""
        if not trace:
            return
        name = trace.get("legendgroup", "")
        shown = bool(name) and name not in self._in_legend
        self._in_legend.add(name)
        self.traces.append({**trace, **panel.axes, "showlegend": shown})
        self.scripts.append(scripts)

    def _ids(self, members: Numbers) -> tuple[str, ...]:
        return tuple(self._scene.rows[place].script.id for place in members.tolist())

    def _within(self, members: Numbers, panel: panels.Panel) -> Numbers:
        if not panel.section:
            return members
        inside = (place for place in members.tolist() if self._where[place] == panel.section)
        return np.fromiter(inside, np.int64)

    def _at(self, members: Numbers) -> Positions:
        return self._of.positions[self._scene.places[members]]

    def _group(self, group: Group, members: Numbers, *, is_open: bool) -> Spec:
        symbol = SHAPES[group.shape].name + ("-open" if is_open else "")
        # An open one is drawn by its line; of a full one it parts those that overlap.
        rim = {"width": 2} if is_open else {"width": _RIM if self._kind == "scatter" else 0, "color": self._paper}
        marker: Spec = {
            "symbol": symbol,
            "size": self._size,
            "opacity": self._scene.opacity,
            "line": rim,
            "color": group.colour,
        }
        shade = self._scene.shade
        if shade and not group.name:
            marker |= self._shaded(shade, shade.values[members], is_open=is_open)
        made = {**_points(self._kind, self._at(members)), "marker": marker, **self._told(members)}
        made["unselected"] = {"marker": {"opacity": 0.2}}
        return {**made, **self._called(group)}

    def _called(self, group: Group) -> Spec:
        """How the legend has it."""
        if not group.name:
            return {}
        return {
            "name": f"{telling.plain(group.name)} · {len(group.members):,}",
            "legendgroup": f"group {group.name} {group.shape}",
            # Before lines and marks.
            "legendrank": 1 + self._scene.groups.index(group),
        }

    def _sample(self, group: Group) -> Spec:
        """A group in the legend, as strong as where its points lie over one another: one alone lets through."""
        if not group.name:
            return {}
        marker = {"symbol": SHAPES[group.shape].name, "color": group.colour}
        nowhere = np.full((1, 2), np.nan, np.float32)
        return {**_points("scatter", nowhere), "marker": marker, "hoverinfo": "skip", **self._called(group)}

    @property
    def _paper(self) -> str:
        return self._look.colours.paper

    def _shaded(self, shade: Shade, values: npt.NDArray[np.float32], *, is_open: bool) -> Spec:
        if not is_open:
            return {"color": numbers(values), "coloraxis": "coloraxis"}
        # On the graphics card open shapes take colours by name only; they are few.
        return {"color": [scale.colour_of(value, shade, self._look) for value in values.tolist()]}

    def _told(self, members: Numbers) -> Spec:
        if not self._hover:
            return {"hoverinfo": "none"}
        texts = [self._hover[place] for place in members.tolist()]
        return {"hovertext": texts, "hovertemplate": "%{hovertext}<extra></extra>"}

    def _behind(self, panel: panels.Panel) -> Spec:
        others = [place for place, section in enumerate(self._where) if section != panel.section]
        if not others:
            return {}
        marker = {"size": max(3, self._size / 2), "color": self._look.colours.faint, "opacity": 0.35}
        at = self._at(np.array(others, np.int64))
        return {**_points(self._kind, at), "marker": marker, "hoverinfo": "skip"}

    def _line(self, line: Lines) -> Spec:
        if not len(line.ends):
            return {}
        # A place that is no number parts one line from the next.
        breaks = np.full((len(line.ends), 1, 2), np.nan, np.float32)
        at = np.concatenate([np.asarray(line.ends, np.float32), breaks], axis=1).reshape(-1, 2)
        style = {"color": line.colour, "width": line.width, "dash": line.dash}
        made = {**_points("scatter", at), "mode": "lines", "line": style, "hoverinfo": "skip"}
        return {**made, "name": line.name, "legendgroup": line.name}

    def _mark(self, mark: Marks) -> Spec:
        if not len(mark.at):
            return {}
        colour = mark.colour
        # The star open too, so that what lies below it is seen.
        symbol = "star-open" if mark.symbol == "star" else mark.symbol
        rim = {"width": mark.rim, "color": colour if symbol.endswith("open") else self._paper}
        marker = {"symbol": symbol, "size": mark.size, "color": colour, "line": rim}
        made = {**_points("scatter", np.asarray(mark.at, np.float32)), "marker": marker}
        if any(mark.labels):
            font = {"color": self._look.colours.ink, "size": 12}
            labels = [telling.plain(label) for label in mark.labels]
            made |= {"mode": "markers+text", "text": labels, "textfont": font}
            made["textposition"] = list(mark.beside) or "top center"
        told = ["<br>".join(telling.plain(line) for line in lines) for lines in mark.told]
        made |= {"hovertext": told, "hovertemplate": "%{hovertext}<extra></extra>"}
        return {**made, "name": telling.plain(mark.name), "legendgroup": mark.name}


def _points(kind: str, at: Positions) -> Spec:
    return {"type": kind, "mode": "markers", "x": numbers(at[:, 0]), "y": numbers(at[:, 1])}


def numbers(values: npt.NDArray[np.float32]) -> Spec:
    """An array as Plotly's program takes it: its bytes, in base64."""
    data = np.ascontiguousarray(values, "<f4").tobytes()
    return {"dtype": "f4", "bdata": base64.b64encode(data).decode("ascii")}
