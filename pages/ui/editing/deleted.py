"""Somebody deleted the script that is being edited: what is typed is stored all the same, in one of two ways."""

import contextlib

import streamlit as st

from pages.ui.editing import offered, unsaved
from pages.ui.editing.unsaved import Edit
from services.domain.scripts import Script
from services.errors import IdTaken, NotFound
from services.workbench import Workbench


def is_so(workbench: Workbench, edit: Edit) -> bool:
    """Whether the script is gone: not where its file is there and cannot be read."""
    catalogue = workbench.catalogue
    return bool(edit.script) and edit.script not in catalogue.records and edit.script not in catalogue.damaged


def show() -> None:
    """What happened, and the ways on."""
    with st.container(border=True):
        st.error(
            "**Somebody deleted this script while you were editing.** Nothing that you typed is lost.",
            icon=":material/error:",
        )
        with st.container(horizontal=True):
            st.button("Store it again as it is typed", key="edit_again", type="primary", on_click=_again)
            st.button("Save as a new script", key="edit_anew", on_click=_anew)
            st.button("Give mine up", key="edit_deleted_up", on_click=offered.cancel)


def store_again() -> bool:
    """Whether that was pressed: told once."""
    return bool(st.session_state.pop("edit_store_again", False))


def bring_back(workbench: Workbench, edit: Edit, typed: Script) -> None:
    """Let the script be there again, so that what is typed becomes its next version.

    From the bin, else from the history; where neither has it, ``typed`` is stored as new. Raises as these do.
    """
    # Somebody else may be faster; what they brought back is then what the next save meets.
    with contextlib.suppress(IdTaken):
        try:
            workbench.restore(edit.script)
        except NotFound:
            last = next((version for version in workbench.history(edit.script) if version.there), None)
            if last is not None:
                workbench.restore_version(edit.script, last.commit, None)
            else:
                unsaved.change(workbench.save(typed, None).record.digest, edit.began, edit.script)


def _again() -> None:
    st.session_state["edit_store_again"] = True


def _anew() -> None:
    edit = unsaved.current()
    unsaved.change(None, edit.began, "")
    unsaved.keep()
    st.session_state["edit_save"] = True
