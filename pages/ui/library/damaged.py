"""A script whose file cannot be read: said in plain words, with the way back to what was saved."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.library import versions
from services.workbench import Workbench


def note(workbench: Workbench) -> None:
    """For the Library: how many files are not on the list because they cannot be read, and the way to them."""
    damaged = workbench.catalogue.damaged
    missing = [script_id for script_id in damaged if script_id not in workbench.catalogue.records]
    if not missing:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="damaged_note"):
        st.caption(f"▲ {words.count(len(missing), 'file')} cannot be read", width="content")
        if len(missing) == 1:
            st.button("See what can be done", key="to_damaged", type="tertiary", on_click=_open, args=(missing[0],))
        else:
            st.page_link(frame.PAGES / "attention.py", label="See which", icon=":material/notifications:")


def show(workbench: Workbench, script_id: str) -> None:
    """One of them, with its last good version to go back to."""
    found = workbench.catalogue.damaged[script_id]
    last = workbench.last_readable(script_id)
    title = workbench.version(script_id, last.commit).script.title if last else script_id
    with st.container(key="reading_title"):
        st.subheader(words.plain(title), anchor=False)
    st.warning("**Its file cannot be read.** It may have been changed outside.")
    with st.container(horizontal=True, vertical_alignment="center"):
        key = f"restore_damaged_{script_id}"
        wanted = workbench.writable and last is not None
        icon = ":material/settings_backup_restore:"
        if wanted and st.button("Restore the last version", icon=icon, type="primary", key=key):
            versions.restore(workbench, script_id, last.commit if last else "", None)
        versions.button(script_id)
    if last:
        by = f"Saved {words.ago(last.time)}. "
        st.caption(f"{by}What the file holds now is kept in the bin." if workbench.writable else by)
    else:
        st.caption("No version of it has been kept that could be brought back.")
    with st.expander("Details", type="compact"):
        for broken in found:
            st.text(f"{broken.cause} {broken.next_step}")


def _open(script_id: str) -> None:
    versions.close()
    st.query_params["script"] = script_id
