"""The scripts that were picked on the map, in a panel beside it: to read, to open, to change and to export."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import cast

import pandas as pd
import streamlit as st

from pages.ui import frame, reading, words
from pages.ui.editing import editor
from pages.ui.library import many, outgoing
from pages.ui.map import address
from services.ground import digests
from services.shelf import Row, Shelf
from services.workbench import Workbench

_HEIGHT = 320
_ROWS = 8
# More are narrowed down, not read: the picture has them all, and so has what is done to the ticked.
_MOST = 500
_MOST_NAMED = 6
_BY_HAND, _TICKED, _FOUND = "map_by_hand", "map_ticked", "map_picked_found"
_LIBRARY = frame.PAGES / "library.py"


def pick(chosen: Sequence[str], *, by_hand: bool = False) -> None:
    """Before anything is drawn: have these picked and ticked, in place of all that was, on any page.

    ``by_hand``: on the picture, where they stand out already.
    """
    address.put(address.CHOSEN, chosen)
    address.put(address.SCRIPT, chosen[:1] if len(chosen) == 1 else [])
    st.session_state[_TICKED] = tuple(chosen)
    st.session_state[_BY_HAND] = tuple(chosen) if by_hand else None
    many.tick_only(chosen)


def clear(*, by_hand: bool = False) -> None:
    """Before anything is drawn: have nothing picked."""
    address.clear({address.CHOSEN, address.SCRIPT})
    st.session_state[_TICKED] = ()
    st.session_state[_BY_HAND] = () if by_hand else None
    many.clear()


def ids() -> tuple[str, ...]:
    """What is picked."""
    return tuple(address.all_of(address.CHOSEN))


def by_hand() -> bool:
    """Whether that was done on the picture."""
    return bool(ids() == st.session_state.get(_BY_HAND))


def hint() -> None:
    """How to pick, while nothing is."""
    st.caption(
        "**Pick scripts** with a click on a point, or with the box or the lasso above the picture: they appear "
        "here, to read and to change. A double click on the picture lets go of them."
    )


def show(workbench: Workbench, rows: Sequence[Row], drawn: Sequence[Row], total: int) -> None:
    """The panel of these picked ones; ``drawn`` are on the picture."""
    _tick_those_of_a_link(workbench)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Picked: {words.count(len(rows), 'script')}", anchor=False, width="content")
        st.button("Let go", key="map_let_go", type="tertiary", icon=":material/close:", on_click=clear)
        with st.popover("Export scripts", icon=":material/download:", key=f"map_picked_{outgoing.key()}"):
            outgoing.files(workbench, rows)
    # In one place, so that the table below is not drawn anew where it comes or goes.
    with st.container():
        _not_shown(workbench, _picked(workbench), drawn)
    many.bar(workbench, rows, f"{len(rows):,} of {total:,}")
    opened = _table(rows[:_MOST])
    if len(rows) > _MOST:
        st.caption(f"The first {_MOST:,} are listed. All {len(rows):,} are ticked.")
    if len(rows) > address.MOST_CHOSEN:
        st.caption(f"A link to this view does not carry more than {address.MOST_CHOSEN} picked scripts.")
    if opened is not None:
        _read(workbench, opened)


def _not_shown(workbench: Workbench, listed: Collection[str], drawn: Sequence[Row]) -> None:
    """Name what is ticked and not seen: what is done to the ticked is done to it too."""
    ticked = many.selected(workbench) if workbench.writable else []
    elsewhere, hidden = [i for i in ticked if i not in listed], []
    if len(drawn) < len(workbench.shelf.rows):
        shown = {row.record.script.id for row in drawn}
        hidden = [i for i in ticked if i in listed and i not in shown]
    told = [
        f"**Ticked, and {why}:** {_named(workbench, some)}."
        for why, some in (("hidden on the picture by the filter", hidden), ("not in this list", elsewhere))
        if some
    ]
    if not told:
        return
    st.warning(" ".join([*told, "What is done to the ticked is done to these too."]), icon=":material/visibility_off:")
    st.button("Untick these", key="map_untick", type="tertiary", on_click=_untick, args=([*hidden, *elsewhere],))


def _named(workbench: Workbench, some: Sequence[str]) -> str:
    titles = [workbench.catalogue.records[i].script.title for i in some[:_MOST_NAMED]]
    more = [f"{len(some) - _MOST_NAMED:,} more"] if len(some) > _MOST_NAMED else []
    return words.plain(words.listed([*titles, *more]))


def _untick(hidden: Sequence[str]) -> None:
    many.tick(hidden, [])
    many.turn()


def rows_of(workbench: Workbench) -> Sequence[Row]:
    """Those that are there still, in the order of the list."""
    return list(_picked(workbench).values())


def _picked(workbench: Workbench) -> Mapping[str, Row]:
    """The same by their ids; kept, because to look through twenty thousand in every run of the page takes a while."""
    chosen, shelf = ids(), workbench.shelf
    kept = cast("tuple[Shelf, tuple[str, ...], Mapping[str, Row]] | None", st.session_state.get(_FOUND))
    if kept is None or kept[0] is not shelf or kept[1] != chosen:
        wanted = set(chosen)
        found = {i: row for row in shelf.rows if (i := row.record.script.id) in wanted} if wanted else {}
        kept = shelf, chosen, found
        st.session_state[_FOUND] = kept
    return kept[2]


def _tick_those_of_a_link(workbench: Workbench) -> None:
    """What a link has picked is ticked too, once."""
    if ids() != st.session_state.get(_TICKED, ()):
        st.session_state[_TICKED] = ids()
        many.tick_only([i for i in ids() if i in workbench.catalogue.records])


def _table(rows: Sequence[Row]) -> Row | None:
    by_id = {row.script.id: row for row in rows}
    listed = list(by_id)
    places = {script: place for place, script in enumerate(listed)}
    opened = address.word(address.SCRIPT)
    key = f"map_rows_{digests.of_value(listed)[:12]}_{st.session_state.get('rows_turned', 0)}"
    st.dataframe(
        _cells(rows),
        hide_index=True,
        height=_HEIGHT if len(rows) > _ROWS else "content",
        on_select=partial(_take, key, listed),
        selection_mode=["multi-row", "single-cell"],
        selection_default={
            "selection": {
                "rows": sorted(places[i] for i in many.selected() if i in places),
                "cells": [(places[opened], "Title")] if opened in places else [],
            }
        },
        key=key,
        column_config={
            "Title": st.column_config.TextColumn(width=190),
            "Section": st.column_config.TextColumn(width=92),
            "Status": st.column_config.TextColumn(width=80),
        },
        alt="The picked scripts, one a row: the arrow keys open one, Shift with Space ticks it",
    )
    return by_id.get(opened) or (rows[0] if len(rows) == 1 else None)


def _cells(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Title": [row.script.title for row in rows],
            "Section": [words.section(row.script.section) for row in rows],
            "Status": [words.STATUSES[row.script.status] for row in rows],
        }
    )


def _take(key: str, listed: Sequence[str]) -> None:
    """Open the script whose row was clicked, and remember which rows are ticked."""
    selection: Mapping[str, list[int]] = st.session_state[key]["selection"]
    many.tick(listed, [listed[row] for row in selection["rows"] if row < len(listed)])
    cells = st.session_state[key]["selection"]["cells"]
    if cells and cells[0][0] < len(listed):
        address.put(address.SCRIPT, [listed[cells[0][0]]])


def _read(workbench: Workbench, row: Row) -> None:
    script = row.script
    with st.container(border=True):
        with st.container(key="reading_title"):
            st.subheader(words.plain(script.title), anchor=False)
        st.caption(reading.facts(script))
        reading.quote(script.text, "map")
        with st.container(horizontal=True, vertical_alignment="center"):
            if workbench.writable and st.button("Edit", icon=":material/edit:", key=f"map_edit_{script.id}"):
                editor.open_for(row.record)
                st.switch_page(_LIBRARY)
            if st.button("Read", icon=":material/menu_book:", key=f"map_read_{script.id}"):
                reading.dialog(script, None, _LIBRARY)
