"""The review of an upload: one row a script, to be edited, taken out, read, and then added."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import pandas as pd
import streamlit as st

from pages.ui import refusals, reviewed_row, words
from services import digests
from services.progress import Report
from services.reports import Rejected
from services.scripts import Status
from services.upload import Edit, Fate, Review, Row
from services.workbench import Workbench

_REVIEW, _EDITS, _TICKS, _REVISED = "upload_review", "upload_edits", "upload_ticks", "upload_revised"
_FATES = {
    Fate.CREATED: "new",
    Fate.UPDATED: "replaces",
    Fate.UNCHANGED: "here already",
    Fate.REFUSED: "cannot be added",
}
_MEANINGS = {
    Fate.CREATED: "new",
    Fate.UPDATED: "replacing what is here",
    Fate.UNCHANGED: "here already, word for word",
    Fate.REFUSED: "that cannot be added as they are",
}
_LOOK, _ALL = "To look at", "All"
_ROW_HEIGHT, _MOST_ROWS = 35, 14


def is_open() -> bool:
    """Whether there is an upload to look through."""
    return _REVIEW in st.session_state


def open_review(review: Review) -> None:
    """Begin to look through an upload."""
    close()
    st.session_state[_REVIEW], st.session_state[_EDITS], st.session_state[_TICKS] = review, {}, {}


def close() -> Sequence[Rejected]:
    """Forget it; what it could not use."""
    review = cast("Review | None", st.session_state.pop(_REVIEW, None))
    for key in (_EDITS, _TICKS, _REVISED):
        st.session_state.pop(key, None)
    return review.refused if review else ()


def show(workbench: Workbench, start: Callable[[Callable[[Report], object]], None]) -> None:
    """The table, the row that is read, what was refused; ``start`` begins to add."""
    review = cast("Review", st.session_state[_REVIEW])
    if not review.rows:
        _nothing(review)
        return
    st.subheader("Look through it, then add it", anchor=False)
    status = _status()
    revised = _revised(workbench, review, status)
    st.caption(
        f"{_summary(revised)}. Nothing is stored yet. You may visit other pages; reloading the browser forgets this."
    )
    shown = _filtered(revised)
    if shown:
        _table(workbench, shown)
    else:
        st.caption("There is nothing to look at: no near-duplicates, no guesses, no odd characters.")
    chosen = {row.number for row in revised.rows if _ticked(row)}
    _actions(workbench, revised, chosen, start)
    reviewed_row.show(workbench, revised, shown or revised.rows)
    for note in revised.notes[:20]:
        st.caption(words.plain(note))
    refusals.show(revised.refused)


def _nothing(review: Review) -> None:
    st.subheader("There is no script in this upload", anchor=False)
    refusals.show(review.refused)
    if not review.refused:
        st.write("The files are empty, or hold nothing that could be a script.")
    if st.button("Choose other files", key="upload_over", type="primary"):
        close()
        st.rerun()


def _status() -> Status:
    chosen = st.segmented_control(
        "New scripts are added as",
        [Status.APPROVED, Status.DRAFT],
        default=Status.APPROVED,
        format_func=lambda status: words.STATUSES[status].capitalize(),
        key="upload_status",
        help="Approved scripts are retrieved at once. Drafts wait in the library until somebody approves them. "
        "A file that states a status keeps it.",
    )
    return chosen or Status.APPROVED


def _revised(workbench: Workbench, review: Review, status: Status) -> Review:
    """The review with what was edited, against the library as it is now; made anew only where one of these changed."""
    edits = cast("Mapping[int, Edit]", st.session_state[_EDITS])
    mark = (workbench.catalogue, repr(sorted(edits.items())), status)
    kept = st.session_state.get(_REVISED)
    if kept is not None and kept[0][0] is mark[0] and kept[0][1:] == mark[1:]:
        return cast("Review", kept[1])
    chosen = dict(edits)
    for number in _of_no_status(review) if status is not Status.APPROVED else ():
        edit = edits.get(number, Edit())
        chosen[number] = replace(edit, status=edit.status or status.value)
    revised = workbench.revise_upload(review, chosen)
    st.session_state[_REVISED] = (mark, revised)
    return revised


def _of_no_status(review: Review) -> list[int]:
    """The new scripts whose sources state no status."""
    new = [row.number for row in review.rows if row.fate is Fate.CREATED]
    return [number for number in new if "status" not in review.drafts[number].stated]


def _summary(review: Review) -> str:
    parts = [(review.count(fate), meaning) for fate, meaning in _MEANINGS.items()]
    said = ", ".join(f"{number:,} {meaning}" for number, meaning in parts if number)
    return f"{words.count(len(review.rows), 'script')}: {said}"


def _filtered(review: Review) -> list[Row]:
    odd = [row for row in review.rows if reviewed_row.noticed(row)]
    choices = [_ALL, *([_LOOK] if odd else []), *(label for fate, label in _FATES.items() if review.count(fate))]
    if len(choices) <= 2:  # noqa: PLR2004  all, and one kind that is all of them
        return list(review.rows)
    counts = {_ALL: len(review.rows), _LOOK: len(odd)} | {label: review.count(fate) for fate, label in _FATES.items()}
    chosen = st.pills(
        "Show",
        choices,
        default=_ALL,
        format_func=lambda label: f"{label.capitalize()} {counts[label]:,}",
        key="upload_show",
        label_visibility="collapsed",
    )
    if chosen == _LOOK:
        return odd
    return [row for row in review.rows if chosen in (None, _ALL, _FATES[row.fate])]


def _ticked(row: Row) -> bool:
    ticks = cast("Mapping[int, bool]", st.session_state[_TICKS])
    return row.fate in (Fate.CREATED, Fate.UPDATED) and ticks.get(row.number, True)


def _table(workbench: Workbench, rows: Sequence[Row]) -> None:
    numbers = [row.number for row in rows]
    key = f"upload_rows_{digests.of_value(numbers)[:12]}"
    areas = {area for r in workbench.catalogue.records.values() for area in r.script.focus_areas}
    areas |= {area for row in rows for area in row.script.focus_areas}
    minutes = f"Read aloud, at {workbench.settings.words_a_minute} words a minute"
    st.data_editor(
        _frame(workbench, rows),
        key=key,
        hide_index=True,
        num_rows="fixed",
        height=_ROW_HEIGHT * min(len(rows) + 1, _MOST_ROWS) + 3,
        on_change=partial(_take, key, numbers),
        alt="The scripts of this upload, one a row",
        column_config={
            "Add": st.column_config.CheckboxColumn(width=72, help="Take the tick away to leave a script out"),
            "Title": st.column_config.TextColumn(width=220, required=True, max_chars=200),
            "Section": st.column_config.SelectboxColumn(
                width=110,
                options=workbench.settings.sections,
                format_func=lambda name: words.section(str(name)),
                required=True,
            ),
            "Focus areas": st.column_config.MultiselectColumn(
                width=190, options=sorted(areas), accept_new_options=True
            ),
            "Status": st.column_config.SelectboxColumn(
                width=90,
                options=[s.value for s in Status],
                format_func=lambda name: str(name).capitalize(),
                required=True,
            ),
            "What happens": st.column_config.TextColumn(width=105, disabled=True),
            "Words": st.column_config.NumberColumn(width=65, disabled=True, format="localized"),
            "Min.": st.column_config.NumberColumn(width=55, disabled=True, format="%.1f", help=minutes),
            "What was noticed": st.column_config.TextColumn(width=330, disabled=True),
            "File": st.column_config.TextColumn(width=180, disabled=True),
        },
    )


def _frame(workbench: Workbench, rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Add": [_ticked(row) for row in rows],
            "Title": [row.script.title for row in rows],
            "Section": [row.script.section for row in rows],
            "Focus areas": [list(row.script.focus_areas) for row in rows],
            "Status": [row.script.status.value for row in rows],
            "What happens": [_FATES[row.fate] for row in rows],
            "Words": [row.words for row in rows],
            "Min.": [workbench.settings.minutes(row.words) for row in rows],
            "What was noticed": [reviewed_row.noticed(row) for row in rows],
            "File": [row.source for row in rows],
        }
    )


def _take(key: str, numbers: Sequence[int]) -> None:
    """Keep what was typed apart from the table, which forgets it when the page is left."""
    edits = cast("dict[int, Edit]", st.session_state[_EDITS])
    ticks = cast("dict[int, bool]", st.session_state[_TICKS])
    for place, changed in st.session_state[key]["edited_rows"].items():
        number = numbers[int(place)]
        if "Add" in changed:
            ticks[number] = bool(changed["Add"])
        made = edits.get(number, Edit())
        if changed.get("Title"):
            made = replace(made, title=str(changed["Title"]))
        if changed.get("Section"):
            made = replace(made, section=str(changed["Section"]))
        if "Focus areas" in changed:
            made = replace(made, focus_areas=tuple(changed["Focus areas"] or ()))
        if changed.get("Status"):
            made = replace(made, status=str(changed["Status"]))
        if made != Edit():
            edits[number] = made


def _actions(
    workbench: Workbench,
    revised: Review,
    chosen: set[int],
    start: Callable[[Callable[[Report], object]], None],
) -> None:
    twins = [row for row in revised.rows if row.number in chosen and row.alike and row.fate is Fate.CREATED]
    with st.container(horizontal=True):
        if st.button(
            f"Add {words.count(len(chosen), 'script')}" if chosen else "Add",
            key="upload_add",
            type="primary",
            icon=":material/library_add:",
            disabled=not chosen,
        ):
            # What is here already counts as part of the upload, so that the outcome says so.
            known = {row.number for row in revised.rows if row.fate is Fate.UNCHANGED}
            start(lambda report: workbench.add_upload(revised, chosen | known, report))
        if twins and st.button(
            f"Leave out {words.count(len(twins), 'near-duplicate')}",
            key="upload_leave_twins",
            help="Takes the tick away from new scripts that are nearly the same as another one.",
        ):
            st.session_state[_TICKS].update({row.number: False for row in twins})
            st.rerun()
        if st.button("Throw this upload away", key="upload_throw"):
            close()
            st.rerun()
    if not chosen:
        st.caption("Nothing is ticked, or everything is here already.")
