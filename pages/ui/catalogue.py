"""The list of scripts: one search box, filters as chips, a row a script."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import editor, words
from services import digests
from services.scripts import Record, Status
from services.workbench import Workbench

_HEIGHT = 560
# As many rows as that height shows.
_ROWS = 15


def empty(workbench: Workbench) -> None:
    """What belongs here, and the first step."""
    st.subheader("This library has no scripts yet", anchor=False)
    st.write(
        "Scripts are exemplars of the craft, one for each section of a session. "
        f"Here the sections are {words.listed([words.plain(s) for s in workbench.settings.sections])}."
    )
    if workbench.writable:
        st.button("Write the first script", type="primary", icon=":material/edit:", on_click=editor.open_new)
    st.caption(
        "Many at once: `python -m services import FOLDER --section SECTION` takes text, CSV, JSONL and BEIR folders."
    )


def choose(workbench: Workbench) -> str:
    """Draw search, filters and list; the id of the script that is open."""
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
    focus = st.multiselect(
        "Focus areas",
        _areas(workbench),
        key="area",
        bind="query-params",
        placeholder="All focus areas",
        label_visibility="collapsed",
    )
    shown = [
        record
        for record in _in_order(workbench)
        if _passes(record, search or "", sections or (), statuses or (), focus)
    ]
    total = len(workbench.catalogue.records)
    st.caption(
        words.count(total, "script") if len(shown) == total else f"{len(shown):,} of {words.count(total, 'script')}"
    )
    return _table(shown)


def _areas(workbench: Workbench) -> list[str]:
    return sorted({area for r in workbench.catalogue.records.values() for area in r.script.focus_areas})


def _in_order(workbench: Workbench) -> list[Record]:
    """By section as the workspace lists them, then by title."""
    order = workbench.settings.sections
    records = workbench.catalogue.records.values()
    return sorted(records, key=lambda r: (order.index(r.script.section), r.script.title.casefold(), r.script.id))


def _passes(
    record: Record, search: str, sections: Sequence[str], statuses: Sequence[str], focus: Sequence[str]
) -> bool:
    script = record.script
    if sections and script.section not in sections:
        return False
    if statuses and script.status.value not in statuses:
        return False
    if focus and not set(focus) & set(script.focus_areas):
        return False
    where = (
        f"{script.title}\n{script.situation}\n{' '.join(script.focus_areas)}\n{script.author}\n{script.text}".casefold()
    )
    return all(word in where for word in search.casefold().split())


def _table(shown: list[Record]) -> str:
    """The rows; which one is open is in the address, so that a link opens it."""
    open_id = st.query_params.get("script", "")
    if not shown:
        st.info("No script fits. Take a word out of the search, or a filter off.")
        return open_id
    ids = [record.script.id for record in shown]
    marked = [(ids.index(open_id), "Title")] if open_id in ids else []
    st.dataframe(
        _rows(shown),
        hide_index=True,
        height=_HEIGHT if len(shown) > _ROWS else "content",
        on_select=partial(_open, ids),
        selection_mode="single-cell",
        selection_default={"selection": {"cells": marked}},
        # Another list is another table, so that a mark never stays where another script has moved to.
        key=_key(ids),
        column_config={
            "Title": st.column_config.TextColumn(width=205),
            "Section": st.column_config.TextColumn(width=88),
            "Focus": st.column_config.TextColumn(width=116),
            "Min.": st.column_config.NumberColumn(format="%.1f", width=48, help="Read aloud, at 130 words a minute"),
            "Status": st.column_config.TextColumn(width=76),
            "Passages": st.column_config.NumberColumn(
                width=73, help="Pieces that the model reads: a card with title and situation, and parts of the text"
            ),
        },
        alt="The scripts, one a row",
    )
    return open_id or ids[0]


def _key(ids: Sequence[str]) -> str:
    return f"rows_{digests.of_value(list(ids))[:12]}_{st.session_state.get('rows_turned', 0)}"


def _open(ids: Sequence[str]) -> None:
    """Open the script whose row was clicked."""
    cells = st.session_state[_key(ids)]["selection"]["cells"]
    if cells and cells[0][0] < len(ids):
        st.query_params["script"] = ids[cells[0][0]]


def close() -> None:
    """Back to the list, with no row marked."""
    st.query_params.pop("script", None)
    st.session_state["rows_turned"] = st.session_state.get("rows_turned", 0) + 1


def _rows(shown: list[Record]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Title": [r.script.title for r in shown],
            "Section": [words.section(r.script.section) for r in shown],
            "Focus": [", ".join(r.script.focus_areas) for r in shown],
            "Min.": [words.minutes(r.script.words) for r in shown],
            "Status": [words.STATUSES[r.script.status] for r in shown],
            "Passages": [len(r.vectors.passages) if r.vectors else 0 for r in shown],
        }
    )
