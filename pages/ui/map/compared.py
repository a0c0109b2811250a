"""What came of a comparison: both pictures with the same colours, who asks, and the scripts that moved most."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import pandas as pd
import streamlit as st

from pages.ui import apart, palette, words
from pages.ui.map import address, askers, asking, following, passing, pointing, sides
from services.domain.moved import Compared, Seen
from services.domain.scripts import Record
from services.map import beside, pair
from services.map.look import TITLES, Colouring, Look
from services.map.picture import Picture
from services.ports import Catalogue
from services.shelf import Row, Shelves
from services.workbench import Workbench

_HEIGHT, _TABLE = 460, 420
_AS_THEY_WERE, _TOLD, _DRAWN = "map_compare_rows", "map_moved", "map_compare_drawn"
_KEYS = ("map_compare_before", "map_compare_after")
# What rows were prepared of, and what pictures were drawn of: told apart by what it is, then by what it says.
_Listed = tuple[Mapping[str, Record], tuple[str, ...], Sequence[Row]]
_Drawn = tuple[tuple[object, ...], Look, tuple[Picture, Picture]]
_CONFIG = {"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage", "select2d", "lasso2d"]}


def show(workbench: Workbench, found: Compared) -> None:
    """All of it."""
    _headline(found)
    titles = _titles(found)
    rows = _rows(workbench, found.before), _rows(workbench, found.after)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        colouring = _colouring()
        followed = _follow(titles)
        look = Look(_sections(workbench, found), colouring, palette.present(), height=_HEIGHT)
        passing.draw(workbench, found, rows, look)
    drawn = _drawn(workbench, found, look, followed)
    for column, seen, one, name in zip(
        st.columns(2, gap="large"), (found.before, found.after), drawn, _KEYS, strict=True
    ):
        with column, st.container(key=f"{name}_frame"):
            _side(workbench, found, seen, one, name)
    following.pointed_at([f"{name}_frame" for name in _KEYS])
    pointing.tell(
        [
            pointing.Told(f"{name}_frame", one, seen.map, _rows(workbench, seen), look)
            for seen, one, name in zip((found.before, found.after), drawn, _KEYS, strict=True)
        ]
    )
    askers.show(workbench, found)
    _table(found)


def _drawn(workbench: Workbench, found: Compared, look: Look, followed: str) -> list[Picture]:
    """Both pictures, kept until something else is to be seen: of many scripts they take a while."""
    both = (found.before, found.after)
    rows = [_rows(workbench, seen) for seen in both]
    held = (found, *rows)
    kept = cast("_Drawn | None", st.session_state.get(_DRAWN))
    if kept is None or kept[1] != look or any(one is not other for one, other in zip(kept[0], held, strict=True)):
        kept = st.session_state[_DRAWN] = held, look, pair.pair(found, rows, look)
    return [pair.ringed(one, seen, followed, look) for one, seen in zip(kept[2], both, strict=True)]


def _headline(found: Compared) -> None:
    """What there is to see, in a sentence."""
    told = beside.headline(found)
    st.markdown(f"{f'**{words.plain(told.head)}** ' if told.head else ''}{words.plain(told.rest)}")


def _side(workbench: Workbench, found: Compared, seen: Seen, drawn: Picture, name: str) -> None:
    asked = f", asked by {sides.called(seen.side.asked_by)}" if seen.side.asked_by else ""
    st.markdown(f"**{words.plain(f'{sides.told(workbench, seen.side)}{asked}')}**")
    if not seen.map.scripts:
        reason = next(iter(seen.left_out.values()), "There is none.")
        st.caption(words.plain(f"No script can be placed here. {reason}"))
        return
    layout = drawn.figure["layout"]
    layout["dragmode"], layout["clickmode"] = "pan", "event+select"
    # The same frame however one side was zoomed, until another comparison is drawn.
    st.plotly_chart(
        drawn.figure,
        key=name,
        on_select=partial(_take, drawn, name),
        selection_mode=("points",),
        config=_CONFIG,
        alt=beside.alternative(found, seen),
    )
    if seen.not_asked:
        st.warning(words.plain(seen.not_asked), icon=":material/warning:")
    asking.believed(seen.map)
    if seen.left_out:
        st.caption(f"{words.count(len(seen.left_out), 'script')} cannot be placed.")


def _take(drawn: Picture, name: str) -> None:
    points = st.session_state[name]["selection"]["points"]
    ids = drawn.chosen((point["curve_number"], point["point_index"]) for point in points)
    if ids:
        address.put(address.FOLLOWED, [ids[0]])


def _table(found: Compared) -> None:
    shown = beside.moved(found)
    if not shown:
        return
    st.subheader("Moved most", anchor=False)
    st.caption(f"{beside.ABOUT_MOVED} Pick a row to follow a script.")
    st.dataframe(
        _cells(shown),
        hide_index=True,
        height=_TABLE if len(shown) > 10 else "content",  # noqa: PLR2004  as many as the height has room for
        column_config={
            "Neighbours lost": st.column_config.ProgressColumn(format="%d%%", min_value=0, max_value=100),
            "Way": st.column_config.NumberColumn(format="%.2f", help="An impression, as every place on a map."),
            "Library": st.column_config.LinkColumn(display_text="Open"),
        },
        key=_TOLD,
        on_select=partial(_take_row, [one.script for one in shown]),
        selection_mode="single-row",
    )
    if len(shown) < len(found.moved):
        st.caption(f"The first {len(shown):,} of {len(found.moved):,}.")


def _cells(shown: Sequence[beside.Row]) -> pd.DataFrame:
    cells: dict[str, list[Any]] = {
        "Title": [one.title for one in shown],
        "Neighbours lost": [one.lost for one in shown],
        "Way": [one.way for one in shown],
        "Section": [one.section for one in shown],
    }
    if shown[0].itself:
        cells["Itself"] = [one.itself for one in shown]
    cells["Library"] = [f"library?script={one.script}" for one in shown]
    return pd.DataFrame(cells)


def _take_row(scripts: Sequence[str]) -> None:
    rows = st.session_state[_TOLD]["selection"]["rows"]
    if rows:
        address.put(address.FOLLOWED, [scripts[rows[0]]])


def _colouring() -> Colouring:
    options = [one.value for one in pair.COLOURINGS]
    chosen = st.selectbox(
        "Colour by",
        options,
        format_func=lambda one: TITLES[Colouring(one)],
        key=address.one(address.COLOUR, options, Colouring.SECTION.value),
        width=200,
        help="Clusters are those of the picture on the left, on both.",
        on_change=address.taken(address.COLOUR, Colouring.SECTION.value),
    )
    return Colouring(chosen)


def _follow(titles: dict[str, str]) -> str:
    """The script that has a ring on both sides."""
    labels = apart.by_id(titles)
    chosen = st.selectbox(
        "Follow a script",
        list(titles),
        format_func=labels.__getitem__,
        key=address.one(address.FOLLOWED, titles, None),
        placeholder="Pick one here, in the table or on a picture",
        width=420,
        on_change=address.taken(address.FOLLOWED),
    )
    return chosen or ""


def _titles(found: Compared) -> dict[str, str]:
    """Of the scripts that can be followed by name, in the order of the alphabet: of very many those that moved most."""
    records = {**found.before.records, **found.after.records}
    groups = [one.script for one in found.moved], found.only_before, found.only_after
    some = [script for group in groups for script in group[: beside.MOST]]
    ids = dict.fromkeys(i for i in [*some, address.word(address.FOLLOWED)] if i in records)
    return dict(sorted(((i, records[i].script.title) for i in ids), key=lambda one: one[1].casefold()))


def _sections(workbench: Workbench, found: Compared) -> tuple[str, ...]:
    """Those of the workspace, and behind them those that it had once."""
    there = {r.script.section: None for seen in (found.before, found.after) for r in seen.records.values()}
    return tuple(dict.fromkeys([*workbench.settings.sections, *there]))


def _rows(workbench: Workbench, seen: Seen) -> Sequence[Row]:
    """The scripts of one side as a list has them; of another time they are prepared once."""
    if not seen.side.commit:
        return workbench.shelf.rows
    # By the records themselves: of two commits with the same vectors the cards may be others.
    kept = cast("list[_Listed]", st.session_state.get(_AS_THEY_WERE, []))
    sections = workbench.settings.sections
    known = next((one[2] for one in kept if one[0] is seen.records and one[1] == sections), None)
    if known is None:
        known = Shelves().of(Catalogue(seen.records), sections).rows
        # Of two sides at most.
        st.session_state[_AS_THEY_WERE] = [*kept[-1:], (seen.records, sections, known)]
    return known
