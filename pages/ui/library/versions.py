"""What became of a script: its versions, what each changed, and the way back to any of them."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from pages.ui import apart, frame, marked, moments, signing, words
from services.domain.differences import differences
from services.domain.history import FIRST, OUTSIDE, Version, What
from services.domain.scripts import Record, Script
from services.errors import InvalidInput
from services.workbench import Workbench

_SHOWN = 12
# Words that stay around a difference.
_AROUND = 40
_WHATS = {
    What.CREATED: "written",
    What.IMPORTED: "imported",
    What.EDITED: "edited",
    What.MOVED: "moved to another section",
    What.DELETED: "deleted",
    What.RESTORED: "brought back",
    What.EMBEDDED: "read by another model, same words",
    What.EMPTIED: "taken out of the bin for good",
}


def is_open() -> bool:
    """Whether the history of the script is looked at."""
    return "history" in st.query_params


def open_for(script_id: str) -> None:
    """Look at the history of a script."""
    st.query_params["script"], st.query_params["history"] = script_id, "1"


def close() -> None:
    """Back to the script."""
    st.query_params.pop("history", None)


def button(script_id: str) -> None:
    """The way to the history of a script."""
    st.button("History", icon=":material/history:", key="to_history", on_click=open_for, args=(script_id,))


def show(workbench: Workbench, script_id: str) -> None:
    """The versions of a script, what the chosen one changed, and what can be done with it."""
    present = workbench.catalogue.records.get(script_id)
    title = present.script.title if present else script_id
    st.button("Back to the script", icon=":material/arrow_back:", key="from_history", on_click=close)
    with st.container(key="reading_title"):
        st.subheader(f"History of '{words.plain(title)}'", anchor=False)
    for told in filter(None, (workbench.past.problem, workbench.past.lagging)):
        st.info(words.plain(told))
    if script_id in workbench.catalogue.damaged:
        st.warning(
            "**Its file cannot be read.** It may have been changed outside. Restoring a version replaces it; what the "
            "file holds now is kept in the bin."
        )
    versions = workbench.history(script_id)
    if not versions:
        st.caption("Nothing has been kept yet. The next save begins the history of this script.")
        return
    signing.show(workbench)
    by_commit = {version.commit: version for version in versions}
    chosen = by_commit[_choose(script_id, by_commit)]
    _chosen(workbench, script_id, chosen, present, versions)


def _choose(script_id: str, versions: Mapping[str, Version]) -> str:
    """The commit that is looked at."""
    shown = st.session_state.get(f"versions_{script_id}", _SHOWN)
    commits = list(versions)
    options = commits[:shown]
    lines = apart.by_number({commit: _line(version) for commit, version in versions.items()})
    chosen = st.radio(
        words.count(len(versions), "version"),
        options,
        format_func=lines.__getitem__,
        key=f"version_of_{script_id}_{commits[0][:8]}",
    )
    if len(options) < len(versions):
        more = min(_SHOWN * 4, len(versions) - len(options))
        st.button(f"Show {more} more", key="older", type="tertiary", on_click=_older, args=(script_id, shown + more))
    return chosen or commits[0]


def _older(script_id: str, count: int) -> None:
    st.session_state[f"versions_{script_id}"] = count


def _line(version: Version) -> str:
    """Who, when, and what: to the second, for Streamlit takes two that read alike for one."""
    who = "outside the workbench" if version.author == OUTSIDE else f"by {words.plain(version.author)}"
    did = "**as the library began**" if version.purpose == FIRST else f"**{_WHATS[version.what]}** {who}"
    return f"{words.ago(version.time).capitalize()}: {did} · {words.plain(moments.exact(version.time))}"


def _chosen(
    workbench: Workbench, script_id: str, chosen: Version, present: Record | None, versions: Sequence[Version]
) -> None:
    if not chosen.there:
        st.markdown("The script was gone after this. Choose the version before it to bring that back.")
        return
    with frame.told():
        script = _read(workbench, script_id, chosen)
        if isinstance(script, InvalidInput):
            st.markdown("This version cannot be read: the file was damaged then. Choose the one before it.")
            with st.expander("What is wrong with it", type="compact"):
                st.text(str(script))
            return
        if workbench.writable and (present is None or chosen.digest != present.digest):
            _restoring(workbench, script_id, chosen, present)
        _what_changed(_before(workbench, script_id, chosen, versions), script)


def _read(workbench: Workbench, script_id: str, version: Version) -> Script | InvalidInput:
    """What a version says, or why it cannot be read."""
    try:
        return workbench.version(script_id, version.commit).script
    except InvalidInput as error:
        return error


def _before(workbench: Workbench, script_id: str, chosen: Version, versions: Sequence[Version]) -> Script | None:
    """The version before this one that can be read; None where this is the first."""
    for earlier in versions[versions.index(chosen) + 1 :]:
        if earlier.there and isinstance(script := _read(workbench, script_id, earlier), Script):
            return script
    return None


def _restoring(workbench: Workbench, script_id: str, chosen: Version, present: Record | None) -> None:
    key = f"restore_{chosen.commit[:8]}"
    if st.button("Restore this version", icon=":material/settings_backup_restore:", type="primary", key=key):
        restore(workbench, script_id, chosen.commit, present)


def restore(workbench: Workbench, script_id: str, commit: str, present: Record | None) -> None:
    """Save a version once more, and open the script."""
    with frame.told():
        with st.spinner("Saving…"):
            saved = workbench.restore_version(script_id, commit, present.digest if present else None)
        st.session_state["saved_warning"] = (script_id, saved.warning)
        close()
        st.toast(f"Restored '{words.plain(saved.record.script.title)}'.", icon=":material/check:")
        st.rerun()


def _what_changed(before: Script | None, now: Script) -> None:
    """What a version changed beside the text, and its words with what it changed marked."""
    if before is None:
        marked.marked(differences(now.text, now.text))
        return
    details = list(_details(before, now))
    same = before.text == now.text
    for name, old, new in details:
        st.caption(name)
        marked.marked(differences(old, new))
    if same:
        st.caption("The text itself is as it was." if details else "The text and all else that it says are as before.")
    whole = st.toggle("Show the whole text", key="whole_version")
    if details or not same:
        st.caption("Struck through: gone. Underlined: new.")
    if whole or not same:
        marked.marked(differences(before.text, now.text), around=None if whole else _AROUND)


def _details(before: Script, now: Script) -> Iterator[tuple[str, str, str]]:
    """What changed beside the text: its name, and how it read then and reads now."""
    old, new = before.as_json(), now.as_json()
    for key in new:
        if key != "text" and old[key] != new[key]:
            yield key.replace("_", " ").capitalize(), _told(old[key]), _told(new[key])


def _told(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
