"""A map as a picture to be printed or pasted, PNG or SVG, drawn without a browser."""

import importlib
import io
import re
import textwrap
import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from services.domain.maps import Map
from services.domain.shapes import SHAPES, pixels
from services.domain.words import section
from services.map import panels, said
from services.map.groups import Group, Scene, scene
from services.map.look import Colouring, Layers, Look
from services.map.marks import Lines, Marked, Marks, marks
from services.shelf import Row

# Shapes and marks as the library calls them.
_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "cross": "P",
    "triangle-down": "v",
    "x": "X",
    "hexagon": "h",
}
_SYMBOLS = {"circle-open": "o", "star": "*"}
# A diamond with a cross in it, which the library has not: five corners, and two lines.
_GAP = ((0, 1), (1, 0), (0, -1), (-1, 0), (0, 1), (-0.5, 0.5), (0.5, -0.5), (-0.5, -0.5), (0.5, 0.5))
_GAP_STROKES = (1, 2, 2, 2, 2, 1, 2, 1, 2)
_DASHES = {"solid": "-", "dot": ":"}
_DPI = 200
# Points of a line, for a pixel.
_POINTS_A_PIXEL = 0.56
# As many of the small ones below have room.
_LETTERS_AN_INCH = 15
# Letters that XML cannot hold, by the definition of XML 1.0: with one of them no program opens the picture.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Its settings are one process's, not one thread's.
_LOCK = threading.Lock()


def image(of: Map, rows: Sequence[Row], look: Look, layers: Layers, format_name: str) -> bytes:
    """The picture's bytes, ``png`` or ``svg``, with legend and with what there is to know. Takes a second or two."""
    # Takes half a second to import, and only this needs it.
    matplotlib: Any = importlib.import_module("matplotlib")
    for part in ("figure", "patheffects"):
        importlib.import_module(f"matplotlib.{part}")
    settings = {
        # A dollar sign in a title is one, and no formula.
        "text.parse_math": False,
        "svg.fonttype": "none",
        # The same map gives the same bytes.
        "svg.hashsalt": "map",
        "font.family": "sans-serif",
        "text.color": look.colours.ink,
    }
    with _LOCK, matplotlib.rc_context(settings), warnings.catch_warnings():
        # A letter that the font has not is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = _Drawing(matplotlib, of, rows, look, layers).draw()
        buffer = io.BytesIO()
        about = {"Software": None} if format_name == "png" else {"Date": None, "Creator": None}
        figure.savefig(buffer, format=format_name, dpi=_DPI, facecolor=look.colours.paper, metadata=about)
    data = buffer.getvalue()
    return data if format_name == "png" else _NOT_XML.sub("\ufffd", data.decode("utf-8")).encode("utf-8")


class _Drawing:
    """One picture."""

    def __init__(self, library: Any, of: Map, rows: Sequence[Row], look: Look, layers: Layers) -> None:
        self._library, self._of, self._look, self._layers = library, of, look, layers
        self._scene: Scene = scene(of, rows, look, layers)
        self._marks: Marked = marks(of, self._scene, look, layers)
        # An area, in points of a line.
        self._size = (_POINTS_A_PIXEL * pixels(len(self._scene.rows))) ** 2
        # By what the legend calls it: what it shows. First what the colours mean, then the marks.
        self._legend: dict[str, Any] = {}
        for group in self._scene.groups:
            if group.name:
                self._legend[f"{group.name} · {len(group.members):,}"] = self._sample(group)
        self._shaded: Any = None

    def draw(self) -> Any:
        """The figure, with a frame for each panel."""
        small = panels.of(self._look)
        columns, lines = panels.grid(len(small)) if self._look.by_section else (1, 1)
        size = (4 * columns, 4.2 * lines + 1.4) if self._look.by_section else (10, 8.4)
        figure = self._library.figure.Figure(figsize=size, layout="constrained")
        frames = figure.subplots(lines, columns, squeeze=False).ravel().tolist()
        for frame in frames[len(small) :]:
            frame.remove()
        for panel, frame in zip(small, frames, strict=False):
            self._frame(frame, panel)
            self._panel(frame, panel)
        self._explain(figure, frames[: len(small)])
        return figure

    def _frame(self, frame: Any, panel: panels.Panel) -> None:
        across, up = panels.extent(self._of)
        frame.set(xlim=across, ylim=up, aspect="equal", xticks=[], yticks=[])
        frame.set_facecolor("none")
        for edge in frame.spines.values():
            edge.set_visible(bool(panel.section))
            edge.set_color(self._look.colours.faint)
        if panel.section:
            frame.set_title(section(panel.section), loc="left", fontsize=11)

    def _panel(self, frame: Any, panel: panels.Panel) -> None:
        if panel.section:
            self._dots(frame, self._members(panel, others=True))
        for line in self._marks.lines:
            self._line(frame, line.within(panel.section))
        here = self._members(panel) if panel.section else np.arange(len(self._scene.rows))
        for group, members in self._scene.in_turns():
            self._group(frame, group, np.intersect1d(members, here))
        if not panel.section:
            self._names(frame)
        for mark in self._marks.points:
            self._mark(frame, mark.within(panel.section))

    def _members(self, panel: panels.Panel, *, others: bool = False) -> Any:
        inside = [(row.script.section == panel.section) is not others for row in self._scene.rows]
        return np.flatnonzero(np.array(inside, bool))

    def _at(self, members: Any) -> Any:
        return self._of.positions[self._scene.places[members]].T

    def _dots(self, frame: Any, members: Any) -> None:
        x, y = self._at(members)
        frame.scatter(x, y, s=self._size / 4, color=self._look.colours.faint, alpha=0.4, linewidths=0, rasterized=True)

    def _group(self, frame: Any, group: Group, members: Any) -> None:
        fitted = self._of.fitted[self._scene.places[members]]
        for some, is_open in ((members[fitted], False), (members[~fitted], True)):
            if len(some):
                self._scatter(frame, group, some, is_open=is_open)

    def _scatter(self, frame: Any, group: Group, members: Any, *, is_open: bool) -> None:
        x, y = self._at(members)
        shade = self._scene.shade
        style: dict[str, Any] = {
            "marker": _MARKERS[SHAPES[group.shape].name],
            "s": self._size,
            "alpha": self._scene.opacity,
        }
        # An SVG of so many shapes would be slow to open: they become a picture in it.
        style["rasterized"] = self._scene.crowded
        if shade is not None and not group.name:
            colours = self._look.colours.scale[::-1] if shade.turned else self._look.colours.scale
            scale = self._library.colors.LinearSegmentedColormap.from_list("scale", colours)
            style |= {"c": shade.values[members], "cmap": scale, "vmin": shade.low, "vmax": shade.high}
        else:
            style["color"] = group.colour
        drawn = frame.scatter(x, y, **style, zorder=3)
        if is_open:
            drawn.set_facecolor("none")
            drawn.set_linewidth(1.2)
        else:
            drawn.set_edgecolor(self._look.colours.paper)
            drawn.set_linewidth(0 if self._scene.crowded else 0.4)
        if shade is not None and not group.name:
            self._shaded = self._shaded or drawn

    def _sample(self, group: Group) -> Any:
        return self._point(
            marker=_MARKERS[SHAPES[group.shape].name], color=group.colour, markersize=7, linestyle="none"
        )

    def _point(self, **style: Any) -> Any:
        return self._library.lines.Line2D([], [], **style)

    def _line(self, frame: Any, line: Lines) -> None:
        if not len(line.ends):
            return
        style = {"colors": line.colour, "linewidths": line.width * 0.8, "linestyles": _DASHES[line.dash]}
        frame.add_collection(self._library.collections.LineCollection(list(line.ends), **style, zorder=2))
        sample = self._point(color=line.colour, linewidth=line.width, linestyle=_DASHES[line.dash])
        self._legend.setdefault(line.name, sample)

    def _mark(self, frame: Any, mark: Marks) -> None:
        if not len(mark.at):
            return
        x, y = np.asarray(mark.at, float).T
        style = self._style(mark)
        frame.scatter(x, y, s=(mark.size * 0.75) ** 2, **style, zorder=5)
        for at, label in zip(mark.at, mark.labels, strict=True):
            if label:
                offset = {"xytext": (0, 7), "textcoords": "offset points", "ha": "center", "fontsize": 8}
                frame.annotate(label, at, **offset, zorder=6)
        sample = self._point(
            marker=style["marker"],
            markerfacecolor=style["facecolors"],
            markeredgecolor=style["edgecolors"],
            markersize=13 if mark.symbol == "star" else 9,
            linestyle="none",
        )
        self._legend[mark.name] = self._legend.get(mark.name, sample)

    def _style(self, mark: Marks) -> dict[str, Any]:
        is_open = mark.symbol.endswith("open")
        return {
            "marker": _SYMBOLS.get(mark.symbol) or self._library.path.Path(_GAP, _GAP_STROKES),
            "facecolors": "none" if is_open else mark.colour,
            "edgecolors": mark.colour if is_open else self._look.colours.paper,
            "linewidths": 1.2,
        }

    def _names(self, frame: Any) -> None:
        if self._layers.landscape is None or not self._layers.names:
            return
        halo = [self._library.patheffects.withStroke(linewidth=2.5, foreground=self._look.colours.paper)]
        # Under the points, of which they hide none; of a crowd nobody misses one, and a name would be lost in it.
        style = {"fontsize": 9.5, "path_effects": halo, "zorder": 4 if self._scene.crowded else 2.5}
        for cluster in self._layers.landscape.clusters[: panels.MOST_NAMES]:
            across, up = cluster.centre
            at = across, panels.top_of(self._of, cluster.number, up)
            frame.text(*at, cluster.name, ha="center", va="bottom", **style)

    def _explain(self, figure: Any, frames: Sequence[Any]) -> None:
        """Legend, scale, and what there is to know."""
        if self._shaded is not None and self._scene.shade is not None:
            places, words = self._scene.shade.ticks
            bar = figure.colorbar(self._shaded, ax=frames, shrink=0.5, aspect=30, ticks=places)
            bar.ax.set_yticklabels(words, color=self._look.colours.ink, fontsize=9)
            bar.ax.tick_params(length=0)
            bar.set_label(self._scene.title, color=self._look.colours.ink)
            bar.outline.set_visible(False)
        if self._legend:
            title = "" if self._look.colouring in {Colouring.WORDS, Colouring.DISTANCE} else self._scene.title
            columns = min(len(self._legend), 4)
            # Names are put in afterwards: those that begin with an underscore would be left out.
            samples = list(self._legend.values())
            blanks = [" " * len(name) for name in self._legend]
            where = {"loc": "outside lower center", "ncols": columns, "frameon": False, "fontsize": 9}
            legend = figure.legend(samples, blanks, title=title or None, **where)
            for shown, name in zip(legend.get_texts(), self._legend, strict=True):
                shown.set_text(name)
        quiet = {"color": self._look.colours.quiet, "fontsize": 8.5, "ha": "left", "x": 0.01}
        wide = int(figure.get_figwidth() * _LETTERS_AN_INCH)
        lines = (textwrap.fill(told, wide) for told in (said.drawn(self._of), said.believed(self._of)))
        figure.suptitle("\n".join(lines), **quiet)
