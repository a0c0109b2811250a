"""Writing and editing one script. What is typed stays until it is saved or given up."""

from collections.abc import Callable, Collection, Mapping

import streamlit as st

from pages.ui import frame, signing, words
from pages.ui.editing import at_rest, beside, deleted, merging, offered, unsaved
from pages.ui.editing.unsaved import Edit
from services.domain.scripts import Record, Script, Status, make_script
from services.domain.unsaved import Value, fields_of
from services.errors import InvalidRecord, NotFound, RecordMoved
from services.library import free_id
from services.workbench import Workbench

is_open = unsaved.is_open
_TEXT_HEIGHT = 420
_PERSONS = ("", "second", "first", "we", "mixed")
_HELP = {"status": "Only approved scripts are retrieved, unless a question asks for others."}

Fields = Mapping[str, Value]


def open_new(section: str = "") -> None:
    """Begin a new script."""
    unsaved.begin(None, section)


def open_for(record: Record) -> None:
    """Begin an edit of a record."""
    unsaved.begin(record)


def show(workbench: Workbench) -> None:
    """Draw the form and what stands beside it, and save when asked to."""
    edit = merging.followed(workbench, _cut_short(workbench, unsaved.current()))
    title = str(edit.began["title"])
    st.subheader(f"Edit '{words.plain(title)}'" if edit.script else "A new script", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="typing"):
        typed = unsaved.typed(edit)
        _text(workbench, edit, typed)
        save = _buttons(workbench)
        said = st.container()
        _kept(workbench, edit)
        _details(workbench, edit, typed)
    with said:
        _settle(workbench, edit, save=save)
    with right:
        beside.show(workbench, edit, _typed_script(workbench, edit))


def _settle(workbench: Workbench, edit: Edit, *, save: bool) -> None:
    """Save if that is wanted, and say what stands in the way."""
    offered.asking(edit)
    with frame.told():
        if deleted.store_again():
            _store_again(workbench, edit)
        elif save or st.session_state.pop("edit_save", False):
            _save(workbench, edit)
    edit = unsaved.current()
    now = merging.newer(workbench, edit)
    if now is not None:
        merging.show(edit, now)
    elif deleted.is_so(workbench, edit):
        deleted.show()
    elif st.session_state.get("edit_merged") == edit.key:
        st.success("Both versions are together in the text above. Look it over, then save.")


def _kept(workbench: Workbench, edit: Edit) -> None:
    """Below the form: whether what is typed is kept, and whether another window types it too."""
    at_rest.tell()
    unsaved.tell_address()
    if "unkept" in st.session_state:
        frame.say(st.session_state["unkept"])
        st.caption("What you typed is on this page only until it is saved: do not reload it.")
    elif not offered.elsewhere(workbench, edit) and unsaved.known(edit) is not None:
        st.caption("What you type is kept, also through a reload. It becomes the script when you save.")


def _text(workbench: Workbench, edit: Edit, typed: Fields) -> None:
    title = st.text_input("Title", str(typed["title"]), key=edit.name("title"), on_change=unsaved.keep)
    # In one place always: the text below keeps the hands that type in it.
    with st.container(key="edit_namesake"):
        _namesake(workbench, edit, " ".join((title or "").split()))
    with st.container(key="reading_field"):
        text = st.text_area(
            "Text", str(typed["text"]), key=edit.name("text"), height=_TEXT_HEIGHT, on_change=unsaved.keep
        )
    count = len((text or "").split())
    st.caption(f"{words.count(count, 'word')}, {words.aloud(count)}")


def _namesake(workbench: Workbench, edit: Edit, title: str) -> None:
    """Another script that is called as this one is now."""
    wanted = title.casefold()
    if not wanted or wanted == str(edit.began["title"]).casefold():
        return
    found = next((r.script for r in workbench.catalogue.records.values() if r.script.title.casefold() == wanted), None)
    if found is None or found.id == edit.script:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        section = words.plain(words.section(found.section))
        st.caption(f"There is a script of this title already, in {section}. Saved, both stay.", width="content")
        if st.button("Read it", key="edit_namesake_read", type="tertiary"):
            beside.open_whole(found)


def _buttons(workbench: Workbench) -> bool:
    with st.container(horizontal=True, vertical_alignment="center"):
        save = st.button("Save", key="edit_save_now", type="primary", icon=":material/save:", shortcut="Ctrl+S")
        st.button("Cancel", key="edit_cancel", on_click=offered.cancel, help="Closes this and gives up what you typed")
        signing.show(workbench)
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
        st.text_input("Author", str(typed["author"]), key=edit.name("author"), on_change=unsaved.keep)
    st.text_area(
        "Situation",
        str(typed["situation"]),
        key=edit.name("situation"),
        on_change=unsaved.keep,
        height=124,
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
        on_change=unsaved.keep,
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
        on_change=unsaved.keep,
    )


def _made(workbench: Workbench, edit: Edit, fields: dict[str, Value], taken: Collection[str] = ()) -> Script:
    """The script as it is typed; a new one gets an id that is not among ``taken``. Raises ``InvalidRecord``."""
    kept = workbench.catalogue.records.get(edit.script)
    return make_script(
        id=edit.script or free_id(str(fields["title"]), workbench.catalogue, taken),
        language=kept.script.language if kept else "en",
        source_id=kept.script.source_id if kept else "",
        **fields,  # type: ignore[arg-type]  # the fields of the form are those of a script
    )


def _typed_script(workbench: Workbench, edit: Edit) -> Script | None:
    """The script as it is typed; None where it is none yet."""
    try:
        return _made(workbench, edit, unsaved.typed(edit))
    except InvalidRecord:
        return None


def _save(workbench: Workbench, edit: Edit) -> None:
    # What lies in the bin keeps its id: else it could not be brought back.
    taken = () if edit.script else {binned.id for binned in workbench.bin()}
    script = _made(workbench, edit, unsaved.typed(edit), taken)
    known = unsaved.known(edit)
    st.session_state[edit.of("saving")] = script
    try:
        with st.spinner("Saving…"):
            saved = workbench.save(script, edit.base)
            # At once, and not by the session: a second press cuts the run short where that is touched.
            if known is not None:
                workbench.unsaved.forget(known)
    except (RecordMoved, NotFound):
        # Said below the form, together with the other version; nothing where that says the same.
        workbench.refresh()
        again = merging.followed(workbench, edit)
        if again is not edit:
            _save(workbench, again)
        return
    _saved(script, saved.warning)


def _saved(script: Script, warning: str) -> None:
    unsaved.close()
    st.query_params["script"] = script.id
    st.session_state["saved_warning"] = (script.id, warning)
    st.toast(f"Saved '{words.plain(script.title)}'.", icon=":material/check:")
    st.rerun()


def _cut_short(workbench: Workbench, edit: Edit) -> Edit:
    """The edit, where a run was cut short while it saved: from what is saved; closed, where nothing was typed since."""
    script: Script | None = st.session_state.get(edit.of("saving"))
    record = workbench.catalogue.records.get(script.id) if script else None
    if script is None or record is None or record.script != script or record.digest == edit.base:
        return edit
    edit = unsaved.change(record.digest, fields_of(script), script.id)
    if _typed_script(workbench, edit) == script:
        _saved(script, "")
    return edit


def _store_again(workbench: Workbench, edit: Edit) -> None:
    """After a delete: the script is there again, and what is typed its next version."""
    deleted.bring_back(workbench, edit, _made(workbench, edit, unsaved.typed(edit)))
    _save(workbench, merging.followed(workbench, unsaved.current()))
