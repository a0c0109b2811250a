"""The review of an upload: one row a script, to be edited, taken out, read, and then added."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import streamlit as st

from pages.ui import words
from pages.ui.upload import refusals, review_table, reviewed_row
from pages.ui.upload.review_table import EDITS, FATES, TICKS
from services.domain.reports import Rejected
from services.domain.scripts import Status
from services.ground.progress import Report
from services.upload import Edit, Fate, Review, Row
from services.workbench import Workbench

_REVIEW, _REVISED = "upload_review", "upload_revised"
_MEANINGS = {
    Fate.CREATED: "new",
    Fate.UPDATED: "replacing what is here",
    Fate.UNCHANGED: "here already, word for word",
    Fate.REFUSED: "that cannot be added as they are",
}
_LOOK, _ALL = "To look at", "All"
_MOST_NOTES = 5


def is_open() -> bool:
    """Whether there is an upload to look through."""
    return _REVIEW in st.session_state


def open_review(review: Review) -> None:
    """Begin to look through an upload."""
    close()
    st.session_state[_REVIEW], st.session_state[EDITS], st.session_state[TICKS] = review, {}, {}


def close() -> Sequence[Rejected]:
    """Forget it; what it could not use."""
    review = cast("Review | None", st.session_state.pop(_REVIEW, None))
    for key in (EDITS, TICKS, _REVISED):
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
        review_table.show(workbench, shown)
    else:
        st.caption("There is nothing to look at: no near-duplicates, no guesses, no odd characters.")
    chosen = {row.number for row in revised.rows if review_table.ticked(row)}
    _actions(workbench, revised, chosen, start)
    reviewed_row.show(workbench, revised, shown or revised.rows)
    _notes(revised.notes)
    refusals.show(revised.refused)


def _notes(notes: Sequence[str]) -> None:
    """What a person may want to know and need not mend."""
    for note in notes[:_MOST_NOTES]:
        st.caption(words.plain(note))
    if len(notes) > _MOST_NOTES:
        with st.expander(words.count(len(notes) - _MOST_NOTES, "more note")):
            st.text("\n".join(notes[_MOST_NOTES:]))


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
    edits = cast("Mapping[int, Edit]", st.session_state[EDITS])
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
    choices = [_ALL, *([_LOOK] if odd else []), *(label for fate, label in FATES.items() if review.count(fate))]
    if len(choices) <= 2:  # noqa: PLR2004  all, and one kind that is all of them
        return list(review.rows)
    counts = {_ALL: len(review.rows), _LOOK: len(odd)} | {label: review.count(fate) for fate, label in FATES.items()}
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
    return [row for row in review.rows if chosen in (None, _ALL, FATES[row.fate])]


def _actions(
    workbench: Workbench,
    revised: Review,
    chosen: set[int],
    start: Callable[[Callable[[Report], object]], None],
) -> None:
    twins = [row for row in revised.rows if row.number in chosen and _spare(row, chosen)]
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
            help="Takes the tick away from new scripts that are nearly the same as one in the library or above.",
        ):
            st.session_state[TICKS].update({row.number: False for row in twins})
            st.rerun()
        if st.button("Throw this upload away", key="upload_throw"):
            close()
            st.rerun()
    if not chosen:
        st.caption("Nothing is ticked, or everything is here already.")


def _spare(row: Row, chosen: set[int]) -> bool:
    """Whether it is new and nearly what the library has; of two in the upload that are alike, the first stays."""
    before = any(
        one.script or (one.row is not None and one.row < row.number and one.row in chosen) for one in row.alike
    )
    return row.fate is Fate.CREATED and before
