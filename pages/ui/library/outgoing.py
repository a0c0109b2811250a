"""Taking scripts out: a file of all of them, of those found or of those ticked; and a backup of everything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.library import backing_up, many
from services import exporting
from services.errors import ScriptoriumError
from services.jobs import Job
from services.shelf import Row
from services.workbench import Workbench

_FORMATS = {
    "docx": "Word",
    "csv": "CSV, for a spreadsheet",
    "yaml-zip": "Records, as a ZIP",
    "jsonl": "JSONL, for programs",
    "parquet": "Parquet, for data tools",
}
_ALL, _FOUND, _TICKED = "All", "Found", "Ticked"
KIND = "export"
_WORK = "export_work"
# A file of more scripts takes longer than anybody waits for without a bar; the other formats take a second at most.
_AT_ONCE = {"docx": 200, "yaml-zip": 1_500}


@dataclass(frozen=True)
class _Prepared:
    """A file that was begun in this session, and what it will be called and hold."""

    job: Job[object]
    name: str
    scripts: int


def draw(workbench: Workbench, found: Sequence[Row]) -> None:
    """The contents of the popover: files of scripts, and backups."""
    files(workbench, found)
    st.divider()
    backing_up.link()


def files(workbench: Workbench, found: Sequence[Row]) -> None:
    """Files of scripts; one is made when its button is pressed, and not before."""
    total = len(workbench.catalogue.records)
    ids: dict[str, tuple[str, ...]] = {
        _ALL: (),
        _FOUND: tuple(row.record.script.id for row in found),
        _TICKED: tuple(many.selected(workbench)),
    }
    sizes = {_ALL: total, _FOUND: len(found), _TICKED: len(ids[_TICKED])}
    choices = [name for name in ids if name == _ALL or (sizes[name] and (name == _TICKED or sizes[name] < total))]
    default = _TICKED if _TICKED in choices else choices[-1]
    which = st.segmented_control(
        "Scripts",
        choices,
        default=default,
        format_func=lambda name: f"{name} ({sizes[name]:,})",
        key=f"export_which_{'_'.join(choices)}",
        required=True,
    )
    format_name = st.selectbox("As", list(_FORMATS), format_func=lambda name: _FORMATS[name], key="export_format")
    count = sizes[which or _ALL]
    _file(workbench, format_name, ids[which or _ALL], count)


def key() -> str:
    """Of the popover: another one once a file is begun, so that it closes."""
    return f"export_{id(st.session_state[_WORK].job)}" if _WORK in st.session_state else "export"


def outcome() -> None:
    """How far the file is that was begun last, or the file itself."""
    work: _Prepared | None = st.session_state.get(_WORK)
    if work is None:
        return
    if not work.job.finished:
        watching.until_done(KIND, cancel="Nothing is kept of the file.")
        return
    with st.container(border=True):
        if isinstance(work.job.error, ScriptoriumError) and not work.job.cancelled:
            frame.say(work.job.error)
        with st.container(horizontal=True, vertical_alignment="center"):
            if isinstance(made := work.job.result, bytes):
                st.markdown(f"The file of {words.count(work.scripts, 'script')} is ready: {len(made) / 1e6:,.1f} MB.")
                _download("Download it", lambda: made, work.name)
            elif work.job.cancelled:
                st.markdown("Stopped: no file was made.")
            st.button("Dismiss", key="export_dismiss", on_click=_dismiss)


def _file(workbench: Workbench, format_name: str, ids: Sequence[str], count: int) -> None:
    """A file that is made when its button is pressed, and not before."""
    name = f"scripts.{exporting.ENDINGS[format_name]}"
    if count <= _AT_ONCE.get(format_name, count):
        label = f"Download {words.count(count, 'script')}"
        _download(label, lambda: workbench.export_bytes(format_name, ids=ids), name, disabled=not count)
        return
    st.button(
        f"Prepare a file of {words.count(count, 'script')}",
        key="export_prepare",
        type="primary",
        icon=":material/draft:",
        help="It takes a while. You may go on working, and download it when it is ready.",
        on_click=_prepare,
        args=(workbench, format_name, ids, count),
    )


def _download(label: str, data: Callable[[], bytes], name: str, *, disabled: bool = False) -> None:
    st.download_button(
        label,
        data,
        file_name=name,
        key="export_download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        disabled=disabled,
    )


def _prepare(workbench: Workbench, format_name: str, ids: Sequence[str], count: int) -> None:
    with frame.told():
        job = resources.jobs(KIND).start(
            "The export", lambda report: workbench.export_bytes(format_name, ids=ids, report=report)
        )
        st.session_state[_WORK] = _Prepared(job, f"scripts.{exporting.ENDINGS[format_name]}", count)


def _dismiss() -> None:
    st.session_state.pop(_WORK, None)
    resources.jobs(KIND).dismiss()
