"""What is typed and not saved: kept on the server as it is typed, found again by the key in the address."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.ui import frame, resources, words
from pages.ui.checking import ago
from services.domain.scripts import Record
from services.domain.unsaved import Unsaved, Value, fields_of
from services.errors import ScriptoriumError
from services.ground.clock import now
from services.workbench import Workbench

_OPEN = "editing"
_SHOWN = 3
# A text area tells what is typed when it is left. This tells it as well when the hands rest for a second, by the key
# that Streamlit itself takes for it; what a reload cuts short waits in the browser's tab and is typed again.
_AT_REST = """<script>
if (!window.scriptoriumAtRest) {
  window.scriptoriumAtRest = true;
  const waiting = new Map();
  const place = (area) => "scriptorium " + new URLSearchParams(location.search).get("edit") + " " + area.ariaLabel;
  const tell = (area) => {
    clearTimeout(waiting.get(area));
    waiting.delete(area);
    area.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", code: "Enter", ctrlKey: true, bubbles: true}));
  };
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (area.tagName !== "TEXTAREA" || !area.closest(".st-key-typing")) return;
    clearTimeout(waiting.get(area));
    if (event.isTrusted) sessionStorage.removeItem(place(area));
    waiting.set(area, setTimeout(() => event.isComposing || tell(area), 1000));
  }, true);
  addEventListener("pagehide", () => waiting.forEach((_, area) => {
    try { sessionStorage.setItem(place(area), area.value); } catch { /* full, or forbidden */ }
  }));
  const again = setInterval(() => {
    const areas = [...document.querySelectorAll(".st-key-typing textarea")];
    const cut = areas.filter((area) => sessionStorage.getItem(place(area)) !== null);
    cut.filter((area) => !waiting.has(area)).forEach((area) => {
      const kept = sessionStorage.getItem(place(area));
      // It may take a few turns: the page draws itself anew while it opens.
      if (area.value === kept) return sessionStorage.removeItem(place(area));
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, kept);
      area.dispatchEvent(new Event("input", {bubbles: true}));
    });
    if (areas.length && !cut.length) clearInterval(again);
  }, 300);
}
</script>"""


@dataclass(frozen=True)
class Edit:
    """An open edit: of a script as it was when the edit began, or of a new one, whose ``script`` is empty."""

    script: str
    # The digest of the record that it began with; None for a new script.
    base: str | None
    # The fields then.
    began: Mapping[str, Value]
    key: str = field(default_factory=lambda: secrets.token_hex(8))
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
    if _OPEN not in st.session_state:
        workbench = resources.workbench()
        kept = workbench.unsaved.get(st.query_params.get("edit", "")) if workbench.writable else None
        if kept is not None:
            go_on(kept)
        elif "new" in st.query_params:
            begin(None, st.query_params["new"])
        elif "edit" in st.query_params:
            del st.query_params["edit"]
    return _OPEN in st.session_state


def begin(record: Record | None, section: str = "") -> None:
    """Begin an edit of a record, or of a new script."""
    script = record.script if record else None
    began = fields_of(script, section)
    edit = Edit(script.id if script else "", record.digest if record else None, began)
    st.session_state[_OPEN] = edit
    fill(began)


def go_on(kept: Unsaved) -> None:
    """Go on with what was typed before."""
    edit = Edit(kept.script, kept.base or None, kept.began, kept.key)
    st.session_state[_OPEN] = edit
    fill(kept.fields)


def change(base: str | None, began: Mapping[str, Value] | None = None) -> None:
    """Go on with the same edit from another version."""
    edit = current()
    st.session_state[_OPEN] = replace(edit, base=base, began=edit.began if began is None else began)


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


def keep() -> None:
    """Keep what stands in the form; whatever was typed last counts. Called whenever something was typed."""
    if _OPEN not in st.session_state:
        return
    edit, workbench = current(), resources.workbench()
    kept = Unsaved(edit.key, edit.script, edit.base or "", edit.began, typed(edit), now(), window())
    try:
        if kept.changed:
            workbench.unsaved.keep(kept)
        else:
            workbench.unsaved.forget(edit.key)
        st.session_state.pop("unkept", None)
    except ScriptoriumError as error:
        st.session_state["unkept"] = error


def close() -> None:
    """The edit was saved or given up: forget what was typed."""
    edit: Edit | None = st.session_state.get(_OPEN)
    if edit is not None:
        # First what the address would open again, were this run cut short here.
        give_up(edit.key)
    st.session_state.pop(_OPEN, None)
    for name in ("new", "edit"):
        st.query_params.pop(name, None)
    if edit is None:
        return
    resources.jobs(edit.work).dismiss()
    for key in [k for k in st.session_state if str(k).startswith(edit.of(""))]:
        del st.session_state[key]


def give_up(key: str) -> None:
    """Forget what was typed in the edit of this key."""
    try:
        resources.workbench().unsaved.forget(key)
    except ScriptoriumError as error:
        st.session_state["unkept"] = error


def window() -> str:
    """A name for this browser window, so that two that type the same are told apart."""
    name: str = st.session_state.setdefault("window", secrets.token_hex(4))
    return name


def beneath(workbench: Workbench, edit: Edit) -> None:
    """Below the form: whether what is typed is kept, and whether another window types it too."""
    st.html(_AT_REST, unsafe_allow_javascript=True)
    if st.query_params.get("edit") != edit.key:
        st.query_params["edit"] = edit.key
    if "unkept" in st.session_state:
        frame.say(st.session_state["unkept"])
        st.caption("What you typed is on this page only until it is saved: do not reload it.")
        return
    kept = workbench.unsaved.get(edit.key)
    if kept is None:
        return
    if kept.window == window() or dict(kept.fields) == typed(edit):
        st.caption("What you type is kept, also through a reload. It becomes the script when you save.")
        return
    with st.container(border=True):
        st.write(
            f"**This text is being typed in another window too**, last {ago(kept.typed)}. "
            "What is typed last is what is kept."
        )
        st.button("Show what was typed there", key="edit_other_window", on_click=fill, args=(kept.fields,))


def offer(workbench: Workbench) -> None:
    """In the library: what was typed and never saved, to go on with or to give up."""
    if not workbench.writable:
        return
    unsaved = workbench.unsaved.all()
    for kept in unsaved[:_SHOWN]:
        _row(kept)
    if len(unsaved) > _SHOWN:
        with st.expander(f"{words.count(len(unsaved) - _SHOWN, 'more unsaved text')}"):
            for kept in unsaved[_SHOWN:]:
                _row(kept)


def _row(kept: Unsaved) -> None:
    title = f"'{words.plain(kept.title)}'" if kept.title else "a script without a title"
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**Unsaved:** {title}, typed {ago(kept.typed)}.", width="stretch")
        st.button("Go on", key=f"unsaved_on_{kept.key}", type="primary", on_click=go_on, args=(kept,))
        st.button("Give up", key=f"unsaved_up_{kept.key}", on_click=give_up, args=(kept.key,))
