"""The map as a table: the same for whoever cannot see the picture, or wants to sort it."""

from typing import cast

import pandas as pd
import streamlit as st

from pages.ui import words
from pages.ui.map.controls import Choice
from services.domain.landscape import AskedOnMap, Landscape
from services.domain.maps import NONE, Map
from services.shelf import Row

_HEIGHT = 520
_ROWS = 14
_KEPT = "map_table_kept"
_Kept = tuple[tuple[object, ...], pd.DataFrame]


def show(now: Map, choice: Choice, answer: AskedOnMap | None, found: Landscape | None) -> None:
    """One row for each script on the picture."""
    cells = _kept(now, choice, answer, found)
    st.caption(
        "The same as the picture shows. Scripts with like numbers across and up lie near each other; "
        "the numbers themselves mean nothing."
    )
    st.dataframe(
        cells,
        hide_index=True,
        height=_HEIGHT if len(cells) > _ROWS else "content",
        column_config={
            "Across": st.column_config.NumberColumn(format="%.2f"),
            "Up": st.column_config.NumberColumn(format="%.2f"),
            "Distance": st.column_config.NumberColumn(format="%.3f", help="The true one to what is asked."),
        },
        key="map_table",
    )


def _kept(now: Map, choice: Choice, answer: AskedOnMap | None, found: Landscape | None) -> pd.DataFrame:
    """The cells, kept until something else is to be seen: of many scripts they take a while."""
    held = (now, choice.rows, answer, found)
    kept = cast("_Kept | None", st.session_state.get(_KEPT))
    if kept is None or any(one is not other for one, other in zip(kept[0], held, strict=True)):
        rows = [row for row in choice.rows if row.script.id in now.places]
        kept = held, _cells(now, rows, answer, found)
        st.session_state[_KEPT] = kept
    return kept[1]


def _cells(now: Map, rows: list[Row], answer: AskedOnMap | None, found: Landscape | None) -> pd.DataFrame:
    places = [now.places[row.script.id] for row in rows]
    numbers = now.clusters[places].tolist()
    names = found.names if found else {}
    cells = {
        "Title": [row.script.title for row in rows],
        "Section": [words.section(row.script.section) for row in rows],
        "Status": [words.STATUSES[row.script.status] for row in rows],
        "Focus": [", ".join(row.script.focus_areas) for row in rows],
        "Author": [row.script.author for row in rows],
        "Words": [row.words for row in rows],
        "Cluster": ["stands alone" if n == NONE else names.get(n, f"Cluster {n + 1}") for n in numbers],
        "Across": now.positions[places, 0],
        "Up": now.positions[places, 1],
    }
    if answer is not None and len(answer.distances):
        cells["Distance"] = answer.distances[places]
    return pd.DataFrame(cells)
