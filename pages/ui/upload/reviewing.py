"""The review of an upload: one row a script, to be edited, taken out, read, and then added."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import streamlit as st

from pages.ui import resources, words
from pages.ui.upload import refusals, review_table, reviewed_row
from pages.ui.upload.kept import Kept
from pages.ui.upload.review_table import FATES
from services.domain import section_names
from services.domain.reports import Rejected
from services.domain.scripts import Status
from services.ground import digests
from services.ground.progress import Report
from services.upload import Fate, Review, Row
from services.workbench import Workbench

_KEPT, _REVISED, _GONE = "upload_review", "upload_revised", "upload_review_gone"
# In the address: whoever has the key goes on with the review.
_ADDRESS = "review"
_MEANINGS = {
    Fate.CREATED: "new",
    Fate.UPDATED: "replacing what is here",
    Fate.UNCHANGED: "here already, word for word",
    Fate.REFUSED: "that cannot be added as they are",
}
_LOOK, _ALL = "To look at", "All"
_MOST_NOTES = 5
_MOST_NAMES = 12
# Of the refused, so many stand above the rows; the rest is in their list.
_MOST_REFUSED = 5


def current() -> Kept | None:
    """The review that this visitor looks through: that of the address, else the one that was open."""
    kept = cast("Kept | None", st.session_state.get(_KEPT))
    key = st.query_params.get(_ADDRESS, "")
    if key and (kept is None or kept.key != key):
        found = resources.reviews().of(key)
        if found is None:
            del st.query_params[_ADDRESS]
            st.session_state[_GONE] = True
        else:
            kept = st.session_state[_KEPT] = found
    return kept


def is_open() -> bool:
    """Whether there is an upload to look through."""
    return current() is not None


def gone() -> None:
    """Say once that the review of the address is not kept any more."""
    if st.session_state.pop(_GONE, False):
        st.info(
            "This review is not here any more: a review is kept for a day, as long as the workbench runs and until its "
            "scripts are added. Nothing of it was lost that had been added. Choose the files again to go on."
        )


def open_review(workbench: Workbench, review: Review) -> None:
    """Begin to look through an upload."""
    close()
    kept = st.session_state[_KEPT] = resources.reviews().keep(review)
    sections = workbench.settings.sections
    kept.sections.update({name: section_names.guess(name, sections) for name in _unknown(review)})


def close() -> Sequence[Rejected]:
    """Forget it; what it could not use."""
    kept = cast("Kept | None", st.session_state.pop(_KEPT, None))
    st.session_state.pop(_REVISED, None)
    st.query_params.pop(_ADDRESS, None)
    if kept is None:
        return ()
    resources.reviews().forget(kept)
    return kept.review.refused


def show(workbench: Workbench, start: Callable[[Callable[[Report], object]], None]) -> None:
    """What was refused, the table, the row that is read; ``start`` begins to add."""
    kept = cast("Kept", current())
    st.query_params[_ADDRESS] = kept.key
    if not kept.review.rows:
        _nothing(kept.review)
        return
    st.subheader("Look through it, then add it", anchor=False)
    _status(kept)
    _names(workbench, kept)
    revised = _revised(workbench, kept)
    st.caption(
        f"{_summary(revised)}. Nothing is stored yet. What you change here is kept for a day, also through a reload."
    )
    _notes(revised.notes)
    refusals.show(revised.refused, most=_MOST_REFUSED)
    told = reviewed_row.noticed(workbench, revised)
    shown = _filtered(revised, told)
    if shown:
        review_table.show(workbench, kept, shown, told)
    else:
        st.caption("There is nothing to look at: no near-duplicates, no guesses, no odd characters.")
    chosen = {row.number for row in revised.rows if review_table.ticked(kept, row)}
    _actions(workbench, kept, revised, chosen, start)
    reviewed_row.show(workbench, revised, shown or revised.rows, told)


def _unknown(review: Review) -> Counter[str]:
    """The names that files have for sections and the workspace has not, the most frequent first."""
    found = Counter(row.unknown_section for row in review.rows if row.unknown_section)
    return Counter(dict(found.most_common()))


def _names(workbench: Workbench, kept: Kept) -> None:
    """What the names of sections mean that this workspace does not know: a guess, to be changed."""
    unknown = _unknown(kept.review)
    if not unknown:
        return
    st.markdown("**These names of sections are not known here. What do they mean?**")
    with st.container(horizontal=True):
        for name in list(unknown)[:_MOST_NAMES]:
            options = ["", *workbench.settings.sections]
            before = kept.sections.get(name, "")
            kept.sections[name] = st.selectbox(
                f"{words.plain(words.section(name[:60]))} · {words.count(unknown[name], 'script')}",
                options,
                index=options.index(before) if before in options else 0,
                format_func=lambda section: words.section(section) if section else "Suggest one",
                key=f"upload_name_{kept.key}_{digests.of_value(name)[:12]}",
                help="Where one is to be suggested, the scripts in the library that are nearest decide.",
                width=230,
            )
    if len(unknown) > _MOST_NAMES:
        st.caption(f"{words.count(len(unknown) - _MOST_NAMES, 'more name')}: choose their sections in the table.")


def _notes(notes: Sequence[str]) -> None:
    """What a person may want to know and need not mend."""
    with st.container(gap="xxsmall"):
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


def _status(kept: Kept) -> None:
    chosen = st.segmented_control(
        "New scripts are added as",
        [Status.APPROVED, Status.DRAFT],
        default=kept.status,
        format_func=lambda status: words.STATUSES[status].capitalize(),
        key=f"upload_status_{kept.key}",
        help="Approved scripts are retrieved at once. Drafts wait in the library until somebody approves them. "
        "A file that states a status keeps it.",
        required=True,
    )
    kept.status = chosen or kept.status


def _revised(workbench: Workbench, kept: Kept) -> Review:
    """The review with what was edited, against the library as it is now; made anew only where one of these changed."""
    mark = (kept.key, workbench.catalogue, repr((sorted(kept.edits.items()), kept.sections)), kept.status)
    before = st.session_state.get(_REVISED)
    if before is not None and before[0][1] is mark[1] and (before[0][0], *before[0][2:]) == (mark[0], *mark[2:]):
        return cast("Review", before[1])
    revised = workbench.revise_upload(kept.review, kept.edited())
    st.session_state[_REVISED] = (mark, revised)
    return revised


def _summary(review: Review) -> str:
    parts = [(review.count(fate), meaning) for fate, meaning in _MEANINGS.items()]
    said = ", ".join(f"{number:,} {meaning}" for number, meaning in parts if number)
    return f"{words.count(len(review.rows), 'script')}: {said}"


def _filtered(review: Review, told: Mapping[int, str]) -> list[Row]:
    odd = [row for row in review.rows if told[row.number]]
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
    kept: Kept,
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
            kept.ticks.update({row.number: False for row in twins})
            kept.turns += 1
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
