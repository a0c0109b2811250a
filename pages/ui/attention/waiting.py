"""How many things need attention, beside the page's name in the navigation: only what is known already and still so."""

import contextlib

import streamlit as st

from pages.ui import resources
from services.errors import ScriptoriumError

# Of the work that looks through the corpus, see ``attending``.
KIND = "attention"
_SHOWN = "attention_waiting"


def title() -> str:
    """The name of the page, with the count."""
    st.session_state[_SHOWN] = count = _count()
    return f"Attention · {count:,}" if count else "Attention"


def is_outdated() -> bool:
    """Whether something has changed since the navigation was drawn; says so once."""
    count = _count()
    drawn, st.session_state[_SHOWN] = st.session_state.get(_SHOWN, count), count
    return bool(drawn != count)


def _count() -> int:
    """0 where nobody has looked since something changed, too."""
    if resources.jobs(KIND).current is None:
        return 0
    # The page itself says what is wrong.
    with contextlib.suppress(ScriptoriumError):
        workbench = resources.workbench()
        found = workbench.attention_last
        if found is not None and found.basis == workbench.attention_basis():
            return found.count
    return 0
