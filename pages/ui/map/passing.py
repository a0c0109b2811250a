"""Passing a comparison on: both pictures as one page that opens anywhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from pages.ui import words
from pages.ui.map import sides
from services.domain.moved import Compared, Seen
from services.exporting import maps
from services.exporting.maps import ShownBeside
from services.map.beside import Names
from services.map.look import Look
from services.shelf import Row
from services.workbench import Workbench


def draw(workbench: Workbench, found: Compared, rows: tuple[Sequence[Row], Sequence[Row]], look: Look) -> None:
    """The button; the file is made when it is pressed, and not before."""

    def made() -> bytes:
        now = datetime.now(UTC)
        names = _names(workbench, found.before, now), _names(workbench, found.after, now)
        return maps.beside_as_bytes(ShownBeside(found, rows, names, look))

    st.download_button(
        "Download as a page",
        made,
        file_name="two-maps.html",
        key="map_compare_download",
        icon=":material/download:",
        on_click="ignore",
        help="One file with both pictures and what stands below them, to be opened anywhere with no network. It holds "
        "titles of scripts and of questionnaires, and none of their words.",
    )


def _names(workbench: Workbench, seen: Seen, now: datetime) -> Names:
    """How a side is called in a file that is read later: by its day, and not by how long ago that is."""
    commit = seen.side.commit
    time = next((one.time for one in workbench.moments_known() or () if one.commit == commit), "") if commit else ""
    at = datetime.fromisoformat(time).astimezone(UTC) if time else now
    day = f"{at.day} {at:%B %Y, %H:%M} UTC" if time or not commit else f"commit {words.short(commit)}"
    return replace(sides.names(workbench, seen), when=day)
