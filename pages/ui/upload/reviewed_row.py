"""One row of a review: what was noticed, what would change, what it is nearly the same as, and its words."""

import math
from collections.abc import Mapping, Sequence

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
# A text of more words than a screen shows scrolls in a box this high.
_LONG, _BOX = 400, 420


def noticed(workbench: Workbench, review: Review) -> dict[int, str]:
    """What was noticed in each row, in one line, by its number; empty where nothing was."""
    texts = {row.number: row.script.text for row in review.rows}
    return {row.number: _noticed(workbench, texts, row) for row in review.rows}


def _noticed(workbench: Workbench, texts: Mapping[int, str], row: Row) -> str:
    told = [row.problem] if row.problem else []
    if row.alike:
        first = row.alike[0]
        more = f" and {len(row.alike) - 1} more" if len(row.alike) > 1 else ""
        share = words.share(first.words, same=_text_of(workbench, texts, first) == row.script.text)
        told.append(f"{share} the same as '{first.title}'{_where(first)}{more}")
    if row.unread:
        told.append(f"{row.unread:.0%} is never read by the model")
    return ". ".join((*told, *(one.rstrip(".") for one in (*row.doubts, *row.suspicions))))


def show(workbench: Workbench, review: Review, rows: Sequence[Row], told: Mapping[int, str]) -> None:
    """Choose a row, and see it. ``told``: what was noticed in each, by its number."""
    by_number = {row.number: row for row in rows}
    odd = next((row.number for row in rows if told[row.number]), rows[0].number)
    number = st.selectbox(
        "Read one of them",
        list(by_number),
        index=list(by_number).index(odd),
        format_func=lambda n: f"{by_number[n].script.title} ({by_number[n].source})",
        key=f"upload_reading_{len(rows)}",
    )
    row = by_number[number]
    st.caption(_facts(row))
    for one in filter(None, (row.problem, *row.doubts, *row.suspicions)):
        st.markdown(f"- {words.plain(one)}")
    _suggested(row)
    if row.fate is Fate.UPDATED:
        _changes(row)
    texts = {one.number: one.script.text for one in review.rows}
    for alike in row.alike[:3]:
        _compared(workbench, texts, row, alike)
    whole = st.expander("The whole text", expanded=not row.alike and row.fate is not Fate.UPDATED)
    # A text of hours scrolls in a box of its own, and the page ends below it.
    with whole, st.container(height=_BOX if row.words > _LONG else "content", border=False):
        # With what cannot be seen shown by its number, which a reader of the library is spared.
        marked([Piece(Kind.SAME, row.script.text)])


def _facts(row: Row) -> str:
    told = [
        words.section(row.script.section),
        words.count(row.words, "word"),
        words.aloud(row.words),
        words.count(row.parts, "part") if row.parts else "",
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
    elif row.unknown_section:
        st.caption(f"Its file calls the section '{words.plain(row.unknown_section)}'.")
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


def _compared(workbench: Workbench, texts: Mapping[int, str], row: Row, alike: Alike) -> None:
    other = _text_of(workbench, texts, alike)
    if other is None:
        return
    share = words.share(alike.words, same=other == row.script.text)
    near = "" if math.isnan(alike.distance) else f"; cosine distance of the nearest passages {alike.distance:.3f}"
    st.markdown(
        f"**{share} the same as '{words.plain(alike.title)}'{_where(alike)}**",
        help=f"Share of the shorter text's words that both have in runs{near}.",
    )
    if other == row.script.text:
        st.caption("Word for word the same text.")
        return
    st.caption("Struck through: only there. Underlined: only in this one.")
    _marked(other, row.script.text)


def _text_of(workbench: Workbench, texts: Mapping[int, str], alike: Alike) -> str | None:
    if alike.row is not None:
        return texts.get(alike.row)
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
