"""Text that was typed and never saved: in the library, to go on with, or to give up with a way back."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import frame, resources, words
from pages.ui.editing import unsaved
from pages.ui.editing.unsaved import Edit
from pages.ui.marked import marked
from services.domain.differences import differences
from services.domain.unsaved import OLD_DAYS, Unsaved
from services.errors import ScriptoriumError
from services.workbench import Workbench

_SHOWN = 2
_AROUND = 40
_GIVEN_UP = "given_up"
_ASKED = "give_up_asked"


def show(workbench: Workbench) -> None:
    """In the library: what was typed and never saved, the last typed first, old ones folded."""
    if "unkept" in st.session_state:
        frame.say(st.session_state.pop("unkept"))
    _undo()
    if not workbench.writable:
        return
    kept = workbench.unsaved.all()
    if kept:
        with st.container(border=True, key="unsaved_texts"):
            _listed(kept)


def give_up(kept: Unsaved) -> None:
    """Forget it, with a way back as long as the page is open."""
    if unsaved.forget(kept):
        st.session_state[_GIVEN_UP] = kept
    elif "unkept" not in st.session_state:
        st.toast("It was typed further meanwhile, and is kept.")
    st.session_state.pop(_ASKED, None)


def cancel() -> None:
    """Close the open edit. Changed text is given up with a way back; what another window typed, only when asked."""
    edit = unsaved.current()
    before, typed = unsaved.known(edit), unsaved.as_typed(edit)
    if before is not None and before.window != unsaved.window():
        st.session_state[edit.of("asked")] = True
        return
    unsaved.close()
    if typed.changed:
        st.session_state[_GIVEN_UP] = typed


def asking(edit: Edit) -> None:
    """Whether what another window typed is to be given up, once Cancel was pressed."""
    kept = unsaved.known(edit)
    if kept is None or kept.window == unsaved.window() or not st.session_state.get(edit.of("asked")):
        return
    with st.container(border=True):
        st.markdown(f"**Give up this text?** It was typed {_when(kept)}.")
        with st.container(horizontal=True):
            st.button("Yes, give it up", key="edit_up_yes", on_click=_give_up_open, args=(kept,))
            st.button("Close and keep it", key="edit_up_later", on_click=unsaved.leave)
            st.button("Go on editing", key="edit_up_no", on_click=_go_on_editing)


def elsewhere(workbench: Workbench, edit: Edit) -> bool:
    """Below the form: that another window has typed the same text too, and what. Whether it has."""
    store = workbench.unsaved
    kept = store.get(st.session_state.get(edit.of("elsewhere"), edit.kept_as))
    if kept is None or kept.window == unsaved.window() or kept == unsaved.known(edit):
        return False
    together = " Whoever saves last sees both together." if edit.script else ""
    with st.container(border=True):
        st.markdown(
            f"**This text was typed in another window too**, {_when(kept, where=False)}. "
            f"Both are kept, each for itself.{together}"
        )
        with st.container(horizontal=True):
            if st.button("Look at it", key="edit_other_look"):
                _look(kept)
            st.button("Go on with that one", key="edit_other_on", on_click=_switch, args=(kept,))
    return True


def _listed(kept: Sequence[Unsaved]) -> None:
    """The last typed, and the rest once somebody asks for it: old ones are never put before people."""
    recent, old = [one for one in kept if not one.is_old], [one for one in kept if one.is_old]
    for one in recent[:_SHOWN]:
        _row(one)
    rest = [*recent[_SHOWN:], *old]
    if not rest:
        return
    more = words.count(len(rest), "more unsaved text" if recent else "unsaved text")
    told = f"{more}, {len(old)} not touched for {OLD_DAYS} days" if old else more
    with st.expander(told, key="older_unsaved", type="compact", on_change="rerun") as folded:
        if folded.open:
            for one in rest:
                _row(one)


def _row(kept: Unsaved) -> None:
    title = f"'{words.plain(kept.title[:100])}'" if kept.title else "a script without a title"
    mine = kept.window == unsaved.window()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Unsaved:** {title}, typed {_when(kept, where=not mine)}.", width="stretch")
        st.button("Go on", key=f"unsaved_on_{kept.key}", on_click=unsaved.go_on, args=(kept,))
        if not mine and st.button("Look at it", key=f"unsaved_look_{kept.key}", type="tertiary"):
            _look(kept)
        press = give_up if mine else _ask
        st.button("Give up", key=f"unsaved_up_{kept.key}", type="tertiary", on_click=press, args=(kept,))
    if st.session_state.get(_ASKED) == kept:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("It was not typed in this window. Give it up all the same?", width="stretch")
            st.button("Yes, give it up", key="unsaved_up_yes", on_click=give_up, args=(kept,))
            st.button("No, keep it", key="unsaved_up_no", type="tertiary", on_click=_ask, args=(None,))


def _when(kept: Unsaved, *, where: bool = True) -> str:
    """When it was last typed, and by whom or where."""
    by = f" by {words.plain(kept.by)}" if kept.by else ""
    other = ", before a reload or in another window" if where and kept.window != unsaved.window() else ""
    return f"{words.ago(kept.typed)}{by}{other}"


def _look(kept: Unsaved) -> None:
    st.dialog(words.plain(kept.title[:100]) or "Without a title", width="medium")(_read)(kept)


def _read(kept: Unsaved) -> None:
    st.caption(f"Typed {_when(kept)}, not saved.")
    before, text = str(kept.began["text"]), str(kept.fields["text"])
    if before:
        st.caption("Struck through: gone. Underlined: new.")
    changed = [name for name in kept.fields if name != "text" and kept.fields[name] != kept.began[name]]
    for name in changed if before else ():
        st.markdown(f"**{words.section(name.replace('_', '-'))}:** {words.plain(_told(kept.fields[name]))}")
    marked(differences(before or text, text), around=_AROUND if before else None)


def _told(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _ask(kept: Unsaved | None) -> None:
    st.session_state[_ASKED] = kept


def _go_on_editing() -> None:
    st.session_state.pop(unsaved.current().of("asked"), None)


def _give_up_open(kept: Unsaved) -> None:
    """What stands in the form and what is kept are one: the question is asked before anything is typed here."""
    unsaved.leave()
    give_up(kept)


def _switch(kept: Unsaved) -> None:
    """Go on with what the other window typed; what stands here is kept too, under a key of its own."""
    mine = unsaved.as_typed(unsaved.current())
    try:
        if mine.changed and mine.key == kept.key:
            resources.workbench().unsaved.keep(replace(mine, key=unsaved.new_key()))
        unsaved.go_on(kept)
    except ScriptoriumError as error:
        st.session_state["unkept"] = error


def _undo() -> None:
    given: Unsaved | None = st.session_state.get(_GIVEN_UP)
    if given is None:
        return
    title = f"'{words.plain(given.title[:100])}'" if given.title else "a script without a title"
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"Given up what was typed in {title}.", width="stretch")
        st.button("Bring it back", key="unsaved_back", icon=":material/undo:", type="primary", on_click=_bring_back)
        st.button("Dismiss", key="unsaved_dismiss", on_click=_dismiss)


def _bring_back() -> None:
    given: Unsaved = st.session_state[_GIVEN_UP]
    try:
        if not resources.workbench().unsaved.keep(given):
            # Somebody else has typed under its key since: it is kept beside that.
            given = replace(given, key=unsaved.new_key())
            resources.workbench().unsaved.keep(given)
    except ScriptoriumError as error:
        # It stays where it is, to be tried again.
        st.session_state["unkept"] = error
        return
    del st.session_state[_GIVEN_UP]
    unsaved.go_on(given)


def _dismiss() -> None:
    del st.session_state[_GIVEN_UP]
