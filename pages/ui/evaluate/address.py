"""What the address of Evaluate carries: the runs, the measure and the questionnaire that are looked at, each by its id.

Not ``bind="query-params"``: that writes what a choice is called, and a run that is renamed would be found no more.
"""

import time
from collections.abc import Sequence

import streamlit as st

RUN, BEFORE, MEASURE, QUESTIONNAIRE = "run", "before", "measure", "questionnaire"
_WRITTEN, _ASIDE = "evaluate_written", "evaluate_aside"
# What was written a moment ago may not have reached the browser when the next press brings its address along.
_SETTLED_SECONDS = 1.0


def read(name: str) -> str:
    """What the address says under this name; empty where it says nothing."""
    written = st.session_state.get(_WRITTEN, {})
    value, at = written.get(name, ("", 0.0))
    if time.monotonic() - at < _SETTLED_SECONDS:
        return str(value)
    aside: str = st.session_state.get(_ASIDE, {}).get(name, "")
    return aside or st.query_params.get(name, "")


def write(name: str, value: str, *, aside: bool = False) -> None:
    """Say something in the address; with an empty value nothing more.

    ``aside``: for this visit only, as nobody who opens the address would find it.
    """
    st.session_state.setdefault(_WRITTEN, {})[name] = (value, time.monotonic())
    st.session_state.setdefault(_ASIDE, {})[name] = value if aside else ""
    if value and not aside:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def choice(name: str, options: Sequence[str], otherwise: str | None) -> str:
    """Let the widget of this name stand where the address has it; the key of the widget."""
    key, said = f"evaluate_{name}", read(name)
    st.session_state[key] = said if said in options else otherwise
    return key


def chosen(name: str, not_kept: str = "") -> None:
    """A person has chosen: into the address with it, unless it is what is ``not_kept``."""
    value = st.session_state[f"evaluate_{name}"] or ""
    write(name, value, aside=bool(value) and value == not_kept)
