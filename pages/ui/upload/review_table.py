"""The table of a review: what can be typed in it, and where that is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import words
from pages.ui.upload.kept import Kept
from services.domain.scripts import Status
from services.ground import digests
from services.upload import Edit, Fate, Row
from services.workbench import Workbench

FATES = {
    Fate.CREATED: "new",
    Fate.UPDATED: "replaces",
    Fate.UNCHANGED: "here already",
    Fate.REFUSED: "cannot be added",
}
# Before the word, for what nobody may overlook, also where no more than the first columns fit.
_SHAPES = {Fate.CREATED: "", Fate.UPDATED: "↻ ", Fate.UNCHANGED: "= ", Fate.REFUSED: "✕ "}
_NEAR, _CHECK = "≈ near-duplicate", "? to look at"
_ROW_HEIGHT, _MOST_ROWS = 35, 14


def ticked(kept: Kept, row: Row) -> bool:
    """Whether it is to be added."""
    return row.fate in (Fate.CREATED, Fate.UPDATED) and kept.ticks.get(row.number, True)


def show(workbench: Workbench, kept: Kept, rows: Sequence[Row], told: Mapping[int, str]) -> None:
    """The rows, to be edited in place. ``told``: what was noticed in them, by their numbers."""
    numbers = [row.number for row in rows]
    key = f"upload_rows_{digests.of_value(numbers)[:12]}_{kept.turns}"
    # Those of the library are remembered with its list.
    areas = set(workbench.shelf.focus_areas).union(*(row.script.focus_areas for row in rows))
    minutes = f"Read aloud, at {workbench.settings.words_a_minute} words a minute"
    st.data_editor(
        _frame(workbench, kept, rows, told),
        key=key,
        hide_index=True,
        num_rows="fixed",
        placeholder="",
        height=_ROW_HEIGHT * min(len(rows) + 1, _MOST_ROWS) + 3,
        on_change=partial(_take, kept, key, numbers),
        alt="The scripts of this upload, one a row",
        column_config={
            "Add": st.column_config.CheckboxColumn(width=66, help="Take the tick away to leave a script out"),
            "Title": st.column_config.TextColumn(width=165, required=True, max_chars=200),
            "What happens": st.column_config.TextColumn(width=125, disabled=True),
            "Section": st.column_config.SelectboxColumn(
                width=105,
                options=workbench.settings.sections,
                format_func=lambda name: words.section(str(name)),
                required=True,
            ),
            "How sure": st.column_config.NumberColumn(
                width=75,
                disabled=True,
                format="percent",
                help="How sure the suggested section is. Blank where the file or the library says it.",
            ),
            "Focus areas": st.column_config.MultiselectColumn(
                width=170, options=sorted(areas), accept_new_options=True
            ),
            "Status": st.column_config.SelectboxColumn(
                width=90,
                options=[s.value for s in Status],
                format_func=lambda name: str(name).capitalize(),
                required=True,
            ),
            "Words": st.column_config.NumberColumn(width=60, disabled=True, format="localized"),
            "Min.": st.column_config.NumberColumn(width=50, disabled=True, format="%.1f", help=minutes),
            "What was noticed": st.column_config.TextColumn(width=330, disabled=True),
            "File": st.column_config.TextColumn(width=180, disabled=True),
        },
    )


def _frame(workbench: Workbench, kept: Kept, rows: Sequence[Row], told: Mapping[int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Add": [ticked(kept, row) for row in rows],
            "Title": [row.script.title for row in rows],
            "What happens": [_mark(row, told[row.number]) for row in rows],
            "Section": [row.script.section for row in rows],
            "How sure": [_sureness(row) for row in rows],
            "Focus areas": [list(row.script.focus_areas) for row in rows],
            "Status": [row.script.status.value for row in rows],
            "Words": [row.words for row in rows],
            "Min.": [workbench.settings.minutes(row.words) for row in rows],
            "What was noticed": [told[row.number] for row in rows],
            "File": [row.source for row in rows],
        }
    )


def _sureness(row: Row) -> float | None:
    """How sure its section is; None where somebody has chosen it."""
    return None if row.section_sureness is None else round(row.section_sureness, 2)


def _mark(row: Row, told: str) -> str:
    if row.fate is Fate.CREATED and row.alike:
        return _NEAR
    if row.fate is Fate.CREATED and told:
        return _CHECK
    return f"{_SHAPES[row.fate]}{FATES[row.fate]}"


def _take(kept: Kept, key: str, numbers: Sequence[int]) -> None:
    """Keep what was typed apart from the table, which forgets it when the page is left."""
    for place, changed in st.session_state[key]["edited_rows"].items():
        number = numbers[int(place)]
        if "Add" in changed:
            kept.ticks[number] = bool(changed["Add"])
        made = kept.edits.get(number, Edit())
        if changed.get("Title"):
            made = replace(made, title=str(changed["Title"]))
        if changed.get("Section"):
            made = replace(made, section=str(changed["Section"]))
        if "Focus areas" in changed:
            made = replace(made, focus_areas=tuple(changed["Focus areas"] or ()))
        if changed.get("Status"):
            made = replace(made, status=str(changed["Status"]))
        if made != Edit():
            kept.edits[number] = made
