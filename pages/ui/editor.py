"""Writing and editing one script. What is typed stays until it is saved or given up."""

from dataclasses import dataclass

import streamlit as st

from pages.ui import frame, reading, words
from services.errors import NotFound, RecordMoved
from services.library import free_id
from services.scripts import Record, Script, Status, make_script
from services.workbench import Workbench

_KEY = "editing"
_TEXT_HEIGHT = 420
_PERSONS = ("", "second", "first", "we", "mixed")


@dataclass(frozen=True)
class Edit:
    """An open edit: of a record as it was when the edit began, or of a new script."""

    script: Script | None
    base: str | None


def is_open() -> bool:
    """Whether something is being edited, or the address asks for a new script."""
    if "new" in st.query_params and _KEY not in st.session_state:
        open_new(st.query_params["new"])
    return _KEY in st.session_state


def open_new(section: str = "") -> None:
    """Begin a new script."""
    st.session_state[_KEY] = Edit(None, None)
    st.session_state["edit_section_first"] = section


def open_for(record: Record) -> None:
    """Begin an edit of a record."""
    st.session_state[_KEY] = Edit(record.script, record.digest)


def close() -> None:
    """Give up what was typed."""
    st.session_state.pop(_KEY, None)
    st.query_params.pop("new", None)


def show(workbench: Workbench) -> None:
    """Draw the form, and save when asked to."""
    edit: Edit = st.session_state[_KEY]
    heading = f"Edit '{words.plain(edit.script.title)}'" if edit.script else "A new script"
    st.subheader(heading, anchor=False)
    script = edit.script
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = st.text_input("Title", script.title if script else "", key="edit_title", max_chars=200)
        text = st.text_area("Text", script.text if script else "", key="edit_text", height=_TEXT_HEIGHT)
        st.caption(_length(text or ""))
    with right:
        details = _details(workbench, script)
    with st.container(horizontal=True):
        save = st.button("Save", type="primary", icon=":material/save:", shortcut="Ctrl+S")
        st.button("Cancel", on_click=close)
    if save:
        with frame.told():
            _save(workbench, edit, {"title": title or "", "text": text or "", **details})


def _length(text: str) -> str:
    count = len(text.split())
    return f"{words.count(count, 'word')}, {words.minutes(count)} minutes read aloud"


def _details(workbench: Workbench, script: Script | None) -> dict[str, object]:
    sections = workbench.settings.sections
    first = script.section if script else st.session_state.get("edit_section_first", "")
    known = sorted({area for r in workbench.catalogue.records.values() for area in r.script.focus_areas})
    techniques = sorted({t for r in workbench.catalogue.records.values() for t in r.script.techniques})
    section = st.selectbox(
        "Section",
        sections,
        index=sections.index(first) if first in sections else 0,
        format_func=words.section,
        key="edit_section",
    )
    status = st.selectbox(
        "Status",
        [s.value for s in Status],
        index=list(Status).index(script.status) if script else 1,
        key="edit_status",
        help="Only approved scripts are retrieved, unless a question asks for others.",
    )
    situation = st.text_area(
        "Situation",
        script.situation if script else "",
        key="edit_situation",
        height=90,
        help="For whom and when, in one sentence.",
    )
    focus = st.multiselect(
        "Focus areas", known, list(script.focus_areas) if script else [], key="edit_focus", accept_new_options=True
    )
    technique = st.multiselect(
        "Techniques",
        techniques,
        list(script.techniques) if script else [],
        key="edit_techniques",
        accept_new_options=True,
    )
    person = script.person if script and script.person in _PERSONS else ""
    told = st.selectbox(
        "Person", _PERSONS, index=_PERSONS.index(person), key="edit_person", format_func=lambda p: p or "not said"
    )
    author = st.text_input("Author", script.author if script else "", key="edit_author")
    return {
        "section": section,
        "status": status,
        "situation": situation or "",
        "focus_areas": tuple(focus),
        "techniques": tuple(technique),
        "person": told,
        "author": author or "",
    }


def _save(workbench: Workbench, edit: Edit, fields: dict[str, object]) -> None:
    kept = edit.script
    script = make_script(
        id=kept.id if kept else free_id(str(fields["title"]), workbench.catalogue),
        language=kept.language if kept else "en",
        source_id=kept.source_id if kept else "",
        **fields,  # type: ignore[arg-type]  # the fields of the form are those of a script
    )
    try:
        with st.spinner("Saving…"):
            saved = workbench.save(script, edit.base)
    except RecordMoved as error:
        frame.say(error)
        _theirs(workbench, script)
        return
    except NotFound as error:
        frame.say(error)
        st.session_state[_KEY] = Edit(None, None)
        return
    close()
    st.query_params["script"] = script.id
    if saved.warning:
        st.session_state["saved_warning"] = saved.warning
    st.toast(f"Saved '{words.plain(script.title)}'.", icon=":material/check:")
    st.rerun()


def _theirs(workbench: Workbench, mine: Script) -> None:
    """The version that was saved meanwhile, to read, and the way to save over it knowingly."""
    now = workbench.catalogue.records[mine.id]
    with st.expander("The version that was saved meanwhile", expanded=True):
        st.caption(reading.facts(now.script))
        reading.body(now.script)
    st.button(
        "Keep mine: my next save replaces that version",
        on_click=lambda: st.session_state.update({_KEY: Edit(mine, now.digest)}),
    )
