"""The way back from a backup: what is in it is seen before it replaces anything."""

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import streamlit as st

from pages.ui import resources, words
from pages.ui.inspect.inspecting import IMPORTING
from pages.ui.library import backup_job
from services.backup import BackedUp
from services.ground.progress import Report
from services.restore import Verified
from services.workbench import Workbench

FOUND, BACK = "backup_found", "backup_back"
_TURN = "backup_turn"
# What these write is of the library that is to be replaced.
_WRITING = ("rebuild", "upload", "many", "check", "bin", IMPORTING)
# Between two looks at whether the work of others has ended.
_LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Found:
    """A backup that was brought and verified, and what it would replace."""

    folder: tempfile.TemporaryDirectory[str]
    file: Path
    verified: Verified
    newest: str


def tell() -> None:
    """What was brought back, and where the library lies that was here before."""
    done = cast("BackedUp | None", st.session_state.get(BACK))
    if done is None:
        return
    st.success(f"**The backup is back: {words.count(done.records, 'script')}.**", icon=":material/check:")
    st.caption("The library that was here before is kept on this computer, until somebody deletes it there:")
    st.code(done.before, language=None, wrap_lines=True)
    backup_job.tell_left_out(done.left_out)
    if done.history:
        st.warning(
            f"**A new history begins.** {words.plain(done.history)} So the one of the backup was left out; "
            "the file of the backup still has it as it was."
        )
    st.divider()


def offer(workbench: Workbench) -> None:
    """Take the file of a backup."""
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
        folder = tempfile.TemporaryDirectory(prefix=backup_job.PREFIX)
        # Only a file's name, whatever the browser has sent.
        path = Path(folder.name) / (Path(file.name).name or "backup.zip")
        with path.open("wb") as out:
            shutil.copyfileobj(cast("IO[bytes]", file), out)
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        backup_job.start("Looking into the backup", lambda report: _looked(workbench, folder, path, report))


def _looked(workbench: Workbench, folder: tempfile.TemporaryDirectory[str], path: Path, report: Report) -> Found:
    return Found(folder, path, workbench.verify_backup(path, report), workbench.newest())


def ask(workbench: Workbench, found: Found) -> None:
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
    backup_job.tell_digest(
        verified.digest, "It is the one that was shown when the backup was made, if nothing has changed it since."
    )
    backup_job.tell_left_out(verified.left_out)
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
            st.button("No, keep what is here", key="backup_keep", on_click=backup_job.forget, args=(FOUND,))


def _replace(workbench: Workbench, found: Found) -> None:
    others = [resources.jobs(kind) for kind in _WRITING]

    def work(report: Report) -> BackedUp:
        for jobs in others:
            while (job := jobs.current) is not None and not job.finished:
                report(f"{job.name} comes to its end first", 0, 0)
                time.sleep(_LOOK_EVERY_SECONDS)
        return workbench.replace_all(found.file, report)

    backup_job.start("Bringing the backup back", work)


def _when(time_saved: str) -> str:
    return f"{words.ago(time_saved)}, {time_saved[:10]}" if time_saved else "not known"
