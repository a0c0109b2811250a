"""Which column of an uploaded table holds what: asked once for all tables that have the same columns."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import words
from pages.ui.upload.given import Given
from services.upload import Table

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
# Nobody answers for more than so many different tables; of the rest the guess stands.
_MOST = 12


def chosen(given: Given) -> Mapping[str, Mapping[str, str]] | None:
    """The chosen column by field and table; None as long as one has no column with the words."""
    st.subheader("Which column holds what?", anchor=False)
    st.write("This is a guess from the names of the columns and what stands in them. Change what is wrong.")
    tables = given.staged.tables if given.staged else ()
    alike: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        alike.setdefault(table.columns, []).append(table)
    groups = list(alike.values())
    mappings: dict[str, Mapping[str, str]] = {table.name: table.guess for table in tables}
    for number, group in enumerate(groups[:_MOST]):
        asked = _asked(number, group, given.chosen.get(group[0].name, group[0].guess))
        mappings |= dict.fromkeys((table.name for table in group), asked)
    if len(groups) > _MOST:
        st.caption(f"{words.count(len(groups) - _MOST, 'more table')} with other columns: read as guessed.")
    if all("text" in mappings[group[0].name] for group in groups[:_MOST]):
        return mappings
    st.caption("Choose the column with the words of the scripts first.")
    return None


def _asked(number: int, group: Sequence[Table], before: Mapping[str, str]) -> dict[str, str]:
    """The chosen column by field, for tables of the same columns."""
    first = group[0]
    more = f" and {words.count(len(group) - 1, 'more table')} with the same columns" if len(group) > 1 else ""
    st.markdown(f"**{words.plain(first.shown)}**{more}, {words.count(sum(table.rows for table in group), 'row')}")
    st.dataframe(
        [dict(zip(first.columns, (cell[:160] for cell in sample), strict=False)) for sample in first.samples],
        hide_index=True,
        height=min(35 * len(first.samples) + 40, 215),
    )
    made: dict[str, str] = {}
    with st.container(horizontal=True):
        for field, label in _FIELDS.items():
            options = [_NONE, *first.columns]
            guessed = before.get(field, _NONE)
            column = st.selectbox(
                label,
                options,
                index=options.index(guessed) if guessed in options else 0,
                format_func=lambda name: name or "none",
                key=f"upload_column_{number}_{field}",
                # Two of them beside each other on a phone.
                width=165,
            )
            if column:
                made[field] = column
    return made
