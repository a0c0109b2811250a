"""One script to read, with what can be done to it."""

import streamlit as st

from pages.ui import frame, reading, signing, words
from pages.ui.editing import editor
from pages.ui.library import catalogue, damaged, versions
from services.domain.scripts import Record
from services.workbench import Workbench


def show(workbench: Workbench, script_id: str) -> None:
    """The open script, or where to begin."""
    if script_id and versions.is_open():
        versions.show(workbench, script_id)
        return
    if script_id and script_id == st.query_params.get("script"):
        # On a phone only, where the open script takes the place of the list.
        st.button("All scripts", key="to_the_list", icon=":material/arrow_back:", on_click=catalogue.close)
    record = workbench.catalogue.records.get(script_id)
    if record is None:
        if script_id in workbench.catalogue.damaged:
            damaged.show(workbench, script_id)
        elif script_id:
            st.warning(f"There is no script '{words.plain(script_id)}' any more. It may have been deleted or renamed.")
            versions.button(script_id)
        else:
            st.caption("Pick a script on the list to read it here.")
        return
    script = record.script
    with st.container(key="reading_title"):
        st.subheader(words.plain(script.title), anchor=False)
    st.caption(reading.facts(script))
    _not_retrievable(workbench, record)
    _actions(workbench, record)
    reading.body(script)
    told = [", ".join(script.techniques), f"{script.person} person" if script.person else "", f"id {script.id}"]
    st.caption(" · ".join(words.plain(part) for part in told if part))


def _not_retrievable(workbench: Workbench, record: Record) -> None:
    """Why the script is not in the index, or what else is amiss: as the save told it, else as sync does."""
    reason = workbench.report.left_out.get(record.script.id, "")
    if not (reason or workbench.records.lagging):
        return
    script_id, told = st.session_state.get("saved_warning", ("", ""))
    if told and script_id == record.script.id:
        st.warning(words.plain(told))
    elif reason:
        st.warning(words.plain(f"This script cannot be retrieved yet. {reason}"))


def _actions(workbench: Workbench, record: Record) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if workbench.writable:
            st.button("Edit", icon=":material/edit:", type="primary", on_click=editor.open_for, args=(record,))
        versions.button(record.script.id)
        # Named after the script: a second press never meets the script that is shown next.
        script = record.script
        if workbench.writable and st.button("Delete", icon=":material/delete:", key=f"delete_script_{script.id}"):
            with frame.told():
                workbench.delete(script.id, record.digest)
                st.session_state["deleted"] = (script.id, script.title, record.digest)
                catalogue.close()
                st.rerun()
        signing.show(workbench)


def undo(workbench: Workbench) -> None:
    """After a delete: the way back, until the next one."""
    if "deleted" not in st.session_state:
        return
    script_id, title, digest = st.session_state["deleted"]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"Deleted '{words.plain(title)}'. It lies in the bin of the workspace.")
        if st.button("Undo", icon=":material/undo:", key="undo_delete"):
            with frame.told():
                st.session_state["saved_warning"] = (script_id, workbench.restore(script_id, digest).warning)
                del st.session_state["deleted"]
                st.query_params["script"] = script_id
                st.rerun()
        if st.button("Dismiss", key="dismiss_delete"):
            del st.session_state["deleted"]
            st.rerun()
