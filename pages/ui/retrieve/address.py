"""The view of Retrieve and its address: a link carries what a colleague needs to see the same, and nothing else."""

import time
from collections.abc import Mapping

import streamlit as st

from pages.ui import frame
from services.domain.methods import Mode
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Status
from services.domain.settings import Settings

# The fields of a questionnaire by their names in the address.
ANSWERS = {"focus": "focus_area", "challenge": "challenge_context", "feeling": "desired_feeling", "query": "query"}
MAX_SHOWN = 20
_DIGITS = 9
_OPTIONS = ("k", "mode", "status", "area", "mismatch")
_STATUSES = [Status.APPROVED.value]
# An address that was written a moment ago may not have reached the browser when the next click leaves it.
_SETTLED_SECONDS = 1.0

Address = dict[str, list[str]]
Saved = Mapping[str, Questionnaire]


def key(name: str) -> str:
    """The key of the widget that belongs to a name in the address."""
    return f"ask_{name}"


def restore(saved: Saved, settings: Settings) -> None:
    """Before anything is drawn: follow a link or the browser's Back; begin on the first visit; else change nothing."""
    here = _here()
    if "ask_written" not in st.session_state:
        _follow(here, saved, settings)
    elif frame.arrived():
        if here:
            _follow(here, saved, settings)
    elif _went_back(here, saved, settings):
        _follow(here, saved, settings)
    if "ask_next" in st.session_state:
        st.session_state[key("questionnaire")] = st.session_state.pop("ask_next")
        fill(saved)
    if st.session_state[key("questionnaire")] not in saved:
        st.session_state[key("questionnaire")] = None


def fill(saved: Saved) -> None:
    """Put the answers of the chosen questionnaire into the fields; none chosen empties them."""
    chosen = saved.get(st.session_state[key("questionnaire")] or "")
    for name, field in ANSWERS.items():
        st.session_state[key(name)] = getattr(chosen, field) if chosen else ""
    st.session_state.pop("ask_unknown", None)


def write(saved: Saved, settings: Settings) -> None:
    """After the fields are drawn: bring the address up to date."""
    address = _address(saved, settings)
    if address != st.session_state.get("ask_written"):
        st.session_state["ask_written"] = address
        st.session_state["ask_written_at"] = time.monotonic()
    if address != _here():
        st.query_params.from_dict(address)


def _here() -> Address:
    known = ("questionnaire", *ANSWERS, *_OPTIONS)
    return {name: st.query_params.get_all(name) for name in known if name in st.query_params}


def _went_back(here: Address, saved: Saved, settings: Settings) -> bool:
    """Whether the address moved although nothing on the page did."""
    written = st.session_state["ask_written"]
    settled = time.monotonic() - st.session_state["ask_written_at"] > _SETTLED_SECONDS
    return bool(here != written and settled and _address(saved, settings) == written)


def _follow(here: Address, saved: Saved, settings: Settings) -> None:
    """Set the fields to what the address says; where it says nothing, to how the workbench opens."""
    said = {name: values[-1] for name, values in here.items()}
    named = said.get("questionnaire", "")
    asks = any(name in said for name in ANSWERS)
    if not named and not asks:
        named = _opening(saved, settings)
    st.session_state[key("questionnaire")] = named if named in saved else None
    fill(saved)
    if named and named not in saved:
        st.session_state["ask_unknown"] = named
    if asks:
        for name in ANSWERS:
            st.session_state[key(name)] = said.get(name, "")
    st.session_state[key("k")] = _top_k(said.get("k", ""), settings)
    statuses = here.get("status", _STATUSES)
    st.session_state[key("status")] = [s.value for s in Status if s.value in statuses]
    st.session_state[key("area")] = here.get("area", [])
    st.session_state[key("mismatch")] = said.get("mismatch") == "yes"
    st.session_state[key("mode")] = said.get("mode") if said.get("mode") in list(Mode) else settings.method.mode.value


def _opening(saved: Saved, settings: Settings) -> str:
    return settings.opens_with if settings.opens_with in saved else next(iter(saved), "")


def _top_k(said: str, settings: Settings) -> int:
    # Python refuses to read a number of thousands of digits.
    wanted = int(said) if said.isdecimal() and len(said) <= _DIGITS else settings.top_k
    return min(max(1, wanted), MAX_SHOWN)


def _address(saved: Saved, settings: Settings) -> Address:
    """What a link to the present view must say. The view that the workbench opens with needs nothing."""
    state = st.session_state
    address: Address = {}
    chosen = saved.get(state[key("questionnaire")] or "")
    answers = {name: state[key(name)] or "" for name in ANSWERS}
    if chosen is not None:
        address["questionnaire"] = [chosen.id]
    if chosen is None or any(answers[name] != getattr(chosen, field) for name, field in ANSWERS.items()):
        address |= {name: [answer] for name, answer in answers.items() if answer} or {"focus": [""]}
    if state[key("k")] != _top_k("", settings):
        address["k"] = [str(state[key("k")])]
    if state[key("mode")] != settings.method.mode:
        address["mode"] = [state[key("mode")]]
    if sorted(state[key("status")]) != _STATUSES:
        address["status"] = sorted(state[key("status")]) or [""]
    if state[key("area")]:
        address["area"] = list(state[key("area")])
    if state[key("mismatch")]:
        address["mismatch"] = ["yes"]
    return {} if address == {"questionnaire": [_opening(saved, settings)]} else address
