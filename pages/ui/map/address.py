"""The view of the map and its address: every choice is in it, so that a link opens the same.

What is chosen is kept by its id, not by what it is called: a link stays good when words change.
"""

import time
from collections.abc import Callable, Collection, Sequence

import streamlit as st

from pages.ui import frame
from services.domain.scripts import Status

COLOUR, MAPS, WITHOUT, BELOW = "colour", "maps", "without", "below"
FIND, SECTION, STATUS, AREA = "find", "section", "status", "area"
QUESTIONNAIRE, QUERY = "questionnaire", "query"
CHOSEN, SCRIPT = "chosen", "script"
# Two maps side by side: what is on either side, who asks there, and the script that is followed.
SEEN, BEFORE, AFTER, FOLLOWED = "view", "before", "after", "followed"
ASKS_BEFORE, ASKS_AFTER = "asks_before", "asks_after"
COMPARED = (SEEN, BEFORE, AFTER, ASKS_BEFORE, ASKS_AFTER, FOLLOWED)
FILTERS = (FIND, SECTION, STATUS, AREA)
# An address of more ids than that is cut off on the way by some programs.
MOST_CHOSEN = 40
_NAMES = (COLOUR, MAPS, WITHOUT, BELOW, *FILTERS, QUESTIONNAIRE, QUERY, CHOSEN, SCRIPT, *COMPARED)
# Several of these may be said.
_MANY = {WITHOUT, SECTION, STATUS, AREA, CHOSEN}
_VIEW, _WRITTEN, _WRITTEN_AT = "map_said", "map_written", "map_written_at"
# What was written a moment ago may not have reached the browser when the next press brings its address along.
_SETTLED_SECONDS = 1.0

View = dict[str, list[str]]


def key(name: str) -> str:
    """The key of the widget that belongs to a name in the address."""
    return f"map_{name}"


def begin() -> None:
    """Before anything is drawn: follow a link or the browser's Back; else the view is as it was."""
    here, state = _here(), st.session_state
    if _VIEW not in state or (frame.arrived() and here) or _went_back(here):
        state[_VIEW] = here


def write() -> None:
    """After the page is drawn: bring the address up to date."""
    said = _told()
    if said != st.session_state.get(_WRITTEN):
        st.session_state[_WRITTEN], st.session_state[_WRITTEN_AT] = said, time.monotonic()
    if said != _here():
        others = {name: st.query_params.get_all(name) for name in st.query_params if name not in _NAMES}
        st.query_params.from_dict({**others, **said})


def one(name: str, options: Collection[str], otherwise: str | None) -> str:
    """Before the widget of this name is drawn: let it show what the view has. Its key."""
    said = next(iter(_view().get(name, ())), "")
    st.session_state[key(name)] = said if said in options else otherwise
    return key(name)


def some(name: str, options: Collection[str]) -> str:
    """The same for a widget that several can be chosen of."""
    st.session_state[key(name)] = [value for value in _view().get(name, ()) if value in options]
    return key(name)


def word(name: str) -> str:
    """What the view has under this name, whatever it is; empty where it has nothing."""
    return next(iter(_view().get(name, ())), "")


def all_of(name: str) -> list[str]:
    """All that the view has under this name."""
    return list(_view().get(name, ()))


def taken(name: str, default: str = "") -> Callable[[], None]:
    """What a widget does when a person has changed it. What is ``default`` is not written out."""

    def take() -> None:
        value = st.session_state[key(name)]
        put(name, value if isinstance(value, list) else [value] if value and value != default else [])

    return take


def put(name: str, values: Sequence[str]) -> None:
    """Before anything is drawn, or after all is: have the view say this."""
    st.session_state[_VIEW] = {**_view(), name: list(values)}


def clear(names: Collection[str]) -> None:
    """Before anything is drawn: take these out of the view."""
    st.session_state[_VIEW] = {name: values for name, values in _view().items() if name not in names}


def statuses() -> list[Status]:
    """Those that the view lets through; none lets all through."""
    return [status for status in Status if status.value in all_of(STATUS)]


def _view() -> View:
    view: View = st.session_state.get(_VIEW, {})
    return view


def _told() -> View:
    """What the address is to say: more chosen scripts than a link can carry are left out."""
    told = {name: list(_view().get(name, ())) for name in _NAMES}
    if len(told[CHOSEN]) > MOST_CHOSEN:
        told[CHOSEN] = []
    return {name: values for name, values in told.items() if values}


def _here() -> View:
    said = {name: st.query_params.get_all(name) for name in _NAMES if name in st.query_params}
    return {name: values if name in _MANY else values[-1:] for name, values in said.items() if any(values)}


def _went_back(here: View) -> bool:
    """Whether the address moved although nothing on the page did."""
    state = st.session_state
    if _WRITTEN not in state or here == state[_WRITTEN] or _told() != state[_WRITTEN]:
        return False
    return bool(time.monotonic() - state[_WRITTEN_AT] > _SETTLED_SECONDS)
