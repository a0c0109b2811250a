"""What an upload did, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import streamlit as st

from pages.ui import frame, words
from pages.ui.upload import refusals
from services.domain.reports import Rejected
from services.domain.upload_journal import Summary
from services.ground.progress import Report
from services.upload import Added, Undone
from services.workbench import Workbench

_LIBRARY = frame.PAGES / "library.py"
_OUTCOME, _UNDONE = "upload_added", "upload_undone"
# Begins background work.
Start = Callable[[Callable[[Report], object]], None]
# So many are linked; the rest is in the library.
_MOST = 12


@dataclass(frozen=True)
class _Outcome:
    """What was added, and what could not be read before that."""

    added: Added
    refused: Sequence[Rejected]


def is_open() -> bool:
    """Whether an upload has just been added."""
    return _OUTCOME in st.session_state


def open_outcome(added: Added, refused: Sequence[Rejected]) -> None:
    """Show what was added; ``refused`` could not be read in the first place."""
    st.session_state[_OUTCOME] = _Outcome(added, refused)


def open_undone(undone: Undone) -> None:
    """Show what taking an upload back did, until the next work begins."""
    st.session_state.pop(_OUTCOME, None)
    st.session_state[_UNDONE] = undone


def close_undone() -> None:
    """Forget it."""
    st.session_state.pop(_UNDONE, None)


def show(workbench: Workbench, start: Start) -> None:
    """What was created, updated and left, with links; undo; and what was refused."""
    outcome = cast("_Outcome", st.session_state[_OUTCOME])
    added = outcome.added
    stored = len(added.created) + len(added.updated)
    told = _counts(added)
    if stored:
        st.success(f"**{told}.**", icon=":material/check:")
    else:
        st.info(f"{told}.")
    if added.warning:
        st.warning(words.plain(added.warning))
    with st.container(horizontal=True):
        if added.upload and st.button("Undo this upload", key="upload_undo", icon=":material/undo:"):
            start(lambda report: workbench.undo_upload(added.upload, report))
        if st.button("Upload more", key="upload_more", type="primary", icon=":material/upload:"):
            st.session_state.pop(_OUTCOME)
            st.rerun()
    _links(workbench, "New", added.created)
    _links(workbench, "Replaced what was here", added.updated)
    refusals.show((*outcome.refused, *added.refused))


def last(workbench: Workbench, start: Start) -> None:
    """The upload before, with the way back; and what taking one back did."""
    undone = cast("Undone | None", st.session_state.get(_UNDONE))
    if undone is not None:
        _undone(undone)
        if not undone.waiting:
            return
    with frame.told():
        upload = workbench.last_upload()
        if upload is None:
            return
        with st.container(horizontal=True, vertical_alignment="center", key="upload_last"):
            st.caption(f"The last upload, {_when(upload)}: {_of(upload)}.", width="content")
            if st.button("Undo it", key="upload_undo_last", type="tertiary", icon=":material/undo:"):
                start(lambda report: workbench.undo_upload(upload.id, report))


def _undone(undone: Undone) -> None:
    parts = [
        f"{words.count(len(undone.removed), 'script')} moved to the bin" if undone.removed else "",
        f"{words.count(len(undone.restored), 'script')} as before" if undone.restored else "",
        f"{words.count(len(undone.left), 'script')} left as {'it is' if len(undone.left) == 1 else 'they are'}"
        if undone.left
        else "",
    ]
    told = ", ".join(filter(None, parts)) or "nothing of it was here any more"
    if undone.left:
        st.warning(f"**The upload is undone in part:** {told}.", icon=":material/undo:")
    else:
        st.success(f"**The upload is undone:** {told}.", icon=":material/check:")
    refusals.show(undone.left, "left as it is")


def _counts(added: Added) -> str:
    parts = [
        (len(added.created), "new"),
        (len(added.updated), "replaced what was here"),
        (len(added.unchanged), "here already"),
        (len(added.refused), "not added"),
    ]
    return f"Scripts: {', '.join(f'{number:,} {what}' for number, what in parts if number) or 'none'}"


def _links(workbench: Workbench, heading: str, ids: Sequence[str]) -> None:
    records = workbench.catalogue.records
    there = [records[script_id].script for script_id in ids if script_id in records]
    if not there:
        return
    st.markdown(f"**{heading}**")
    for script in there[:_MOST]:
        st.page_link(
            _LIBRARY,
            label=f"{words.plain(script.title)} · {words.section(script.section)}",
            icon=":material/menu_book:",
            query_params={"script": script.id},
        )
    if len(there) > _MOST:
        st.caption(f"And {len(there) - _MOST:,} more in the library.")


def _when(upload: Summary) -> str:
    try:
        made = datetime.fromisoformat(upload.made).astimezone(UTC)
    except ValueError:
        return "at a time that is not written down"
    return f"{made.day} {made:%B, %H:%M} UTC"


def _of(upload: Summary) -> str:
    parts = [(upload.created, "new"), (upload.updated, "replaced what was here")]
    return ", ".join(f"{number:,} {what}" for number, what in parts if number)
