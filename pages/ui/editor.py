"""Writing and editing one script. What is typed stays until it is saved or given up."""

import secrets
from dataclasses import dataclass, field, replace

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
    section: str = ""
    # Begins the keys of the fields, so that no edit shows what was typed in another one.
    key: str = field(default_factory=lambda: f"edit_{secrets.token_hex(4)}")


def is_open() -> bool:
    """Whether something is being edited, or the address asks for a new script."""
    if "new" in st.query_params and _KEY not in st.session_state:
        open_new(st.query_params["new"])
    return _KEY in st.session_state


def open_new(section: str = "") -> None:
    """Begin a new script."""
    st.session_state[_KEY] = Edit(None, None, section)


def open_for(record: Record) -> None:
    """Begin an edit of a record."""
    st.session_state[_KEY] = Edit(record.script, record.digest, record.script.section)


def close() -> None:
    """Give up what was typed."""
    edit: Edit | None = st.session_state.pop(_KEY, None)
    st.query_params.pop("new", None)
    for key in [k for k in st.session_state if edit is not None and str(k).startswith(edit.key)]:
        del st.session_state[key]


def show(workbench: Workbench) -> None:
    """Draw the form, and save when asked to."""
    edit: Edit = st.session_state[_KEY]
    heading = f"Edit '{words.plain(edit.script.title)}'" if edit.script else "A new script"
    st.subheader(heading, anchor=False)
    script = edit.script
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = st.text_input("Title", script.title if script else "", key=f"{edit.key}_title", persist_state="session")
        with st.container(key="reading_field"):
            text = st.text_area(
                "Text",
                script.text if script else "",
                key=f"{edit.key}_text",
                height=_TEXT_HEIGHT,
                persist_state="session",
            )
        st.caption(_length(text or ""))
    with right:
        details = _details(workbench, edit)
    with st.container(horizontal=True):
        save = st.button("Save", type="primary", icon=":material/save:", shortcut="Ctrl+S")
        st.button("Cancel", on_click=close)
    if save or st.session_state.pop("edit_save", False):
        with frame.told():
            _save(workbench, edit, {"title": title or "", "text": text or "", **details})
    _theirs(workbench, edit)


def _length(text: str) -> str:
    count = len(text.split())
    return f"{words.count(count, 'word')}, {words.minutes(count)} minutes read aloud"


def _details(workbench: Workbench, edit: Edit) -> dict[str, object]:
    script, sections = edit.script, workbench.settings.sections
    scripts = [r.script for r in workbench.catalogue.records.values()]
    section = st.selectbox(
        "Section",
        sections,
        index=sections.index(edit.section) if edit.section in sections else 0,
        format_func=words.section,
        key=f"{edit.key}_section",
        persist_state="session",
    )
    status = st.selectbox(
        "Status",
        [s.value for s in Status],
        index=list(Status).index(script.status if script else Status.APPROVED),
        format_func=str.capitalize,
        key=f"{edit.key}_status",
        persist_state="session",
        help="Only approved scripts are retrieved, unless a question asks for others.",
    )
    situation = st.text_area(
        "Situation",
        script.situation if script else "",
        key=f"{edit.key}_situation",
        persist_state="session",
        height=90,
        help="For whom and when, in one sentence.",
    )
    focus = _labels(
        "Focus areas", {area for s in scripts for area in s.focus_areas}, script.focus_areas if script else (), edit
    )
    techniques = _labels(
        "Techniques", {name for s in scripts for name in s.techniques}, script.techniques if script else (), edit
    )
    persons = tuple(dict.fromkeys((*_PERSONS, script.person if script else "")))
    person = st.selectbox(
        "Person",
        persons,
        index=persons.index(script.person if script else ""),
        key=f"{edit.key}_person",
        persist_state="session",
        format_func=lambda p: p.capitalize() or "Not said",
    )
    author = st.text_input("Author", script.author if script else "", key=f"{edit.key}_author", persist_state="session")
    return {
        "section": section,
        "status": status,
        "situation": situation or "",
        "focus_areas": focus,
        "techniques": techniques,
        "person": person,
        "author": author or "",
    }


def _labels(name: str, known: set[str], chosen: tuple[str, ...], edit: Edit) -> tuple[str, ...]:
    """Labels to choose among, or to type."""
    picked = st.multiselect(
        name,
        sorted(known.union(chosen)),
        list(chosen),
        key=f"{edit.key}_{name}",
        persist_state="session",
        accept_new_options=True,
        placeholder="Choose or type",
    )
    return tuple(picked)


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
    except RecordMoved:
        # Said below the form, together with the other version.
        return
    except NotFound:
        # Deleted meanwhile. Nothing stands in the way of the next save, which makes it anew.
        st.session_state[_KEY] = replace(edit, base=None)
        raise
    close()
    st.query_params["script"] = script.id
    st.session_state["saved_warning"] = (script.id, saved.warning)
    st.toast(f"Saved '{words.plain(script.title)}'.", icon=":material/check:")
    st.rerun()


def _theirs(workbench: Workbench, edit: Edit) -> None:
    """Where somebody else saved meanwhile: their version to read, and the two ways on."""
    now = workbench.catalogue.records.get(edit.script.id) if edit.script else None
    if now is None or edit.base is None or now.digest == edit.base:
        return
    st.error(
        "**Somebody else saved this script while you were editing.** "
        "Nothing that you typed is lost: yours is above, theirs is below.",
        icon=":material/error:",
    )
    with st.container(border=True):
        with st.container(horizontal=True):
            st.button("Save mine over it", on_click=_overwrite, args=(edit, now))
            st.button("Give mine up", on_click=close)
        with st.container(key="reading_title"):
            st.subheader(words.plain(now.script.title), anchor=False)
        st.caption(reading.facts(now.script))
        reading.body(now.script)


def _overwrite(edit: Edit, now: Record) -> None:
    st.session_state[_KEY] = replace(edit, base=now.digest)
    st.session_state["edit_save"] = True
