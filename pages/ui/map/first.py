"""The first picture of a cold start: it needs the scripts only, and not the index that is still being opened."""

import contextlib
import importlib
import time

import streamlit as st

from pages.ui import palette, words
from services.domain.maps import Drawn
from services.errors import ScriptoriumError
from services.map import said
from services.map.look import Look
from services.map.sketch import sketch
from services.workbench import Workbench

_HEIGHT = 560
# As long as it takes a browser to draw the first picture.
_SEEN_SECONDS = 0.15


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
        st.header(f"{words.count(len(workbench.catalogue.records), 'script')}, like beside like", anchor=False)
        stand_in = "A stand-in, while" if workbench.map_due(now) and now.drawn is Drawn.PCA else "Meanwhile"
        st.caption(words.plain(f"{now.note or said.shortly(now)} {stand_in} the search index is being opened."))
        with st.columns([2, 1], gap="medium")[0]:
            st.html(sketch(now, workbench.shelf.rows, look))
        _ahead()


def _ahead() -> None:
    """Have all loaded that the page needs, here and in the browser, while there is nothing else to do."""
    # A browser shows nothing of what it gets together with something that it has to fetch a program for.
    time.sleep(_SEEN_SECONDS)
    with st.container(key="unseen_ahead"):
        st.plotly_chart({"data": [{"type": "scatter"}], "layout": {}}, key="map_ahead")
    importlib.import_module("pages.ui.map.looking")
