"""Choosing what to upload, the columns of its tables, and how far it is; what comes next is drawn elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import streamlit as st

from pages.ui import added, frame, resources, reviewing, watching, words
from pages.ui.inspecting import others_work
from services.errors import ScriptoriumError
from services.ground.progress import Report
from services.jobs import Job
from services.upload import Added, Review, Staged, Table
from services.workbench import Workbench

KIND = "upload"
_STAGED, _JOB, _TURN = "upload_staged", "upload_job", "upload_turn"
_FIELDS = {
    "text": "The words of the script",
    "title": "Title",
    "section": "Section",
    "focus_areas": "Focus areas",
    "situation": "Situation",
    "author": "Author",
    "status": "Status",
    "id": "Id",
}
_NONE = ""


@dataclass(frozen=True)
class _Read:
    """What a background job has read."""

    review: Review


def show(workbench: Workbench) -> None:
    """The step that the upload is at."""
    if not workbench.writable:
        st.info("Nothing can be uploaded to a read-only workspace. Copy it to where you may write, and open the copy.")
        return
    job = cast("Job[object] | None", st.session_state.get(_JOB))
    if job is not None and not job.finished:
        watching.until_done(KIND, cancel="" if reviewing.is_open() else "Nothing has been added to the library.")
        return
    if job is not None:
        st.session_state.pop(_JOB)
        resources.jobs(KIND).dismiss()
        _take(job)
    if reviewing.is_open():
        reviewing.show(workbench, lambda work: _start("Adding", work))
    elif added.is_open():
        added.show(workbench)
    elif others_work(KIND, None):
        watching.until_free(KIND, "Another upload is under way, begun by somebody else.")
    else:
        _choose(workbench)


def _take(job: Job[object]) -> None:
    """What the work has come to."""
    if isinstance(job.result, _Read):
        reviewing.open_review(job.result.review)
    elif isinstance(job.result, Added):
        added.open_outcome(job.result, reviewing.close())
    elif job.cancelled:
        st.info("Stopped. Nothing has been added to the library.")
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)


def _start(name: str, work: Callable[[Report], object]) -> None:
    with frame.told():
        st.session_state[_JOB] = resources.jobs(KIND).start(name, work)
        st.rerun()


def _choose(workbench: Workbench) -> None:
    staged = cast("Staged | None", st.session_state.get(_STAGED))
    if staged is not None:
        _columns(workbench, staged)
        return
    added.last(workbench)
    st.subheader("Bring in scripts", anchor=False)
    st.write(
        "Word, PDF, RTF, text and Markdown files, tables with one script a row, or a ZIP of them. "
        "You look through everything before any of it is stored."
    )
    folder = st.segmented_control(
        "What do you have?", ["Files or a ZIP", "A whole folder"], default="Files or a ZIP", key="upload_what"
    )
    whole = folder == "A whole folder"
    turn = st.session_state.get(_TURN, 0)
    files = st.file_uploader(
        "Drag a folder here" if whole else "Drag files here",
        accept_multiple_files="directory" if whole else True,
        key=f"upload_files_{whole}_{turn}",
        help="A folder that is called like a section puts its scripts into that section.",
    )
    if not files:
        st.caption(
            "TXT, MD, DOCX, PDF, RTF, CSV, XLSX, JSONL, YAML and ZIP. Nothing is stored until you say so, and a whole "
            "upload can be undone in one step."
        )
        return
    if st.button(
        f"Read {words.count(len(files), 'file')}", key="upload_read", type="primary", icon=":material/fact_check:"
    ):
        with frame.told():
            _stage(workbench, [(file.name, file.getvalue()) for file in files])


def _stage(workbench: Workbench, files: list[tuple[str, bytes]]) -> None:
    staged = workbench.stage(files)
    # The next upload begins with an empty box.
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    if staged.tables:
        st.session_state[_STAGED] = staged
        st.rerun()
    _read(workbench, staged, {})


def _read(workbench: Workbench, staged: Staged, mappings: Mapping[str, Mapping[str, str]]) -> None:
    st.session_state.pop(_STAGED, None)

    def work(report: Report) -> _Read:
        with staged:
            return _Read(workbench.review_upload(staged, mappings, report))

    _start("Reading the upload", work)


def _columns(workbench: Workbench, staged: Staged) -> None:
    """Which column is what, for the tables that do not say it in our words."""
    st.subheader("Which column holds what?", anchor=False)
    st.write("This is a guess from the names of the columns and what stands in them. Change what is wrong.")
    mappings = {table.file.name: _table(number, table) for number, table in enumerate(staged.tables)}
    ready = all("text" in mapping for mapping in mappings.values())
    with st.container(horizontal=True):
        if st.button("Go on", key="upload_columns", type="primary", disabled=not ready):
            _read(workbench, staged, mappings)
        if st.button("Start over", key="upload_columns_cancel"):
            staged.close()
            st.session_state.pop(_STAGED, None)
            st.rerun()
    if not ready:
        st.caption("Choose the column with the words of the scripts first.")


def _table(number: int, table: Table) -> dict[str, str]:
    """The chosen column by field."""
    st.markdown(f"**{words.plain(table.file.name)}**, {words.count(table.rows, 'row')}")
    st.dataframe(
        [dict(zip(table.columns, (cell[:160] for cell in sample), strict=False)) for sample in table.samples],
        hide_index=True,
        height=min(35 * len(table.samples) + 40, 215),
    )
    chosen: dict[str, str] = {}
    with st.container(horizontal=True):
        for field, label in _FIELDS.items():
            options = [_NONE, *table.columns]
            guessed = table.guess.get(field, _NONE)
            column = st.selectbox(
                label,
                options,
                index=options.index(guessed) if guessed in options else 0,
                format_func=lambda name: name or "none",
                key=f"upload_column_{number}_{field}",
                width=200,
            )
            if column:
                chosen[field] = column
    return chosen
