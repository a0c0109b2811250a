"""In whose name things are saved: seen where people save, changed there, remembered by their browser."""

from urllib.parse import quote, unquote

import streamlit as st

from pages.ui import words
from services.workbench import Workbench

NAME = "your_name"
_COOKIE = "scriptorium_name"
_SECONDS = 365 * 24 * 3600
_CHANGED = "your_name_changed"
_LONGEST = 80


def name() -> str:
    """What this visitor has given as their name, here or in an earlier visit; empty where they have not."""
    if NAME not in st.session_state:
        st.session_state[NAME] = unquote(st.context.cookies.to_dict().get(_COOKIE, ""))[:_LONGEST]
    given: str = st.session_state[NAME] or ""
    return given


def show(workbench: Workbench) -> None:
    """Who stands in the history for what is saved here, and the way to change it. Once a page."""
    if not workbench.writable or workbench.past.problem:
        return
    name()
    signer = workbench.past.signer
    label = f"Signed as {words.plain(signer)}" if signer else "Sign with your name"
    with st.popover(label, icon=":material/signature:", type="tertiary"):
        st.text_input(
            "Your name",
            key=NAME,
            persist_state="session",
            max_chars=_LONGEST,
            on_change=_changed,
            placeholder=signer,
            help="Written into the history with what you save, delete or bring back. This browser remembers it.",
        )
    if st.session_state.pop(_CHANGED, False):
        # Quoted, it holds nothing that would end the text or the element.
        told = quote(name(), safe="")
        cookie = f"{_COOKIE}={told}; path=/; max-age={_SECONDS}; samesite=lax"
        st.html(f'<script>document.cookie = "{cookie}"</script>', unsafe_allow_javascript=True)


def _changed() -> None:
    st.session_state[_CHANGED] = True
