"""Choosing what to upload, and how far its reading is; what comes next is drawn elsewhere.

The chooser is drawn at every step until there is a review: Streamlit forgets the files of a box that it does not draw.
"""

from collections.abc import Callable, Mapping
from typing import cast

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.upload import added, columns, reviewing
from pages.ui.upload.given import Given
from services.errors import Cancelled, ScriptoriumError
from services.ground import text
from services.ground.progress import Report
from services.jobs import Job
from services.upload import Added, Review, Undone
from services.workbench import Workbench

KIND = "upload"
_GIVEN, _JOB, _TURN, _FAILED = "upload_given", "upload_job", "upload_turn", "upload_failed"


def show(workbench: Workbench) -> None:
    """The step that the upload is at."""
    if not workbench.writable:
        st.info("Nothing can be uploaded to a read-only workspace. Copy it to where you may write, and open the copy.")
        return
    job = _under_way(workbench)
    _failure()
    reviewing.gone()
    if reviewing.is_open() or added.is_open():
        if job is not None:
            watching.until_done(KIND)
        elif reviewing.is_open():
            reviewing.show(workbench, lambda work: _start("Adding", work))
        else:
            added.show(workbench, lambda work: _start("Undoing", work))
        return
    _choose(workbench, job)


def _under_way(workbench: Workbench) -> Job[object] | None:
    """The work of this visitor that is not finished, begun before a reload too; what is finished is taken in."""
    kept = reviewing.current()
    job = cast("Job[object] | None", st.session_state.get(_JOB, kept.job if kept else None))
    if job is None or not job.finished:
        return job
    st.session_state.pop(_JOB, None)
    if kept is not None:
        kept.job = None
    resources.jobs(KIND).dismiss()
    if isinstance(job.error, ScriptoriumError):
        st.session_state[_FAILED] = job.error
    _take(workbench, job.result)
    return None


def _take(workbench: Workbench, result: object) -> None:
    """What the work has come to. Only where there is a review, the files are not needed any more."""
    if isinstance(result, Review):
        _forget()
        # The next upload begins with an empty box.
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        reviewing.open_review(workbench, result)
    elif isinstance(result, Added):
        added.open_outcome(result, reviewing.close())
    elif isinstance(result, Undone):
        added.open_undone(result)


def _failure() -> None:
    """Why the last work came to nothing, until the next one begins."""
    error = cast("ScriptoriumError | None", st.session_state.get(_FAILED))
    if isinstance(error, Cancelled):
        st.info("Stopped. Nothing has been added to the library.")
    elif error is not None:
        frame.say(error)


def _start(name: str, work: Callable[[Report], object]) -> None:
    with frame.told():
        job = st.session_state[_JOB] = resources.jobs(KIND).start(name, work)
        if (kept := reviewing.current()) is not None:
            kept.job = job
        st.session_state.pop(_FAILED, None)
        added.close_undone()
        st.rerun()


def _choose(workbench: Workbench, job: Job[object] | None) -> None:
    """The box for files, whatever is under way; and what can be done with those that are in it."""
    given = cast("Given | None", st.session_state.get(_GIVEN))
    undoing = job is not None and given is None
    if job is None:
        added.last(workbench, lambda work: _start("Undoing", work))
    elif undoing:
        watching.until_done(KIND)
    st.subheader("Bring in scripts", anchor=False)
    st.write(
        "Word, PDF, RTF, text and Markdown files, tables with one script a row, or a ZIP of them. "
        "You look through everything before any of it is stored."
    )
    files = _box(waits=job is not None)
    if given is not None and given.asked and job is None:
        mappings = columns.chosen(given)
        _read(workbench, given, mappings, label="Go on", ready=mappings is not None)
        return
    # Whoever was on another page meanwhile has an empty box; the files are still with us.
    if files and (given is None or given.staged is None):
        given = Given(files)
    if job is not None:
        # Where the button was that began it.
        None if undoing else watching.until_done(KIND, cancel="Nothing has been added to the library.")
    elif given is None:
        st.caption(
            "TXT, MD, DOCX, PDF, RTF, CSV, XLSX, JSONL, YAML and ZIP. Nothing is stored until you say so, and a whole "
            "upload can be undone in one step."
        )
    else:
        if not files:
            st.caption(f"Still here from before: {words.plain(given.named)}.")
        _read(workbench, given, {}, label=f"Read {words.count(given.count, 'file')}", ready=True)


def _box(*, waits: bool) -> list[tuple[str, bytes]]:
    """The files that lie in the box."""
    turn = st.session_state.get(_TURN, 0)
    # Of the two boxes only the one that is drawn keeps its files.
    full = any(st.session_state.get(f"upload_files_{whole}_{turn}") for whole in (False, True))
    folder = st.segmented_control(
        "What do you have?",
        ["Files or a ZIP", "A whole folder"],
        default="Files or a ZIP",
        key="upload_what",
        help="Take the files out of the box to change this." if full else None,
        disabled=waits or full,
    )
    whole = folder == "A whole folder"
    files = st.file_uploader(
        "Drag a folder here" if whole else "Drag files here",
        accept_multiple_files="directory" if whole else True,
        key=f"upload_files_{whole}_{turn}",
        help="A folder that is called like a section puts its scripts into that section.",
        disabled=waits,
        on_change=_forget,
    )
    # A browser gives the files of a folder in an order of its own.
    return sorted(((file.name, file.getvalue()) for file in files), key=lambda file: (text.natural(file[0]), file[0]))


def _read(
    workbench: Workbench, given: Given, mappings: Mapping[str, Mapping[str, str]] | None, *, label: str, ready: bool
) -> None:
    """The button that begins to read; where it cannot be pressed, the reason."""
    others = watching.others_work(KIND, None)
    with st.container(horizontal=True):
        pressed = st.button(
            label,
            key="upload_read",
            type="primary",
            icon=":material/fact_check:",
            disabled=others or not ready,
        )
        if given.staged and st.button("Start over", key="upload_columns_cancel"):
            _forget()
            st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
            st.session_state.pop(_FAILED, None)
            st.rerun()
    if pressed:
        st.session_state[_GIVEN] = given
        _start("Reading the upload", lambda report: given.reviewed(workbench, mappings or {}, report))
    if others:
        watching.until_free(KIND, "Another upload is under way, begun by somebody else. Your files stay here.")


def _forget() -> None:
    """The files that were given are not wanted any more, as they were."""
    given = cast("Given | None", st.session_state.pop(_GIVEN, None))
    # Files can be taken out of the box while they are read; then they go when the reading has ended.
    if given is not None and _JOB not in st.session_state:
        given.close()
