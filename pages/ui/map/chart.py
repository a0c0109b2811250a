"""The picture, and what a box, a lasso or a click on it picks."""

from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
import streamlit as st

from pages.ui import palette, words
from pages.ui.map import picked
from pages.ui.map.controls import Choice
from services.domain.landscape import AskedOnMap, Landscape
from services.domain.maps import Drawn, Map
from services.map import picture
from services.map.look import Layers
from services.map.picture import Picture

_KEY, _MARKED, _DRAWN = "map_picture", "map_marked", "map_drawn"
# What a picture was drawn of: told apart by what it is, then by what it says.
_Drawn = tuple[tuple[object, ...], tuple[object, ...], Picture]
_CONFIG = {
    "displaylogo": False,
    # Box and lasso are there.
    "displayModeBar": True,
    "scrollZoom": True,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d", "zoom2d"],
}


@dataclass(frozen=True)
class _Marked:
    """What the picture was told last to have stand out, and of which points in which order."""

    scripts: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]
    turn: int


def layers(choice: Choice, answer: AskedOnMap | None, found: Landscape | None) -> Layers:
    """What is drawn besides the points."""
    return Layers(
        asked=answer,
        landscape=found,
        names="names" in choice.layers,
        joined="joined" in choice.layers,
        gaps="gaps" in choice.layers,
    )


def draw(now: Map, choice: Choice, layers: Layers) -> Picture:
    """Draw the picture of these scripts; which it is."""
    drawn = _drawn(now, choice, layers)
    layout = drawn.figure["layout"]
    # Room for the tools above it.
    layout["margin"] = {**layout["margin"], "t": 36}
    # Only so does a click pick: Streamlit has none in the modes that draw a box or a lasso.
    layout["dragmode"] = "pan"
    layout["modebar"] = {"bgcolor": "rgba(0,0,0,0)", "color": palette.quiet(), "activecolor": palette.accent()}
    _mark(drawn)
    st.plotly_chart(
        drawn.figure,
        key=_KEY,
        on_select=partial(_take, now, drawn),
        selection_mode=("points", "box", "lasso"),
        config=_CONFIG,
        alt=alt(now, choice),
    )
    return drawn


def _drawn(now: Map, choice: Choice, layers: Layers) -> Picture:
    """The picture, kept until something else is to be seen: of many scripts it takes a while.

    What is held apart from it may be written into, but for the points themselves.
    """
    held, said = (now, choice.rows, layers.asked, layers.landscape), (choice.look, choice.layers)
    kept = cast("_Drawn | None", st.session_state.get(_DRAWN))
    if kept is None or kept[1] != said or any(one is not other for one, other in zip(kept[0], held, strict=True)):
        kept = held, said, picture.draw(now, choice.rows, choice.look, layers)
        st.session_state[_DRAWN] = kept
    figure, scripts = kept[2].figure, kept[2].scripts
    data = [dict(trace) for trace in figure["data"]]
    return Picture({"data": data, "layout": dict(figure["layout"])}, scripts)


def _mark(drawn: Picture) -> None:
    """Have the picked ones stand out.

    What was drawn around on the picture stands out by itself: then it stays as it was, and is not sent again. It is
    told anew where something was picked elsewhere, or where the points have come into another order.
    """
    marked: _Marked = st.session_state.get(_MARKED) or _Marked((), (), 0)
    ids = picked.ids()
    moved = marked.scripts != drawn.scripts
    if moved or (ids != marked.ids and not picked.by_hand()):
        marked = _Marked(drawn.scripts, ids, marked.turn + 1)
        st.session_state[_MARKED] = marked
    drawn.figure["layout"]["selectionrevision"] = marked.turn
    wanted = set(marked.ids)
    for trace, scripts in zip(drawn.figure["data"], drawn.scripts, strict=True):
        # What is drawn besides does not step back.
        trace.setdefault("unselected", {"marker": {"opacity": 1}, "textfont": {"color": palette.ink()}})
        if scripts and wanted:
            trace["selectedpoints"] = [place for place, script in enumerate(scripts) if script in wanted]


def alt(now: Map, choice: Choice) -> str:
    """The picture in a sentence; the table below has the same, script by script."""
    how = "" if now.drawn is Drawn.UMAP else " by the two directions in which they differ most,"
    return (
        f"{words.count(len(choice.rows), 'script')} as points, placed{how} so that like ones lie near each other. "
        "As a table, below, has the same."
    )


def _take(now: Map, drawn: Picture) -> None:
    """Pick what was selected; a double click on the picture lets go of it."""
    points = st.session_state[_KEY]["selection"]["points"]
    ids = drawn.chosen((point["curve_number"], point["point_index"]) for point in points)
    if not ids and len(points) == 1:
        # The ring around a hit lies over its point.
        ids = _at(now, points[0]["x"], points[0]["y"])
    if ids:
        picked.pick(ids, by_hand=True)
    elif not points:
        picked.clear(by_hand=True)


def _at(now: Map, x: float, y: float) -> tuple[str, ...]:
    """The scripts whose place this is."""
    found = np.flatnonzero((now.positions == np.array([x, y], np.float32)).all(axis=1))
    return tuple(now.scripts[row] for row in found.tolist())
