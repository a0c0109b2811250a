"""Writing and editing one script. What is typed stays until it is saved or given up."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages.ui import beside, drafting, frame, merging, words
from pages.ui.drafting import Edit
from services.domain.scripts import Record, Script, Status, make_script
from services.domain.unsaved import Value
from services.errors import InvalidRecord, NotFound, RecordMoved
from services.library import free_id
from services.workbench import Workbench

is_open = drafting.is_open
close = drafting.close
_TEXT_HEIGHT = 420
_PERSONS = ("", "second", "first", "we", "mixed")
_HELP = {"status": "Only approved scripts are retrieved, unless a question asks for others."}

Fields = Mapping[str, Value]


def open_new(section: str = "") -> None:
    """Begin a new script."""
    drafting.begin(None, section)


def open_for(record: Record) -> None:
    """Begin an edit of a record."""
    drafting.begin(record)


def show(workbench: Workbench) -> None:
    """Draw the form and what stands beside it, and save when asked to."""
    edit = drafting.current()
    title = str(edit.began["title"])
    st.subheader(f"Edit '{words.plain(title)}'" if edit.script else "A new script", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="typing"):
        typed = drafting.typed(edit)
        _text(edit, typed)
        save = _buttons()
        said = st.container()
        drafting.beneath(workbench, edit)
        _details(workbench, edit, typed)
    with said:
        if save or st.session_state.pop("edit_save", False):
            with frame.told():
                _save(workbench, edit)
        now = merging.newer(workbench, edit)
        if now is not None:
            merging.show(edit, now)
        elif st.session_state.get("edit_merged") == edit.key:
            st.success("Both versions are together in the text above. Look it over, then save.")
    with right:
        beside.show(workbench, edit, _typed_script(workbench, edit))


def _text(edit: Edit, typed: Fields) -> None:
    st.text_input("Title", str(typed["title"]), key=edit.name("title"), on_change=drafting.keep)
    with st.container(key="reading_field"):
        text = st.text_area(
            "Text", str(typed["text"]), key=edit.name("text"), height=_TEXT_HEIGHT, on_change=drafting.keep
        )
    count = len((text or "").split())
    st.caption(f"{words.count(count, 'word')}, {words.minutes(count)} minutes read aloud")


def _buttons() -> bool:
    with st.container(horizontal=True):
        save = st.button("Save", key="edit_save_now", type="primary", icon=":material/save:", shortcut="Ctrl+S")
        st.button("Cancel", key="edit_cancel", on_click=drafting.close, help="Gives up what you typed")
    return save


def _details(workbench: Workbench, edit: Edit, typed: Fields) -> None:
    scripts = [r.script for r in workbench.catalogue.records.values()]
    sections = workbench.settings.sections
    persons = tuple(dict.fromkeys((*_PERSONS, str(edit.began["person"]), str(typed["person"]))))
    st.markdown("**Details**")
    one, other = st.columns(2)
    with one:
        _choice(edit, typed, "section", sections, words.section)
        _labels(edit, typed, "focus_areas", {area for s in scripts for area in s.focus_areas})
        _choice(edit, typed, "person", persons, lambda p: p.capitalize() or "Not said")
    with other:
        _choice(edit, typed, "status", tuple(s.value for s in Status), str.capitalize)
        _labels(edit, typed, "techniques", {name for s in scripts for name in s.techniques})
        st.text_input("Author", str(typed["author"]), key=edit.name("author"), on_change=drafting.keep)
    st.text_area(
        "Situation",
        str(typed["situation"]),
        key=edit.name("situation"),
        on_change=drafting.keep,
        height=90,
        help="For whom and when, in one sentence.",
    )


def _choice(edit: Edit, typed: Fields, name: str, options: tuple[str, ...], told: Callable[[str], str]) -> None:
    """One of several; the first where it is none of them: no section was named, or the workspace has it no longer."""
    value = str(typed[name])
    st.selectbox(
        words.section(name),
        options,
        index=options.index(value) if value in options else 0,
        key=edit.name(name),
        format_func=told,
        help=_HELP.get(name),
        on_change=drafting.keep,
    )


def _labels(edit: Edit, typed: Fields, name: str, known: set[str]) -> None:
    """Labels to choose among, or to type."""
    chosen = typed[name]
    st.multiselect(
        words.section(name.replace("_", "-")),
        sorted(known.union(chosen)),
        list(chosen),
        key=edit.name(name),
        accept_new_options=True,
        placeholder="Choose or type",
        on_change=drafting.keep,
    )


def _made(workbench: Workbench, edit: Edit, fields: dict[str, Value]) -> Script:
    """The script as it is typed. Raises ``InvalidRecord``."""
    kept = workbench.catalogue.records.get(edit.script)
    return make_script(
        id=edit.script or free_id(str(fields["title"]), workbench.catalogue),
        language=kept.script.language if kept else "en",
        source_id=kept.script.source_id if kept else "",
        **fields,  # type: ignore[arg-type]  # the fields of the form are those of a script
    )


def _typed_script(workbench: Workbench, edit: Edit) -> Script | None:
    """The script as it is typed; None where it is none yet."""
    try:
        return _made(workbench, edit, drafting.typed(edit))
    except InvalidRecord:
        return None


def _save(workbench: Workbench, edit: Edit) -> None:
    script = _made(workbench, edit, drafting.typed(edit))
    try:
        with st.spinner("Saving…"):
            saved = workbench.save(script, edit.base)
            # Within: a second press cuts the run short where the spinner ends, and must find nothing to save again.
            drafting.close()
    except RecordMoved:
        # Said below the form, together with the other version.
        return
    except NotFound:
        # Deleted meanwhile. Nothing stands in the way of the next save, which makes it anew.
        drafting.change(None)
        raise
    st.query_params["script"] = script.id
    st.session_state["saved_warning"] = (script.id, saved.warning)
    st.toast(f"Saved '{words.plain(script.title)}'.", icon=":material/check:")
    st.rerun()
