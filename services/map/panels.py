"""Where on a picture each map lies, and its frame: one map, or a small one for each section on the same scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.domain.maps import Map
from services.domain.words import section
from services.map.look import TITLES, Colouring, Layers, Look
from services.map.telling import plain

Spec = dict[str, Any]
_COLUMNS = 3
_GAP, _HEAD = 0.02, 0.06
# Beside the outermost points, as a share of the map.
_ROOM = 0.06
MOST_NAMES = 12
# In percent.
_NEARLY_ALL = 90
# So near a side, as a share of the width, a name begins or ends at its cluster's middle.
_SIDE = 0.2


@dataclass(frozen=True)
class Panel:
    """One map of the picture; ``section`` is empty where it has all."""

    number: int
    section: str
    # Shares of the picture, from its left lower corner.
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    @property
    def suffix(self) -> str:
        """What Plotly puts behind the names of its axes."""
        return str(self.number) if self.number > 1 else ""

    @property
    def axes(self) -> Spec:
        """On which axes a trace is drawn; the first are meant where nothing is said."""
        return {"xaxis": f"x{self.suffix}", "yaxis": f"y{self.suffix}"} if self.suffix else {}


def of(look: Look) -> tuple[Panel, ...]:
    """One map, or small ones side by side in the sections' order."""
    if not look.by_section:
        return (Panel(1, ""),)
    columns, rows = grid(len(look.sections))
    width, height = (1 - _GAP * (columns - 1)) / columns, 1 / rows
    found = []
    for place, name in enumerate(look.sections):
        left, low = (place % columns) * (width + _GAP), 1 - (place // columns + 1) * height
        x, y = (left, min(1.0, left + width)), (max(0.0, low), low + height - _HEAD)
        found.append(Panel(place + 1, name, x, y))
    return tuple(found)


def grid(many: int) -> tuple[int, int]:
    """Columns and rows of so many small maps: two rows of two rather than three and one."""
    columns = 2 if many == 4 else min(_COLUMNS, many)  # noqa: PLR2004  two rows of two
    return columns, math.ceil(many / columns)


def extent(of: Map) -> tuple[tuple[float, float], tuple[float, float]]:
    """The frame of a map, as from and to, across and up: all its places with room around."""
    if not len(of.scripts):
        return (-1.0, 1.0), (-1.0, 1.0)
    low, high = of.positions.min(axis=0).astype(float), of.positions.max(axis=0).astype(float)
    room = np.maximum((high - low).max() * _ROOM, 1e-3)
    # All at one place, or all on a line.
    room = np.where(high - low > 0, room, np.maximum(room, 0.5))
    (left, bottom), (right, top) = (low - room).tolist(), (high + room).tolist()
    return (left, right), (bottom, top)


def layout(of: Map, panels: Sequence[Panel], look: Look, layers: Layers) -> Spec:
    """Everything of a figure but what is drawn."""
    colours = look.colours
    made: Spec = {
        "margin": {"l": 4, "r": 4, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.ink},
        "hoverlabel": {"align": "left", "bgcolor": colours.paper, "font": {"color": colours.ink}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.quiet, "activecolor": colours.accent},
        "showlegend": True,
        "legend": _legend(look),
        "annotations": [*_heads(panels, look), *_names(of, panels, look, layers)],
        # By this it is told whether another picture has the same places: then what a person has zoomed to can stay.
        "uirevision": f"{of.key} {of.drawn.value}",
    }
    if look.height:
        made["height"] = look.height
    across, up = extent(of)
    for panel in panels:
        made[f"xaxis{panel.suffix}"] = _axis(look, across, panel.x) | ({"matches": "x"} if panel.suffix else {})
        anchor = {"matches": "y"} if panel.suffix else {"scaleanchor": "x", "scaleratio": 1}
        made[f"yaxis{panel.suffix}"] = _axis(look, up, panel.y) | anchor
        made[f"xaxis{panel.suffix}"]["anchor"] = f"y{panel.suffix}"
        made[f"yaxis{panel.suffix}"]["anchor"] = f"x{panel.suffix}"
    return made


def _axis(look: Look, span: tuple[float, float], domain: tuple[float, float]) -> Spec:
    """Without numbers: a position means nothing by itself."""
    return {
        "range": list(span),
        "domain": list(domain),
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        "ticks": "",
        "showline": look.by_section,
        "mirror": look.by_section,
        "linecolor": look.colours.faint,
    }


def _legend(look: Look) -> Spec:
    # In small maps each is named already.
    title = "" if look.colouring in {Colouring.WORDS, Colouring.DISTANCE} else TITLES[look.colouring]
    return {
        "title": {"text": f"{title} " if title else ""},
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": -0.01,
        "yanchor": "top",
        "itemsizing": "constant",
    }


def _heads(panels: Sequence[Panel], look: Look) -> list[Spec]:
    return [
        {
            "text": plain(section(panel.section)),
            "x": panel.x[0],
            "y": panel.y[1],
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
            # Above the line of its frame.
            "yshift": 5,
            "showarrow": False,
            "font": {"size": 13, "color": look.colours.ink},
        }
        for panel in panels
        if panel.section
    ]


def _names(of: Map, panels: Sequence[Panel], look: Look, layers: Layers) -> list[Spec]:
    """The largest clusters' names above them; in small maps there is no room."""
    if layers.landscape is None or not layers.names or len(panels) > 1:
        return []
    return [
        {
            "text": plain(cluster.name),
            "x": float(cluster.centre[0]),
            "xanchor": _towards_the_middle(of, float(cluster.centre[0])),
            "y": top_of(of, cluster.number, float(cluster.centre[1])),
            "showarrow": False,
            # Above its points rather than over them, as far as they lie together.
            "yanchor": "bottom",
            # Read also over points, which it does not hide.
            "font": {"size": 12, "color": look.colours.ink, "shadow": _halo(look.colours.paper)},
            # Points below it can be pointed at.
            "captureevents": False,
        }
        for cluster in layers.landscape.clusters[:MOST_NAMES]
    ]


def top_of(of: Map, number: int, otherwise: float) -> float:
    """Above nearly all points of a cluster."""
    heights = of.positions[of.clusters == number, 1]
    return float(np.percentile(heights, _NEARLY_ALL)) if len(heights) else otherwise


def _towards_the_middle(of: Map, across: float) -> str:
    """Where a name is held, so that a narrow picture cuts none off at its sides."""
    (left, right), _ = extent(of)
    share = (across - left) / (right - left)
    return "left" if share < _SIDE else "right" if share > 1 - _SIDE else "center"


def _halo(paper: str) -> str:
    """The paper around letters, as CSS has shadows."""
    return ", ".join(f"{x}px {y}px 2px {paper}" for x in (-1, 1) for y in (-1, 1))
