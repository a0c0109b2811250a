"""The first picture of a cold start: it needs the scripts only, and not the index that is still being opened."""

import contextlib

import streamlit as st

from pages.ui import palette, words
from services.errors import ScriptoriumError
from services.map import picture, said
from services.map.look import Look
from services.workbench import Workbench

_HEIGHT = 640


def draw(workbench: Workbench) -> None:
    """Every script as a point, to be looked at until the page is there with all that can be done on it."""
    # Two maps are something else, and are not there yet.
    if "view" in st.query_params:
        return
    # Whatever stands in the way is said by the opening, which meets it too.
    with contextlib.suppress(ScriptoriumError):
        now = workbench.map_of()
        if now is None:
            return
        look = Look(sections=workbench.settings.sections, colours=palette.present(), height=_HEIGHT)
        drawn = picture.draw(now, workbench.shelf.rows, look)
        st.header(f"{words.count(len(now.scripts), 'script')}, like beside like", anchor=False)
        st.caption(words.plain(f"{said.drawn(now)} The search index is still being opened; the page follows."))
        st.plotly_chart(drawn.figure, key="map_first", config={"displayModeBar": False}, alt=said.drawn(now))
