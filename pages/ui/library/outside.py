"""Scripts that were deleted outside the workbench: in no bin, and in the history still."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import finding_out, frame, words
from pages.ui.library import binned
from services.domain.history import Lost
from services.ground.progress import Report
from services.workbench import Workbench

KIND = "lost"
_SHOWN = 50


def show(workbench: Workbench, above: DeltaGenerator) -> None:
    """What was deleted with no bin, with the way back of each; how far looking for it is."""
    with frame.told():
        if workbench.past.problem or not _looked(workbench):
            return
        lost = workbench.lost()
        if not lost:
            return
        st.subheader(f"Deleted outside the workbench · {len(lost):,}", anchor=False)
        st.caption("Their files were removed by something else. The history has them as they were last.")
        for one in lost[:_SHOWN]:
            _row(workbench, one, above)
        if len(lost) > _SHOWN:
            st.caption(f"{len(lost) - _SHOWN:,} more were deleted before these.")


def _row(workbench: Workbench, one: Lost, above: DeltaGenerator) -> None:
    name = f"{one.id}_{one.commit[:12]}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"lost_{name}"):
        below = words.section(one.section) + (f" · noticed {words.ago(one.time)}" if one.time else "")
        binned.two_lines(words.plain(workbench.past.title(one) or one.id), below)
        with binned.doing():
            is_read = binned.is_read(name)
            icon = ":material/undo:"
            if workbench.writable and st.button("Bring back", icon=icon, key=f"back_{name}"):
                with above, frame.told():
                    binned.leave(workbench.restore_version(one.id, one.commit, None))
    if is_read:
        with st.container(border=True, key=f"read_lost_{name}"), frame.told():
            binned.script(workbench.version(one.id, one.commit).script)


def _looked(workbench: Workbench) -> bool:
    """Whether it is known what is lost: the first time that takes a look at every commit, in the background."""

    def work(report: Report) -> object:
        report("Looking for scripts that were deleted outside", 0, 0)
        return workbench.lost()

    return bool(finding_out.known(KIND, lambda: workbench.past.has_read() or None, "Looking through the history", work))
