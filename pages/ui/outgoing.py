"""Taking scripts out: a file of all of them, of those found or of those ticked; and a backup of everything."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import many, words
from services import exporting
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


def draw(workbench: Workbench, found: Sequence[Row]) -> None:
    """The contents of the popover; a file is made when its button is pressed, and not before."""
    total = len(workbench.catalogue.records)
    ids: dict[str, tuple[str, ...]] = {
        _ALL: (),
        _FOUND: tuple(row.script.id for row in found),
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
    chosen = which or _ALL
    st.download_button(
        f"Download {words.count(sizes[chosen], 'script')}",
        lambda: workbench.export_bytes(format_name, ids=ids[chosen]),
        file_name=f"scripts.{exporting.ENDINGS[format_name]}",
        key="export_download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        disabled=not sizes[chosen],
    )
    st.divider()
    st.caption("A backup is everything in one file: scripts, questionnaires, checks, history and the bin.")
    st.download_button(
        "Download a backup",
        workbench.backup_bytes,
        file_name="scriptorium-backup.zip",
        key="backup_download",
        icon=":material/archive:",
        on_click="ignore",
    )
    st.caption("It is brought back on the command line: `python -m services restore FILE`")
