"""Backups: everything as one file, made for a download; ``bringing_back`` has the way back."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import streamlit as st

from pages.ui import frame, resources, signing, watching, words
from pages.ui.library import backup_job, bringing_back, versions
from services.backup import BackedUp
from services.errors import ScriptoriumError
from services.ground import temporary
from services.ground.progress import Report
from services.jobs import Job
from services.workbench import Workbench

_MADE, _SWEPT = "backup_made", "backup_swept"


@dataclass(frozen=True)
class _Made:
    """A backup for a download. Its folder goes when nobody holds this any more."""

    folder: tempfile.TemporaryDirectory[str]
    done: BackedUp


def is_open() -> bool:
    """Whether backups are looked at."""
    return backup_job.KIND in st.query_params


def link() -> None:
    """The way there, and what a backup is."""
    st.caption("A backup is everything in one file: scripts, questionnaires, checks, history and the bin.")
    st.button("Back up or bring back", icon=":material/archive:", key="to_backup", on_click=_open)


def show(workbench: Workbench) -> None:
    """The step that it is at."""
    st.button("Back to the library", icon=":material/arrow_back:", key="from_backup", on_click=_close)
    st.subheader("Backup", anchor=False)
    if _SWEPT not in st.session_state:
        st.session_state[_SWEPT] = True
        temporary.sweep(backup_job.PREFIX)
    job = cast("Job[object] | None", st.session_state.get(backup_job.JOB))
    if job is not None and not job.finished:
        watching.until_done(backup_job.KIND, cancel="The library stays as it is.")
        return
    if job is not None:
        st.session_state.pop(backup_job.JOB)
        resources.jobs(backup_job.KIND).dismiss()
        _take(job)
    elif watching.others_work(backup_job.KIND, None):
        watching.until_free(backup_job.KIND, "A backup is being made or brought back by somebody else.")
        return
    with st.container(width=720):
        found = cast("bringing_back.Found | None", st.session_state.get(bringing_back.FOUND))
        if found is not None:
            bringing_back.ask(workbench, found)
            return
        bringing_back.tell()
        _make(workbench)
        if workbench.writable:
            st.divider()
            bringing_back.offer(workbench)


def _take(job: Job[object]) -> None:
    """What the work has come to."""
    if isinstance(job.result, _Made):
        st.session_state[_MADE] = job.result
    elif isinstance(job.result, bringing_back.Found):
        st.session_state[bringing_back.FOUND] = job.result
    elif isinstance(job.result, BackedUp):
        _begin_anew(job.result)
    elif job.cancelled:
        st.info("Stopped. The library is as it was.")
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)


def _begin_anew(done: BackedUp) -> None:
    """Whatever this session has open is of the library that was replaced; who it is stays."""
    for key in [key for key in st.session_state if key != signing.NAME]:
        del st.session_state[key]
    st.session_state[bringing_back.BACK] = done
    st.query_params.clear()
    st.query_params[backup_job.KIND] = "1"
    st.rerun()


def _make(workbench: Workbench) -> None:
    st.markdown("**Make a backup**")
    made = cast("_Made | None", st.session_state.get(_MADE))
    # After a day it may have been swept.
    if made is None or not Path(made.done.file).exists():
        st.caption(
            "Everything in one file: scripts, questionnaires, checks, the bin, text that is not saved yet, "
            "and the history. The same library always gives the same file."
        )
        if st.button("Make a backup", key="backup_make", type="primary", icon=":material/archive:"):
            backup_job.start("The backup", lambda report: _made(workbench, report))
        return
    file = Path(made.done.file)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the backup",
            file.read_bytes,
            file_name=f"scriptorium-backup-{time.strftime('%Y-%m-%d')}.zip",
            key="backup_download",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button("Make another", key="backup_again", type="tertiary", on_click=backup_job.forget, args=(_MADE,))
    st.caption(f"{words.count(made.done.records, 'script')}, {file.stat().st_size / 1e6:,.1f} MB.")
    backup_job.tell_digest(made.done.digest, "Note it beside the file: who brings the backup back is shown it again.")
    if made.done.left_out:
        named = words.plain(words.listed(made.done.left_out[: backup_job.MOST_NAMED]))
        st.warning(f"Links are not followed, so these are not in it: {named}.")
    if made.done.history:
        st.warning(f"**The backup does not have the whole history.** {words.plain(made.done.history)}")


def _made(workbench: Workbench, report: Report) -> _Made:
    folder = tempfile.TemporaryDirectory(prefix=backup_job.PREFIX)
    return _Made(folder, workbench.backup(Path(folder.name) / "backup.zip", report))


def _open() -> None:
    versions.close()
    st.query_params[backup_job.KIND] = "1"


def _close() -> None:
    st.query_params.pop(backup_job.KIND, None)
    for key in (_MADE, bringing_back.FOUND, bringing_back.BACK):
        backup_job.forget(key)
