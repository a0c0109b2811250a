"""Changing the ticked scripts: section, focus areas and status at once, with one step back."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui import begun, frame, watching, words
from services.domain.scripts import Record, Status
from services.errors import ScriptoriumError
from services.ground.progress import Report
from services.many import Change, Many
from services.shelf import Row
from services.workbench import Workbench

KIND = "many"
_TICKED = "ticked"
_MOST_NAMED = 12
_DELETED, _AS_BEFORE = "Deleted", "As before:"
# A few scripts are changed before anybody has seen a bar: waiting that long saves drawing one.
_WAIT_SECONDS = 1.0


def tick(shown: Sequence[str], ticked: Sequence[str]) -> None:
    """Remember which of the rows on the page are ticked; those that are not on it stay as they are."""
    here = set(shown)
    kept = [i for i in selected() if i not in here]
    st.session_state[_TICKED] = dict.fromkeys([*kept, *ticked])


def tick_only(ids: Sequence[str]) -> None:
    """Have these ticked and nothing else, whatever was ticked in any list."""
    st.session_state[_TICKED] = dict.fromkeys(ids)
    turn()


def selected(workbench: Workbench | None = None) -> list[str]:
    """The ids that are ticked, in any list that was shown; with a workbench, those that there are still."""
    ticked = st.session_state.get(_TICKED, {})
    if workbench is None:
        return list(ticked)
    # Read once: of ten thousand ticked ones each look at the catalogue would count.
    records = workbench.catalogue.records
    return [i for i in ticked if i in records]


def turn() -> None:
    """Draw the table anew, so that its marks are those that are remembered."""
    st.session_state["rows_turned"] = st.session_state.get("rows_turned", 0) + 1


def clear() -> None:
    """Take all ticks away."""
    st.session_state[_TICKED] = {}
    turn()


def bar(workbench: Workbench, found: Sequence[Row], told: str) -> None:
    """How many scripts there are, and what can be done with the ticked ones.

    Always as high, so that the rows do not move away from under the hand that ticks them.
    """
    ids = selected(workbench)
    if not workbench.writable:
        st.caption(told)
        return
    catalogue = workbench.catalogue.records
    records = [catalogue[i] for i in ids]
    # The versions on the page: what somebody else saves before the press is left alone, and named.
    bases = dict(zip(ids, (r.digest for r in records), strict=True))
    with st.container(horizontal=True, vertical_alignment="center", key="many_bar"):
        st.caption(f"{told} · {len(ids):,} ticked" if ids else told, width="content")
        # Another one after each change, so that it closes.
        key = f"many_change_{st.session_state.get('rows_turned', 0)}"
        with st.popover("Change", icon=":material/edit_note:", disabled=not ids, key=key):
            if ids:
                _form(workbench, records, bases)
        st.button(
            "Retire",
            key="many_retire",
            icon=":material/inventory_2:",
            disabled=not ids,
            help="Retired scripts are kept and no longer found.",
            on_click=_change,
            args=(workbench, Change(status=Status.RETIRED), bases, "Retired"),
        )
        st.button(
            "Delete",
            key="many_delete",
            icon=":material/delete:",
            disabled=not ids,
            help="They go to the bin, from where they can be brought back.",
            on_click=_begin,
            args=(f"Deleting {len(ids):,}", lambda report: workbench.delete_many(bases, report), _DELETED),
        )
        rest = [script_id for row in found if (script_id := row.record.script.id) not in bases]
        if ids and not rest:
            st.button("Untick all", key="many_clear", type="tertiary", on_click=clear)
        else:
            arguments = ([*ids, *rest],)
            st.button(
                "Tick all", key="many_all", type="tertiary", on_click=tick_only, args=arguments, disabled=not rest
            )


def _form(workbench: Workbench, records: Sequence[Record], bases: Mapping[str, str]) -> None:
    sections, statuses = list(workbench.settings.sections), [s.value for s in Status]
    # The button first and each long list on a leaf of its own: an open list covers what stands around it, and what is
    # chosen there quickly by keys may take the keyboard out of the menu. What there is little of has none.
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Change {words.count(len(bases), 'script')}",
            key="many_apply",
            type="primary",
            on_click=_apply,
            args=(workbench, bases),
        )
        st.caption("What is left empty stays as it is.", width="content")
    both, add, take = st.tabs(["Section and status", "Add focus areas", "Take away"], key="many_tabs")
    both.pills("Section", sections, format_func=words.section, key="many_section")
    both.pills("Status", statuses, format_func=str.capitalize, key="many_status")
    had = sorted({area for record in records for area in record.script.focus_areas})
    st.session_state["many_remove"] = [a for a in st.session_state.get("many_remove", ()) if a in had]
    take.multiselect("Take away focus areas", had, key="many_remove", placeholder="None")
    add.multiselect(
        "Add focus areas",
        workbench.shelf.focus_areas,
        key="many_add",
        accept_new_options=True,
        placeholder="Choose or type",
    )


def _apply(workbench: Workbench, bases: Mapping[str, str]) -> None:
    state = st.session_state
    status = Status(state["many_status"]) if state["many_status"] else None
    change = Change(state["many_section"] or "", status, tuple(state["many_add"]), tuple(state["many_remove"]))
    if change.is_empty:
        st.toast("Choose a section, a status or focus areas first.")
        return
    _change(workbench, change, bases, "Changed")
    state["many_section"] = state["many_status"] = None
    state["many_add"], state["many_remove"] = [], []


def _change(workbench: Workbench, change: Change, bases: Mapping[str, str], done: str) -> None:
    _begin(f"Changing {len(bases):,}", lambda report: workbench.change_many(change, bases, report), done)


def _undo(workbench: Workbench, many: Many, done: str) -> None:
    told = "Brought back" if done == _DELETED else _AS_BEFORE
    _begin("Undoing", lambda report: workbench.undo_many(many, report), told, back=False)


def _begin(name: str, work: Callable[[Report], Many], done: str, *, back: bool = True) -> None:
    if back and not st.session_state.get(_TICKED):
        return  # a second press: the first has begun, and can be undone
    with frame.told():
        job = begun.begin(KIND, name, work, done, back=back)
        # Before the waiting, which a second press may end.
        clear()
        watching.wait_a_little(job, _WAIT_SECONDS)


def outcome(workbench: Workbench) -> None:
    """How far the last change is, or what became of it, with the way back."""
    work = begun.ended(KIND)
    if work is None:
        return
    job = work.job
    with st.container(border=True):
        if isinstance(job.error, ScriptoriumError):
            frame.say(job.error)
        with st.container(horizontal=True, vertical_alignment="center"):
            if isinstance(job.result, Many):
                _counted(job.result, work.told)
            if isinstance(job.result, Many) and job.result.changed and work.back:
                st.button(
                    "Undo all",
                    key="many_undo",
                    icon=":material/undo:",
                    type="primary",
                    on_click=_undo,
                    args=(workbench, job.result, work.told),
                )
            begun.dismissible(KIND)
        if isinstance(job.result, Many):
            told_of_left(job.result)


def _counted(many: Many, done: str) -> None:
    same = f" {words.count(len(many.unchanged), 'script')} had it so already." if many.unchanged else ""
    st.markdown(f"{done} {words.count(many.changed, 'script')}.{same}")


def told_of_left(many: Many) -> None:
    """What a person should know besides: what was left as it is, and why."""
    if many.warning:
        st.warning(words.plain(many.warning))
    if many.left:
        lines = [f"- {words.plain(left.title)}: {words.plain(left.reason)}" for left in many.left[:_MOST_NAMED]]
        if len(many.left) > _MOST_NAMED:
            lines.append(f"- and {len(many.left) - _MOST_NAMED:,} more")
        left = "Left as it is" if len(many.left) == 1 else "Left as they are"
        st.warning(f"**{left}: {words.count(len(many.left), 'script')}.**\n\n" + "\n".join(lines))
