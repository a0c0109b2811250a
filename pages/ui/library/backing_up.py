"""Everything as one file, and the way back: what is in a backup is seen before it replaces anything."""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import streamlit as st

from pages.ui import frame, resources, signing, watching, words
from pages.ui.inspect.inspecting import IMPORTING
from pages.ui.library import versions
from services.backup import BackedUp
from services.errors import ScriptoriumError
from services.ground import temporary
from services.ground.progress import Report
from services.jobs import Job
from services.restore import Verified
from services.workbench import Workbench

KIND = "backup"
_JOB, _MADE, _FOUND, _BACK, _TURN = "backup_job", "backup_made", "backup_found", "backup_back", "backup_turn"
_PREFIX, _SWEPT = "scriptorium-backup-", "backup_swept"
# What these write is of the library that is to be replaced.
_WRITING = ("rebuild", "upload", "many", "check", "bin", IMPORTING)
# Most files finish within: then no bar flickers.
_PATIENCE_SECONDS = 0.5
_MOST_NAMED = 5


@dataclass(frozen=True)
class _Made:
    """A backup for a download. Its folder goes when nobody holds this any more."""

    folder: tempfile.TemporaryDirectory[str]
    done: BackedUp


@dataclass(frozen=True)
class _Found:
    """A backup that was brought and verified, and what it would replace."""

    folder: tempfile.TemporaryDirectory[str]
    file: Path
    verified: Verified
    newest: str


def is_open() -> bool:
    """Whether backups are looked at."""
    return KIND in st.query_params


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
        temporary.sweep(_PREFIX)
    job = cast("Job[object] | None", st.session_state.get(_JOB))
    if job is not None and not job.finished:
        watching.until_done(KIND, cancel="The library stays as it is.")
        return
    if job is not None:
        st.session_state.pop(_JOB)
        resources.jobs(KIND).dismiss()
        _take(job)
    elif watching.others_work(KIND, None):
        watching.until_free(KIND, "A backup is being made or brought back by somebody else.")
        return
    with st.container(width=720):
        found = cast("_Found | None", st.session_state.get(_FOUND))
        if found is not None:
            _ask(workbench, found)
            return
        _back()
        _make(workbench)
        if workbench.writable:
            st.divider()
            _bring(workbench)


def _take(job: Job[object]) -> None:
    """What the work has come to."""
    if isinstance(job.result, _Made):
        st.session_state[_MADE] = job.result
    elif isinstance(job.result, _Found):
        st.session_state[_FOUND] = job.result
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
    st.session_state[_BACK] = done
    st.query_params.clear()
    st.query_params[KIND] = "1"
    st.rerun()


def _back() -> None:
    """What was brought back, and where the library lies that was here before."""
    done = cast("BackedUp | None", st.session_state.get(_BACK))
    if done is None:
        return
    st.success(f"**The backup is back: {words.count(done.records, 'script')}.**", icon=":material/check:")
    st.caption("The library that was here before is kept on this computer, until somebody deletes it there:")
    st.code(done.before, language=None, wrap_lines=True)
    _left_out(done.left_out)
    if done.history:
        st.warning(
            f"**A new history begins.** {words.plain(done.history)} So the one of the backup was left out; "
            "the file of the backup still has it as it was."
        )
    st.divider()


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
            _start("The backup", lambda report: _made(workbench, report))
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
        st.button("Make another", key="backup_again", type="tertiary", on_click=_forget, args=(_MADE,))
    st.caption(f"{words.count(made.done.records, 'script')}, {file.stat().st_size / 1e6:,.1f} MB.")
    _digest(made.done.digest, "Note it beside the file: who brings the backup back is shown it again.")
    if made.done.left_out:
        named = words.plain(words.listed(made.done.left_out[:_MOST_NAMED]))
        st.warning(f"Links are not followed, so these are not in it: {named}.")
    if made.done.history:
        st.warning(f"**The backup does not have the whole history.** {words.plain(made.done.history)}")


def _made(workbench: Workbench, report: Report) -> _Made:
    folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
    return _Made(folder, workbench.backup(Path(folder.name) / "backup.zip", report))


def _bring(workbench: Workbench) -> None:
    st.markdown("**Bring a backup back**")
    file = st.file_uploader(
        "The file of a backup",
        type="zip",
        key=f"backup_file_{st.session_state.get(_TURN, 0)}",
        help="A file that is larger than this takes is brought back by whoever runs the workbench: "
        "`python -m services restore FILE`",
    )
    if file is None:
        st.caption("It is verified wholly, and you see what is in it, before anything is replaced.")
        return
    if st.button("Look into it", key="backup_look", type="primary", icon=":material/fact_check:"):
        folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
        # Only a file's name, whatever the browser has sent.
        path = Path(folder.name) / (Path(file.name).name or "backup.zip")
        with path.open("wb") as out:
            shutil.copyfileobj(cast("IO[bytes]", file), out)
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        _start("Looking into the backup", lambda report: _looked(workbench, folder, path, report))


def _looked(workbench: Workbench, folder: tempfile.TemporaryDirectory[str], path: Path, report: Report) -> _Found:
    return _Found(folder, path, workbench.verify_backup(path, report), workbench.newest())


def _ask(workbench: Workbench, found: _Found) -> None:
    """What is in it, what would be replaced, and the question."""
    verified = found.verified
    # Of one without its whole history nobody says that it is whole.
    told = "was verified" if verified.history else "is whole"
    st.success(f"**{words.plain(verified.name)} {told}.** No file in it is damaged.", icon=":material/check:")
    here = len(workbench.catalogue.records), len(workbench.all_questionnaires)
    rows = (
        ("Scripts", f"{verified.records:,}", f"{here[0]:,}"),
        ("Questionnaires", f"{verified.questionnaires:,}", f"{here[1]:,}"),
        ("A script was saved last", _when(verified.newest), _when(found.newest)),
    )
    lines = ["| | In the backup | Here now |", "|:--|--:|--:|", *(f"| {' | '.join(row)} |" for row in rows)]
    st.markdown("\n".join(lines))
    _digest(verified.digest, "It is the one that was shown when the backup was made, if nothing has changed it since.")
    _left_out(verified.left_out)
    if verified.history:
        st.warning(
            f"**The history in it would not be brought back.** {words.plain(verified.history)} The scripts are all "
            "there, and a new history begins with them."
        )
    with st.container(border=True):
        kept = words.plain(f"{workbench.paths.root.name}.before-restore")
        st.markdown(
            "**Replace the library that is here now?** It is not deleted: with its history, and with text that is not "
            f"saved yet, it stays on this computer beside the new one, in a folder whose name begins with {kept}."
        )
        with st.container(horizontal=True):
            if st.button("Yes, replace it", key="backup_replace", type="primary", icon=":material/swap_horiz:"):
                _replace(workbench, found)
            st.button("No, keep what is here", key="backup_keep", on_click=_forget, args=(_FOUND,))


def _replace(workbench: Workbench, found: _Found) -> None:
    others = [resources.jobs(kind) for kind in _WRITING]

    def work(report: Report) -> BackedUp:
        for jobs in others:
            while (job := jobs.current) is not None and not job.finished:
                report(f"{job.name} comes to its end first", 0, 0)
                time.sleep(_PATIENCE_SECONDS)
        return workbench.replace_all(found.file, report)

    _start("Bringing the backup back", work)


def _when(time_saved: str) -> str:
    return f"{words.ago(time_saved)}, {time_saved[:10]}" if time_saved else "not known"


def _digest(digest: str, told: str) -> None:
    st.caption(f"Its digest (BLAKE3) tells this file from every other. {told}")
    st.code(digest, language=None, wrap_lines=True)


def _left_out(left_out: tuple[str, ...]) -> None:
    if left_out:
        named = words.plain(words.listed(left_out[:_MOST_NAMED]))
        more = f" and {len(left_out) - _MOST_NAMED:,} more" if len(left_out) > _MOST_NAMED else ""
        st.info(
            "Settings and commands that git would run on this computer are not brought back, because a backup may come "
            f"from anybody. No script is among them. Left out: {named}{more}."
        )


def _start(name: str, work: Callable[[Report], object]) -> None:
    with frame.told():
        job = st.session_state[_JOB] = resources.jobs(KIND).start(name, work)
        until = time.monotonic() + _PATIENCE_SECONDS
        while not job.finished and time.monotonic() < until:
            time.sleep(0.02)
        st.rerun()


def _forget(key: str) -> None:
    st.session_state.pop(key, None)


def _open() -> None:
    versions.close()
    st.query_params[KIND] = "1"


def _close() -> None:
    st.query_params.pop(KIND, None)
    for key in (_MADE, _FOUND, _BACK):
        _forget(key)
