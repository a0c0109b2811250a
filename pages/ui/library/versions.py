"""What became of a script: its versions, what each changed, and the way back to any of them."""

from collections.abc import Iterator, Sequence

import streamlit as st

from pages.ui import frame, marked, signing, words
from services.domain.differences import differences
from services.domain.history import OUTSIDE, Version, What
from services.domain.scripts import Record, Script
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
    versions = workbench.history(script_id)
    if not versions:
        st.caption("Nothing has been kept yet. The next save begins the history of this script.")
        return
    signing.show(workbench)
    chosen = versions[_choose(script_id, versions)]
    _chosen(workbench, script_id, chosen, present, versions)


def _choose(script_id: str, versions: Sequence[Version]) -> int:
    shown = st.session_state.get(f"versions_{script_id}", _SHOWN)
    options = range(min(shown, len(versions)))
    chosen = st.radio(
        words.count(len(versions), "version"),
        options,
        format_func=lambda place: _line(versions[place]),
        key=f"version_of_{script_id}_{versions[0].commit[:8]}",
    )
    if len(options) < len(versions):
        more = min(_SHOWN * 4, len(versions) - len(options))
        st.button(f"Show {more} more", key="older", type="tertiary", on_click=_older, args=(script_id, shown + more))
    return chosen or 0


def _older(script_id: str, count: int) -> None:
    st.session_state[f"versions_{script_id}"] = count


def _line(version: Version) -> str:
    """Who, when, and what."""
    who = "outside the workbench" if version.author == OUTSIDE else f"by {words.plain(version.author)}"
    return f"{words.ago(version.time).capitalize()}: **{_WHATS[version.what]}** {who}"


def _chosen(
    workbench: Workbench, script_id: str, chosen: Version, present: Record | None, versions: Sequence[Version]
) -> None:
    exact = f"{chosen.time.replace('T', ' ').removesuffix('Z')} UTC, version {chosen.commit[:8]}: {chosen.purpose}"
    st.caption(words.plain(exact))
    if not chosen.there:
        st.markdown("The script was gone after this. Choose the version before it to bring that back.")
        return
    with frame.told():
        script = workbench.version(script_id, chosen.commit).script
        earlier = next((v for v in versions[versions.index(chosen) + 1 :] if v.there), None)
        before = workbench.version(script_id, earlier.commit).script if earlier else None
        if workbench.writable and (present is None or chosen.digest != present.digest):
            _restoring(workbench, script_id, chosen, present)
        _what_changed(before, script)


def _restoring(workbench: Workbench, script_id: str, chosen: Version, present: Record | None) -> None:
    key = f"restore_{chosen.commit[:8]}"
    if not st.button("Restore this version", icon=":material/settings_backup_restore:", type="primary", key=key):
        return
    with frame.told():
        with st.spinner("Saving…"):
            saved = workbench.restore_version(script_id, chosen.commit, present.digest if present else None)
        st.session_state["saved_warning"] = (script_id, saved.warning)
        close()
        st.toast(f"Restored '{words.plain(saved.record.script.title)}'.", icon=":material/check:")
        st.rerun()


def _what_changed(before: Script | None, now: Script) -> None:
    """The words of a version, with what it changed marked."""
    if before is None:
        marked.marked(differences(now.text, now.text))
        return
    for name, old, new in _details(before, now):
        st.caption(f"{name}, what changed:")
        marked.marked(differences(old, new))
    if before.text == now.text:
        st.caption("The text itself is as it was.")
        return
    whole = st.toggle("Show the whole text", key="whole_version")
    st.caption("Struck through: gone. Underlined: new.")
    marked.marked(differences(before.text, now.text), around=None if whole else _AROUND)


def _details(before: Script, now: Script) -> Iterator[tuple[str, str, str]]:
    """What changed beside the text: its name, and how it read then and reads now."""
    old, new = before.as_json(), now.as_json()
    for key in new:
        if key != "text" and old[key] != new[key]:
            yield key.replace("_", " ").capitalize(), _told(old[key]), _told(new[key])


def _told(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
