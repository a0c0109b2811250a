"""A row of the bin: what lies there, to be read in place, and the way back to the library."""

import streamlit as st

from pages.ui import reading, words
from services.domain.scripts import Script
from services.library import Saved

_READ, ASKED, TAKEN = "bin_read", "emptying", "bin_taken"
# Of a file that is no script so much is shown; all of it can be downloaded.
_CHARACTERS = 4_000


def two_lines(title: str, below: str) -> None:
    """What it is called, and where it was; both as Markdown."""
    with st.container(gap=None, width="stretch"):
        st.markdown(f"**{title}**")
        st.caption(below)


def doing() -> "st.delta_generator.DeltaGenerator":
    """Where the buttons of a row stand: beside it, on a phone below it."""
    return st.container(horizontal=True, vertical_alignment="center", width="content", gap="small")


def is_read(name: str) -> bool:
    """Draw the button for reading what lies there; whether it is read just now."""
    is_open = st.session_state.get(_READ) == name
    label, icon = ("Close", ":material/unfold_less:") if is_open else ("Read it", ":material/menu_book:")
    st.button(label, key=f"read_{name}", icon=icon, on_click=_toggle, args=(None if is_open else name,))
    return is_open


def script(found: Script) -> None:
    """A script to read."""
    st.caption(reading.facts(found))
    reading.body(found)


def raw(data: bytes, file: str) -> None:
    """A file that is no script, as far as it is text."""
    text = data.decode("utf-8", "replace")
    st.caption("This file cannot be read as a script. This is what it holds.")
    st.text(text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}…")
    st.download_button("Download the file", data, file, key="bin_download", icon=":material/download:")


def leave(saved: Saved) -> None:
    """It is back: open it."""
    script_id = saved.record.script.id
    st.session_state["saved_warning"] = (script_id, saved.warning)
    close()
    st.query_params["script"] = script_id
    st.toast(f"Brought back '{words.plain(saved.record.script.title)}'.", icon=":material/check:")
    st.rerun()


def close() -> None:
    """Back to the library, with nothing half asked."""
    st.query_params.pop("bin", None)
    for name in (_READ, ASKED, TAKEN):
        st.session_state.pop(name, None)


def _toggle(name: str | None) -> None:
    st.session_state[_READ] = name
