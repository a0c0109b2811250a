"""Somebody else saved meanwhile: both versions side by side, and the two brought together."""

from collections.abc import Mapping
from typing import cast

import streamlit as st

from pages.ui import reading, words
from pages.ui.editing import offered, unsaved
from pages.ui.editing.unsaved import Edit
from pages.ui.marked import marked
from services.domain.differences import differences
from services.domain.merging import Choice, Merge, Part, Whose, merge, merge_details
from services.domain.scripts import Record
from services.domain.unsaved import Value, fields_of
from services.ground import digests
from services.workbench import Workbench

_AROUND = 12
_MERGED = "edit_merge_of"
_TAKE = {Choice.MINE: "Take mine", Choice.THEIRS: "Take theirs", Choice.BOTH: "Take both"}
_TAKEN = {Choice.MINE: "yours", Choice.THEIRS: "theirs", Choice.BOTH: "both"}


def newer(workbench: Workbench, edit: Edit) -> Record | None:
    """The version that somebody else has saved since this edit began."""
    now = workbench.catalogue.records.get(edit.script) if edit.script else None
    return now if now is not None and now.digest != edit.base else None


def followed(workbench: Workbench, edit: Edit) -> Edit:
    """The edit, from the record as it is now where that says what the edit began with.

    Another model may have read it meanwhile, or somebody deleted it and brought it back.
    """
    now = newer(workbench, edit)
    if now is None or fields_of(now.script) != dict(edit.began):
        return edit
    return unsaved.change(now.digest, edit.began, edit.script)


def show(edit: Edit, now: Record) -> None:
    """What each of the two changed, merged where that is possible, and the ways on."""
    st.error(
        "**Somebody else saved this script while you were editing.** "
        "Nothing that you typed is lost: yours is above, and here the two are brought together.",
        icon=":material/error:",
    )
    mine, theirs = unsaved.typed(edit), fields_of(now.script)
    merged = _merged(str(edit.began["text"]), str(mine["text"]), str(theirs["text"]))
    details, disputed = merge_details(_details(edit.began), _details(mine), _details(theirs))
    with st.container(border=True):
        _told(merged)
        for number, part in enumerate(merged.conflicts, start=1):
            _conflict(edit, part, number, len(merged.conflicts))
        for name in disputed:
            details[name] = _detail(edit, name, mine[name], theirs[name])
        _ways(edit, now, merged, details, theirs)
    with st.expander("Their version as it is saved"):
        with st.container(key="reading_title"):
            st.subheader(words.plain(now.script.title), anchor=False)
        st.caption(reading.facts(now.script))
        reading.body(now.script)


def _merged(base: str, mine: str, theirs: str) -> Merge:
    """The three texts merged, once for as long as they are these."""
    of = digests.of_value([base, mine, theirs])
    known = cast("tuple[str, Merge] | None", st.session_state.get(_MERGED))
    if known is None or known[0] != of:
        known = st.session_state[_MERGED] = (of, merge(base, mine, theirs))
    return known[1]


def _told(merged: Merge) -> None:
    """What is merged already, to look through."""
    yours, others = merged.count(Whose.MINE), merged.count(Whose.THEIRS)
    settled = ""
    if yours and others:
        settled = f"{words.count(yours, 'change')} of yours and {others} of theirs go together. "
    elif yours or others:
        whose = "yours" if yours else "theirs"
        settled = f"{words.count(yours or others, 'change')} of {whose} can be taken over. "
    count = len(merged.conflicts)
    left = f"**{words.number(count).capitalize()} to settle**: you both changed the same sentence." if count else ""
    st.markdown(settled + (left or "Nothing is left to settle in the text."))
    if settled:
        with st.expander("See what goes together"):
            for part in merged.parts:
                if part.whose in (Whose.MINE, Whose.THEIRS):
                    st.caption("Yours" if part.whose is Whose.MINE else "Theirs")
                    marked(differences(part.base, part.text()), around=_AROUND)


def _conflict(edit: Edit, part: Part, number: int, count: int) -> None:
    """Both versions of one stretch, side by side, each compared with the version that the edit began with."""
    chosen = st.session_state.get(_name(edit, part))
    of = f" {number} of {count}" if count > 1 else ""
    st.markdown(f"**To settle{of}**" + (f": {_TAKEN[chosen]} taken" if chosen else ""))
    for column, title, text in zip(st.columns(2), ("Yours", "Theirs"), (part.mine, part.theirs), strict=True):
        with column:
            st.caption(title)
            if text.strip():
                marked(differences(part.base, text), around=_AROUND)
            else:
                st.caption("Taken out")
    with st.container(horizontal=True):
        for choice, label in _TAKE.items():
            st.button(
                label if count == 1 else f"{label} ({number})",
                key=f"{_name(edit, part)}_{choice.value}",
                type="primary" if chosen is choice else "secondary",
                on_click=_take,
                args=(_name(edit, part), choice),
            )


def _name(edit: Edit, part: Part) -> str:
    """Where the choice for a conflict is kept: another conflict is chosen for anew."""
    return edit.of(f"choice_{digests.of_value([part.base, part.mine, part.theirs])[:12]}")


def _take(name: str, choice: Choice) -> None:
    st.session_state[name] = choice


def _detail(edit: Edit, name: str, mine: Value, theirs: Value) -> Value:
    """One detail that both changed, to choose."""
    label = words.section(name.replace("_", "-"))
    told = {Choice.MINE: f"Yours: {words.plain(str(mine))}", Choice.THEIRS: f"Theirs: {words.plain(str(theirs))}"}
    chosen = st.radio(label, list(told), format_func=lambda c: told[c], key=edit.of(f"choice_{name}"))
    return theirs if chosen is Choice.THEIRS else mine


def _ways(edit: Edit, now: Record, merged: Merge, details: Mapping[str, object], theirs: Mapping[str, Value]) -> None:
    chosen = [st.session_state.get(_name(edit, part)) for part in merged.conflicts]
    left = chosen.count(None)
    fields = {**details, "text": merged.text([choice or Choice.MINE for choice in chosen])}
    with st.container(horizontal=True):
        st.button(
            "Put both together",
            key="edit_merge",
            type="primary",
            disabled=left > 0,
            help="The merged text goes into the form above, to look over and save.",
            on_click=_together,
            args=(edit, now, fields, theirs),
        )
        st.button("Save mine over it", key="edit_overwrite", on_click=_overwrite, args=(edit, now))
        st.button("Give mine up", key="edit_give_up", on_click=offered.cancel)
    if left:
        st.caption(f"{words.number(left).capitalize()} still to settle before the two can be put together.")


def _together(edit: Edit, now: Record, fields: dict[str, Value], theirs: Mapping[str, Value]) -> None:
    unsaved.change(now.digest, theirs, edit.script)
    unsaved.fill(fields)
    unsaved.keep()
    st.session_state["edit_merged"] = edit.key


def _overwrite(edit: Edit, now: Record) -> None:
    unsaved.change(now.digest, fields_of(now.script), edit.script)
    st.session_state["edit_save"] = True


def _details(fields: Mapping[str, Value]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name != "text"}
