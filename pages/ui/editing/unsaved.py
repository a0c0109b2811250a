"""The edit that is open, and what is typed in it: kept on the server at every change, found again by the address."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.ui import resources, signing
from services.domain.scripts import Record
from services.domain.unsaved import Unsaved, Value, fields_of, is_key
from services.errors import ScriptoriumError
from services.ground.clock import now

_OPEN = "editing"


def new_key() -> str:
    """A key that no other edit has."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Edit:
    """An open edit: of a script as it was when the edit began, or of a new one, whose ``script`` is empty."""

    script: str
    # The digest of the record that it began with; None for a new script.
    base: str | None
    # The fields then.
    began: Mapping[str, Value]
    # Under which key the typed text is kept. Another window may have opened the same.
    kept_as: str = field(default_factory=new_key)
    # Tells it from every other edit of this window.
    key: str = field(default_factory=new_key)
    # Counts how often the form was filled: each time with widgets of its own.
    turn: int = 0

    def of(self, what: str) -> str:
        """Where something of this edit is kept in the session."""
        return f"edit_{self.key}_{what}"

    def name(self, field_name: str) -> str:
        """The key of a widget, so that no edit shows what was typed in another one."""
        return self.of(f"{self.turn}_{field_name}")

    @property
    def work(self) -> str:
        """The kind of the background work for this edit."""
        return f"effects_{self.key}"


def current() -> Edit:
    """The edit that is open."""
    edit: Edit = st.session_state[_OPEN]
    return edit


def is_open() -> bool:
    """Whether something is being edited, or the address asks for it: an unsaved text, or a new script."""
    if _OPEN not in st.session_state and resources.workbench().writable:
        _open_from_address()
    return _OPEN in st.session_state


def _open_from_address() -> None:
    """Under the key that it names, also where nothing is kept: the browser may have what a reload cut short."""
    workbench, key = resources.workbench(), st.query_params.get("edit", "")
    kept, record = workbench.unsaved.get(key), workbench.catalogue.records.get(st.query_params.get("script", ""))
    if kept is not None:
        go_on(kept)
    elif "new" in st.query_params:
        begin(None, st.query_params["new"], key)
    elif is_key(key) and record is not None:
        begin(record, key=key)
    else:
        st.query_params.pop("edit", None)


def begin(record: Record | None, section: str = "", key: str = "") -> None:
    """Begin an edit of a record, or of a new script; what is typed is kept under ``key``, where that is one."""
    script, sections = record.script if record else None, resources.workbench().settings.sections
    began = fields_of(script, section if section in sections else sections[0])
    _leave()
    st.session_state[_OPEN] = Edit(
        script.id if script else "", record.digest if record else None, began, key if is_key(key) else new_key()
    )
    fill(began)


def tell_address() -> None:
    """Let the address name the edit, so that a reload finds it again."""
    edit = current()
    what = {"script": edit.script} if edit.script else {"new": str(edit.began["section"])}
    told = {"edit": edit.kept_as, **what}
    for name, value in told.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def go_on(kept: Unsaved) -> None:
    """Go on with what was typed before, as it is by now."""
    kept = resources.workbench().unsaved.get(kept.key) or kept
    _leave()
    edit = Edit(kept.script, kept.base or None, kept.began, kept.key)
    st.session_state[_OPEN] = edit
    st.session_state[edit.of("known")] = kept
    fill(kept.fields)


def change(base: str | None, began: Mapping[str, Value], script: str) -> Edit:
    """Go on with the same edit from another version, or of another script."""
    edit = replace(current(), base=base, began=began, script=script)
    st.session_state[_OPEN] = edit
    return edit


def fill(fields: Mapping[str, Value]) -> None:
    """Put these into the form. Before it is drawn."""
    edit = replace(current(), turn=current().turn + 1)
    st.session_state[_OPEN] = edit
    st.session_state[edit.of("latest")] = dict(fields)


def typed(edit: Edit) -> dict[str, Value]:
    """What stands in the form. It is what the fields are drawn with again, wherever the browser has lost it."""
    found: dict[str, Value] = {}
    for name, before in st.session_state[edit.of("latest")].items():
        value = st.session_state.get(edit.name(name), before)
        found[name] = tuple(value or ()) if isinstance(before, tuple) else str(value or "")
    st.session_state[edit.of("latest")] = found
    return found


def as_typed(edit: Edit) -> Unsaved:
    """What stands in the form, as it is kept."""
    began, fields = dict(edit.began), typed(edit)
    return Unsaved(edit.kept_as, edit.script, edit.base or "", began, fields, now(), window(), signing.name())


def known(edit: Edit) -> Unsaved | None:
    """What this window last knew to be kept of the edit; None where that was nothing."""
    kept: Unsaved | None = st.session_state.get(edit.of("known"))
    return kept


def keep() -> None:
    """Keep what stands in the form. Called whenever something was typed.

    Where another window has typed under the same key since, it keeps its text and this one goes on under a new key.
    """
    if _OPEN not in st.session_state:
        return
    edit, store = current(), resources.workbench().unsaved
    kept, before = as_typed(edit), known(edit)
    try:
        if not kept.changed:
            if before is not None and store.forget(before):
                st.session_state[edit.of("known")] = None
        elif store.keep(kept, before):
            st.session_state[edit.of("known")] = kept
        else:
            st.session_state[edit.of("elsewhere")] = edit.kept_as
            st.session_state[_OPEN] = replace(edit, kept_as=new_key())
            st.session_state.pop(edit.of("known"), None)
            keep()
        st.session_state.pop("unkept", None)
    except ScriptoriumError as error:
        st.session_state["unkept"] = error


def forget(kept: Unsaved | None) -> bool:
    """It is saved or given up; False where another window has typed further, which stays."""
    try:
        return kept is None or resources.workbench().unsaved.forget(kept)
    except ScriptoriumError as error:
        st.session_state["unkept"] = error
        return False


def close() -> None:
    """The edit was saved or given up: forget what was typed in it."""
    if _OPEN in st.session_state:
        # First what the address would open again, were this run cut short here.
        forget(known(current()))
    leave()


def leave() -> None:
    """Close the edit. What is kept of it stays."""
    for name in ("new", "edit"):
        st.query_params.pop(name, None)
    _leave()


def window() -> str:
    """A name for this browser window, so that two that type the same are told apart."""
    name: str = st.session_state.setdefault("window", secrets.token_hex(4))
    return name


def _leave() -> None:
    edit: Edit | None = st.session_state.pop(_OPEN, None)
    if edit is not None:
        resources.jobs(edit.work).dismiss()
        for key in [k for k in st.session_state if str(k).startswith(edit.of(""))]:
            del st.session_state[key]
