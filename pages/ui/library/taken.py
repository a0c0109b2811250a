"""A script of the bin whose id another one has by now: brought back beside that one."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.library import binned
from services.domain.history import Binned
from services.workbench import Workbench


def ask(one: Binned) -> None:
    """Its id is taken: the next run offers another."""
    st.session_state[binned.TAKEN] = one


def offer(workbench: Workbench) -> None:
    """Say which script has the id, and bring this one back under another."""
    one: Binned | None = st.session_state.get(binned.TAKEN)
    present = workbench.catalogue.records.get(one.id) if one else None
    if one is None or present is None:
        return
    with st.container(border=True):
        named, its = words.plain(one.title), words.plain(present.script.title)
        st.markdown(
            f"**'{named}' cannot come back as '{words.plain(one.id)}':** '{its}' in the library has that id by now. "
            f"It can come back beside it as '{words.plain(workbench.id_beside(one.id))}'; both stay as they are."
        )
        with st.container(horizontal=True):
            icon = ":material/undo:"
            if st.button("Bring it back under another id", type="primary", icon=icon, key="back_beside"):
                with frame.told():
                    binned.leave(workbench.restore_as_another(one.id, one.digest))
            st.button("Leave it in the bin", key="back_not", on_click=_dismiss)


def _dismiss() -> None:
    st.session_state.pop(binned.TAKEN, None)
