"""One row of a review: what was noticed, what would change, what it is nearly the same as, and its words."""

import math
from collections.abc import Sequence

import streamlit as st

from pages.ui import words
from pages.ui.marked import marked
from services.domain.differences import Kind, Piece, differences
from services.domain.scripts import Script
from services.upload import Alike, Fate, Review, Row
from services.workbench import Workbench

# Words around a difference: enough to find the place.
_AROUND = 14
# Comparing longer texts would keep the page waiting.
_MOST_WORDS = 20_000


def noticed(row: Row) -> str:
    """What was noticed, in one line; empty where nothing was."""
    told = [row.problem] if row.problem else []
    if row.alike:
        first = row.alike[0]
        more = f" and {len(row.alike) - 1} more" if len(row.alike) > 1 else ""
        told.append(f"{first.words:.0%} the same as '{first.title}'{_where(first)}{more}")
    if row.unread:
        told.append(f"{row.unread:.0%} is never read by the model")
    return ". ".join((*told, *(one.rstrip(".") for one in row.suspicions)))


def show(workbench: Workbench, review: Review, rows: Sequence[Row]) -> None:
    """Choose a row, and see it."""
    by_number = {row.number: row for row in rows}
    odd = next((row.number for row in rows if noticed(row)), rows[0].number)
    number = st.selectbox(
        "Read one of them",
        list(by_number),
        index=list(by_number).index(odd),
        format_func=lambda n: f"{by_number[n].script.title} ({by_number[n].source})",
        key=f"upload_reading_{len(rows)}",
    )
    row = by_number[number]
    st.caption(_facts(workbench, row))
    for told in filter(None, (row.problem, *row.suspicions)):
        st.markdown(f"- {words.plain(told)}")
    _suggested(row)
    if row.fate is Fate.UPDATED:
        _changes(row)
    for alike in row.alike[:3]:
        _compared(workbench, review, row, alike)
    with st.expander("The whole text", expanded=not row.alike and row.fate is not Fate.UPDATED):
        # With what cannot be seen shown by its number, which a reader of the library is spared.
        marked([Piece(Kind.SAME, row.script.text)])


def _facts(workbench: Workbench, row: Row) -> str:
    parts = f"read in {words.number(row.parts)} parts" if row.parts > 1 else ""
    told = [
        words.section(row.script.section),
        words.count(row.words, "word"),
        f"{workbench.settings.minutes(row.words)} min read aloud",
        parts,
        f"from {row.source}",
    ]
    return " · ".join(words.plain(part) for part in told if part)


def _suggested(row: Row) -> None:
    if row.section_sureness == 0:
        st.caption("There is nothing in the library yet that tells the sections apart, so it stands in the first one.")
    elif row.section_sureness is not None:
        st.caption(
            f"Its section was suggested by the scripts in the library, {row.section_sureness:.0%} sure.",
            help="How clearly the parts of the text fall to this section rather than to another, learned from what "
            "tells the sections of the library apart.",
        )
    if row.focus_suggested:
        areas = ", ".join(f"{area} ({sureness:.0%})" for area, sureness in row.focus_suggested)
        st.caption(
            f"The scripts nearest to it have these focus areas: {words.plain(areas)}.",
            help="The share of closeness of the nearest scripts that have the area. Those above a half are filled in.",
        )


def _changes(row: Row) -> None:
    if row.stored is None:
        return
    before, after = row.stored.script, row.script
    st.markdown(f"**What changes in '{words.plain(before.title)}'**")
    for told in _fields(before, after):
        st.markdown(f"- {words.plain(told)}")
    _marked(before.text, after.text)
    st.caption("To keep both, give this one another title.") if before.title == after.title else None


def _fields(before: Script, after: Script) -> list[str]:
    pairs = [
        ("Title", before.title, after.title),
        ("Section", words.section(before.section), words.section(after.section)),
        ("Focus areas", ", ".join(before.focus_areas), ", ".join(after.focus_areas)),
        ("Situation", before.situation, after.situation),
        ("Status", words.STATUSES[before.status], words.STATUSES[after.status]),
    ]
    return [f"{name}: {old or 'none'} becomes {new or 'none'}" for name, old, new in pairs if old != new]


def _compared(workbench: Workbench, review: Review, row: Row, alike: Alike) -> None:
    other = _text_of(workbench, review, alike)
    if other is None:
        return
    near = "" if math.isnan(alike.distance) else f"; cosine distance of the nearest passages {alike.distance:.3f}"
    st.markdown(
        f"**{alike.words:.0%} the same as '{words.plain(alike.title)}'{_where(alike)}**",
        help=f"Share of the shorter text's words that both have in runs{near}.",
    )
    if other == row.script.text:
        st.caption("Word for word the same text.")
        return
    st.caption("Struck through: only there. Underlined: only in this one.")
    _marked(other, row.script.text)


def _text_of(workbench: Workbench, review: Review, alike: Alike) -> str | None:
    if alike.row is not None:
        return next((row.script.text for row in review.rows if row.number == alike.row), None)
    record = workbench.catalogue.records.get(alike.script)
    return record.script.text if record else None


def _marked(before: str, after: str) -> None:
    if before == after:
        return
    if len(before.split()) + len(after.split()) > _MOST_WORDS:
        st.caption("The texts are too long to be compared here, word by word.")
        return
    marked(differences(before, after), around=_AROUND)


def _where(alike: Alike) -> str:
    return " in this upload" if alike.row is not None else ""
