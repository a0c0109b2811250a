"""In whose name things are saved: seen where people save, changed there, remembered by their browser."""

from urllib.parse import quote, unquote

import streamlit as st

from pages.ui import words
from services.workbench import Workbench

NAME = "your_name"
_COOKIE = "scriptorium_name"
_SECONDS = 365 * 24 * 3600
_CHANGED = "your_name_changed"
_FIRST = "your_name_first"
_LONGEST = 80


def name() -> str:
    """What this visitor has given as their name, here or in an earlier visit; empty where they have not."""
    if NAME not in st.session_state:
        st.session_state[NAME] = unquote(st.context.cookies.to_dict().get(_COOKIE, ""))[:_LONGEST]
    given: str = st.session_state[NAME] or ""
    return given


def show(workbench: Workbench, *, always: bool = False) -> None:
    """Who stands in the history for what is saved here, and the way to change it. Once a page.

    ``always``: also where no history is kept, as the name is needed for more than that.
    """
    if not workbench.writable or (workbench.past.problem and not always):
        return
    given = name()
    signer = workbench.past.signer or given
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
    _remember()


def first(question: str, why: str) -> None:
    """Ask for the name of a visitor who has not given one. The server's is not offered: it would make one of all."""
    with st.form("sign_first", border=False, width=480):
        st.subheader(question, anchor=False)
        st.caption(why)
        st.text_input("Your name", key=_FIRST, max_chars=_LONGEST, help="This browser remembers it.")
        st.form_submit_button("Begin", key="sign_begin", type="primary", on_click=_sign)


def _sign() -> None:
    st.session_state[NAME] = (st.session_state.get(_FIRST) or "").strip()
    _changed()


def _remember() -> None:
    if st.session_state.pop(_CHANGED, False):
        # Quoted, it holds nothing that would end the text or the element.
        told = quote(name(), safe="")
        cookie = f"{_COOKIE}={told}; path=/; max-age={_SECONDS}; samesite=lax"
        with st.container(key="unseen_name"):
            st.html(f'<script>document.cookie = "{cookie}"</script>', unsafe_allow_javascript=True)


def _changed() -> None:
    st.session_state[_CHANGED] = True
