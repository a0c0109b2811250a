"""The list of scripts: one search box, filters as chips, a row a script, to open by a click or to tick."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import frame, words
from pages.ui.editing import editor
from pages.ui.library import bin as waste
from pages.ui.library import many, outgoing
from services.domain.scripts import Status
from services.ground import digests
from services.shelf import Row, Wanted
from services.workbench import Workbench

_HEIGHT = 560
# As many rows as that height shows.
_ROWS = 15
# More are fetched when asked for: a list of thousands is refined, not read, and would take seconds on the way.
_AT_A_TIME = 500
_FILTERS = ("section", "status", "area")


def empty(workbench: Workbench) -> None:
    """What belongs here, and the first step."""
    st.subheader("This library has no scripts yet", anchor=False)
    st.write(
        "Scripts are exemplars of the craft, one for each section of a session. "
        f"Here the sections are {words.listed([words.plain(s) for s in workbench.settings.sections])}."
    )
    if workbench.writable:
        st.button("Write the first script", type="primary", icon=":material/edit:", on_click=editor.open_new)
        st.page_link(frame.PAGES / "upload.py", label="Upload files or a folder", icon=":material/upload:")


def choose(workbench: Workbench) -> str:
    """Draw search, filters and list; the id of the script that is open."""
    shelf = workbench.shelf
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key="search",
            bind="query-params",
            type="search",
            placeholder="Search titles, situations and texts",
            live=True,
        )
        if workbench.writable:
            st.button("New script", icon=":material/add:", on_click=editor.open_new)
        export = st.popover("Export and backup", icon=":material/download:", key=outgoing.key())
        waste.link(workbench)
    wanted = Wanted(search or "", *_filters(workbench), _focus(shelf.focus_areas))
    found = shelf.find(wanted)
    with export:
        outgoing.draw(workbench, found)
    shown = _first(found, wanted)
    many.bar(workbench, found, _count(len(found), len(shelf.rows)))
    chosen = _table(shown)
    if len(shown) < len(found):
        more = min(_AT_A_TIME, len(found) - len(shown))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Showing {len(shown):,} of {len(found):,}: search or filter to see fewer.", width="content")
            st.button(f"Show {more:,} more", key="show_more", type="tertiary", on_click=_show_more)
    return chosen


def _filters(workbench: Workbench) -> tuple[Sequence[str], Sequence[Status]]:
    with st.container(horizontal=True, gap="medium"):
        sections = st.pills(
            "Section",
            workbench.settings.sections,
            selection_mode="multi",
            format_func=words.section,
            key="section",
            bind="query-params",
            label_visibility="collapsed",
        )
        statuses = st.pills(
            "Status",
            [s.value for s in Status],
            selection_mode="multi",
            format_func=str.capitalize,
            key="status",
            bind="query-params",
            label_visibility="collapsed",
        )
    return sections or (), [Status(status) for status in statuses or ()]


def _focus(areas: Sequence[str]) -> Sequence[str]:
    return st.multiselect(
        "Focus areas",
        areas,
        key="area",
        bind="query-params",
        placeholder="All focus areas",
        label_visibility="collapsed",
    )


def _clear() -> None:
    st.session_state["search"] = ""
    for chosen in _FILTERS:
        st.session_state[chosen] = []


def _first(found: Sequence[Row], wanted: Wanted) -> Sequence[Row]:
    """As many as are shown: from the beginning again where something else is looked for."""
    if st.session_state.get("shown_of") != wanted:
        st.session_state["shown_of"], st.session_state["shown"] = wanted, _AT_A_TIME
    return found[: st.session_state["shown"]]


def _show_more() -> None:
    st.session_state["shown"] += _AT_A_TIME


def _count(found: int, total: int) -> str:
    return words.count(total, "script") if found == total else f"{found:,} of {words.count(total, 'script')}"


def _table(shown: Sequence[Row]) -> str:
    """The rows; which one is open is in the address, so that a link opens it."""
    open_id = st.query_params.get("script", "")
    if not shown:
        st.info("No script fits. Take a word out of the search, or a filter off.")
        st.button("Clear search and filters", key="clear_filters", icon=":material/filter_alt_off:", on_click=_clear)
        return open_id
    ids = [row.script.id for row in shown]
    places = {script_id: place for place, script_id in enumerate(ids)}
    ticked = sorted(places[i] for i in many.selected() if i in places)
    st.dataframe(
        _rows(shown),
        hide_index=True,
        height=_HEIGHT if len(shown) > _ROWS else "content",
        on_select=partial(_pick, ids),
        selection_mode=["multi-row", "single-cell"],
        selection_default={
            "selection": {"rows": ticked, "cells": [(places[open_id], "Title")] if open_id in places else []}
        },
        # Another list is another table, so that a mark never stays where another script has moved to.
        key=_key(ids),
        column_config={
            "Title": st.column_config.TextColumn(width=195),
            "Section": st.column_config.TextColumn(width=84),
            "Focus": st.column_config.TextColumn(width=104),
            "Min.": st.column_config.NumberColumn(
                format="%.1f", width=46, help=f"Read aloud, at {words.pace()} words a minute"
            ),
            "Status": st.column_config.TextColumn(width=72),
            "Parts": st.column_config.NumberColumn(
                width=72, help="So many parts the model reads the text in, one after the other"
            ),
        },
        alt="The scripts, one a row: the arrow keys open one, Shift with Space ticks it",
    )
    return open_id or ids[0]


def _key(ids: Sequence[str]) -> str:
    return f"rows_{digests.of_value(list(ids))[:12]}_{st.session_state.get('rows_turned', 0)}"


def _pick(ids: Sequence[str]) -> None:
    """Open the script whose row was clicked, and remember which rows are ticked."""
    selection = st.session_state[_key(ids)]["selection"]
    many.tick(ids, [ids[row] for row in selection["rows"] if row < len(ids)])
    cells = selection["cells"]
    if cells and cells[0][0] < len(ids):
        st.query_params["script"] = ids[cells[0][0]]


def close() -> None:
    """Back to the list, with no row marked."""
    st.query_params.pop("script", None)
    many.turn()


def _rows(shown: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Title": [row.script.title for row in shown],
            "Section": [words.section(row.script.section) for row in shown],
            "Focus": [", ".join(row.script.focus_areas) for row in shown],
            "Min.": [words.minutes(row.words) for row in shown],
            "Status": [words.STATUSES[row.script.status] for row in shown],
            "Parts": [row.parts for row in shown],
        }
    )
