"""The bin: deleted scripts, until somebody empties it."""

from collections.abc import Sequence
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import frame, resources, signing, watching, words
from pages.ui.library import binned as row
from pages.ui.library import outside, taken, versions
from services.domain.history import Binned
from services.errors import IdTaken, ScriptoriumError
from services.ground.progress import Report
from services.jobs import Job
from services.workbench import Workbench

KIND = "bin"
_SHOWN = 50
_JOB = "emptying_job"


def is_open() -> bool:
    """Whether the bin is looked at."""
    return "bin" in st.query_params


def link(workbench: Workbench) -> None:
    """The way to the bin, for the Library."""
    # Also where nothing lies in it: what was deleted outside is found there.
    if not workbench.past.problem or any(workbench.paths.bin.glob("*/*.yaml")):
        st.button("Bin", icon=":material/delete_sweep:", key="to_bin", on_click=_open)


def show(workbench: Workbench) -> None:
    """What lies there, with the way back of each."""
    st.button("Back to the library", icon=":material/arrow_back:", key="from_bin", on_click=row.close)
    st.subheader("Bin", anchor=False)
    if _under_way():
        return
    above, binned = st.container(), workbench.bin()
    if workbench.writable:
        with above:
            taken.offer(workbench)
    if binned:
        st.caption(f"{words.count(len(binned), 'deleted script').capitalize()}, the last deleted first.")
    else:
        st.caption("The bin is empty. Scripts that are deleted lie here until it is emptied.")
    if binned and workbench.writable:
        signing.show(workbench)
        _emptying(workbench, binned)
    for one in binned[:_SHOWN]:
        _row(workbench, one, above)
    if len(binned) > _SHOWN:
        st.caption(f"{len(binned) - _SHOWN:,} more were deleted before these.")
    outside.show(workbench, above)


def _row(workbench: Workbench, one: Binned, above: DeltaGenerator) -> None:
    name = f"{one.id}_{one.digest}"
    title = words.plain(one.title) if one.title else f"{words.plain(one.id)}, which cannot be read"
    with st.container(horizontal=True, vertical_alignment="center", key=f"binned_{name}"):
        row.two_lines(title, f"{words.section(one.section)} · deleted {words.ago(one.time)}")
        with row.doing():
            is_read = row.is_read(name)
            if workbench.writable:
                if one.title and st.button("Bring back", icon=":material/undo:", key=f"back_{name}"):
                    with above, frame.told():
                        _bring_back(workbench, one)
                st.button("Delete for good", key=f"gone_{name}", type="tertiary", on_click=_ask, args=((one,),))
    if is_read:
        with frame.told(), st.container(border=True, key=f"read_binned_{name}"):
            _read(workbench, one)


def _read(workbench: Workbench, one: Binned) -> None:
    if one.title:
        row.script(workbench.in_bin(one.id, one.digest).script)
    else:
        row.raw(workbench.records.file_in_bin(one.id, one.digest), f"{one.id}.yaml")


def _bring_back(workbench: Workbench, one: Binned) -> None:
    try:
        saved = workbench.restore(one.id, one.digest)
    except IdTaken:
        taken.ask(one)
        st.rerun()
    row.leave(saved)


def _emptying(workbench: Workbench, binned: Sequence[Binned]) -> None:
    """The button for all, and the question before anything goes."""
    st.button("Empty the bin", icon=":material/delete_forever:", key="empty_bin", on_click=_ask, args=(tuple(binned),))
    asked = [one for one in st.session_state.get(row.ASKED, ()) if one in binned]
    if not asked:
        return
    named = f"'{words.plain(asked[0].title or asked[0].id)}'" if len(asked) == 1 else words.count(len(asked), "script")
    whose = "Its" if len(asked) == 1 else "Their"
    with st.container(border=True):
        kept = "" if workbench.past.problem else f" {whose} versions stay in the history."
        st.markdown(f"**Delete {named} from the bin for good?**{kept}")
        with st.container(horizontal=True):
            if st.button("Yes, delete", type="primary", key="empty_bin_yes"):
                _empty(workbench, asked)
            st.button("No, keep", key="empty_bin_no", on_click=_ask, args=((),))


def _empty(workbench: Workbench, asked: Sequence[Binned]) -> None:
    def work(report: Report) -> object:
        report(f"Deleting {words.count(len(asked), 'script')} for good", 0, 0)
        return workbench.empty_bin([(one.id, one.digest) for one in asked])

    with frame.told():
        job = st.session_state[_JOB] = resources.jobs(KIND).start("Emptying the bin", work)
        st.session_state.pop(row.ASKED, None)
        watching.wait_a_little(job)
        st.rerun()


def _under_way() -> bool:
    """Draw how far the emptying is; once it has ended, what went wrong, if anything did."""
    job = cast("Job[object] | None", st.session_state.get(_JOB))
    if job is None:
        return False
    if not job.finished:
        watching.until_done(KIND)
        return True
    st.session_state.pop(_JOB)
    resources.jobs(KIND).dismiss()
    if isinstance(job.error, ScriptoriumError):
        frame.say(job.error)
    return False


def _ask(binned: tuple[Binned, ...]) -> None:
    st.session_state[row.ASKED] = binned


def _open() -> None:
    versions.close()
    st.query_params["bin"] = "1"
