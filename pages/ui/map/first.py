"""The first picture of a cold start: of few scripts as they are, of many as they were drawn last."""

import contextlib
import importlib
import time

import streamlit as st

from pages.ui import palette, words
from services.domain.maps import Drawn
from services.errors import ScriptoriumError
from services.map import said
from services.map.look import Look
from services.map.sketch import glimpse, sketch
from services.workbench import Workbench

_HEIGHT = 560
# To wait for more to be read would take longer than anybody waits for a first picture.
_FEW = 2_000
# As long as it takes a browser to draw the first picture.
_SEEN_SECONDS = 0.15


def draw(workbench: Workbench, total: int) -> None:
    """Every script as a point, to be looked at until the page is there with all that can be done on it.

    ``total`` of them are being read.
    """
    # Two maps are something else, and are not there yet.
    if "view" in st.query_params:
        return
    # Whatever stands in the way is said by the opening, which meets it too.
    with contextlib.suppress(ScriptoriumError):
        if _last_time(workbench, total) if total > _FEW else _now(workbench):
            _ahead()


def _last_time(workbench: Workbench, total: int) -> bool:
    """Whether there is a picture of before."""
    last = workbench.map_last()
    if last is None:
        return False
    _head(total, "As they were drawn last, while the scripts are being read.")
    with st.columns([2, 1], gap="medium")[0]:
        st.html(glimpse(*last, _look(workbench)))
    return True


def _now(workbench: Workbench) -> bool:
    """Whether there is anything to see."""
    now = workbench.map_of()
    if now is None:
        return False
    stand_in = "A stand-in, while" if workbench.map_due(now) and now.drawn is Drawn.PCA else "Meanwhile"
    told = f"{now.note or said.shortly(now)} {stand_in} the search index is being opened."
    _head(len(workbench.catalogue.records), told)
    with st.columns([2, 1], gap="medium")[0]:
        st.html(sketch(now, workbench.shelf.rows, _look(workbench)))
    return True


def _head(total: int, told: str) -> None:
    alike = ", like beside like" if total > 1 else ""
    st.header(f"{words.count(total, 'script')}{alike}", anchor=False)
    st.caption(words.plain(told))


def _look(workbench: Workbench) -> Look:
    return Look(sections=workbench.settings.sections, colours=palette.present(), height=_HEIGHT)


def _ahead() -> None:
    """Have all loaded that the page needs, here and in the browser, while there is nothing else to do."""
    # A browser shows nothing of what it gets together with something that it has to fetch a program for.
    time.sleep(_SEEN_SECONDS)
    with st.container(key="unseen_ahead"):
        st.plotly_chart({"data": [{"type": "scatter"}], "layout": {}}, key="map_ahead")
    importlib.import_module("pages.ui.map.looking")
