"""What the address of Tune carries: every setting of the controls, written out once a person has changed one.

Not ``bind="query-params"``: that leaves out what equals the default, and the default is how the workspace is asked.
Once that is another way, the same address would mean other settings.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import streamlit as st

from pages.ui import frame
from pages.ui.evaluate import address
from services.domain.methods import Mode, Nearest, Passages
from services.domain.settings import MAX_TOP_K, Settings

MODE, PASSAGES, NEAREST, VARIETY = "try_mode", "try_passages", "try_nearest", "try_variety"
MEANING, WORDS, TEMPLATE, SHOWN, CUT_OFF = "try_meaning", "try_words", "try_asks", "try_shown", "try_within"
MODEL, MEASURE = "try_model", address.MEASURE
MOST_WEIGHT, MOST_DISTANCE = 100.0, 2.0
Value = str | float | int | None
# What the person has set, all settings of it; nothing while the controls follow the workspace.
_SET = "tune_set"
_DRAWN = "tune_drawn"
_NOTHING = "none"


def of(settings: Settings, model_digest: str) -> dict[str, Value]:
    """What the controls show for these settings, by control."""
    method = settings.method
    return {
        MODE: method.mode.value,
        PASSAGES: method.passages.value,
        NEAREST: method.nearest.value,
        VARIETY: float(method.variety),
        MEANING: float(method.dense_weight),
        WORDS: float(method.lexical_weight),
        TEMPLATE: settings.query_template,
        SHOWN: settings.top_k,
        CUT_OFF: method.cut_off(model_digest),
    }


def begin(settings: Settings, model_digest: str) -> None:
    """Before the controls are drawn: let each stand where the person, else the address, else the workspace has it."""
    values = of(settings, model_digest)
    said = _read()
    if said and (frame.arrived() or _SET not in st.session_state):
        st.session_state[_SET] = said
    if _SET in st.session_state:
        values |= cast("dict[str, Value]", st.session_state[_SET])
        st.session_state[_SET] = values
    st.session_state[_DRAWN] = values
    st.session_state.update(values)
    _write(values if _SET in st.session_state else {})


def changed(key: str) -> None:
    """A person has changed this control: from now on all stay as they are, whatever becomes of the workspace."""
    put(key, st.session_state[key])


def put(key: str, value: Value) -> None:
    """Before anything is drawn: have this control show that."""
    st.session_state[_SET] = {**st.session_state.get(_DRAWN, {}), key: value}


def follow() -> None:
    """Before anything is drawn: have the controls show how the workspace is asked, and go on doing so."""
    st.session_state.pop(_SET, None)
    _write({})


def choice(name: str, options: Sequence[str], otherwise: str) -> str:
    """What the address says under this name, where it is one of these; the widget of this name shows it."""
    said = address.read(name)
    st.session_state[name] = said if said in options else otherwise
    return str(st.session_state[name])


def chosen(name: str) -> None:
    """A person has chosen: into the address with it."""
    address.write(name, str(st.session_state[name] or ""))


def _write(values: Mapping[str, Value]) -> None:
    for key in _PARSED:
        told = _told(values[key]) if key in values else None
        if told is None:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != told:
            st.query_params[key] = told


def _told(value: Value) -> str:
    if value is None:
        return _NOTHING
    return value if isinstance(value, str) else f"{value:.10g}"


def _read() -> dict[str, Value]:
    """What the address says of the controls; what no control can show says nothing."""
    found: dict[str, Value] = {}
    for key, parsed in _PARSED.items():
        if key in st.query_params:
            try:
                found[key] = parsed(st.query_params[key])
            except (ValueError, OverflowError):
                continue
    return found


def _between(most: float) -> Callable[[str], float]:
    def parsed(said: str) -> float:
        number = float(said)
        # NaN is between nothing.
        if not 0.0 <= number <= most:
            raise ValueError(said)
        return number

    return parsed


def _shown(said: str) -> int:
    number = int(said)
    if not 1 <= number <= MAX_TOP_K:
        raise ValueError(said)
    return number


def _cut_off(said: str) -> float | None:
    return None if said == _NOTHING else _between(MOST_DISTANCE)(said)


_PARSED: Mapping[str, Callable[[str], Value]] = {
    MODE: lambda said: Mode(said).value,
    PASSAGES: lambda said: Passages(said).value,
    NEAREST: lambda said: Nearest(said).value,
    VARIETY: _between(1.0),
    MEANING: _between(MOST_WEIGHT),
    WORDS: _between(MOST_WEIGHT),
    TEMPLATE: str,
    SHOWN: _shown,
    CUT_OFF: _cut_off,
}
