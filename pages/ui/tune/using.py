"""Using what was tried: what would change, the change, and the way back."""

from dataclasses import replace

import streamlit as st

from pages.ui import frame, words
from pages.ui.tune import bench as benches
from pages.ui.tune import said, trying
from pages.ui.tune.kept import Bench
from services.domain.settings import Settings
from services.ground.progress import Report
from services.tuning import Trial, Wanted, way
from services.workbench import Workbench

_TURN = "tune_used"


def outcome(workbench: Workbench, bench: Bench) -> None:
    """That something is used now, and the way back to what was before."""
    former = bench.former
    digest = workbench.embedder().identity.digest
    if former is None or not workbench.writable or not said.changes(former, workbench.settings, digest):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(
            f"The workspace is asked by '{words.plain(workbench.settings.method.name)}' now: "
            f"{words.plain(said.setting(workbench.settings, digest))}.",
            icon=":material/check:",
        )
        if st.button(
            f"Back to '{former.method.name}'",
            key="tune_undo",
            icon=":material/undo:",
            disabled=trying.waits(bench),
            help=said.setting(former, digest),
        ):
            _use(workbench, bench, former)


def offer(workbench: Workbench, bench: Bench, trial: Trial) -> None:
    """The button, with what it changes; else why there is none."""
    wanted = trial.wanted.settings
    digest = workbench.embedder().identity.digest
    if trial.wanted.embedder:
        st.caption("This was asked by another model. Changing to it embeds the scripts anew and is done on its page.")
        st.page_link(frame.PAGES / "model.py", label="Change the model", icon=":material/model_training:")
        return
    if not workbench.writable:
        st.caption("This workspace is read-only, so how it is asked cannot be changed. Copy it to where you may write.")
        return
    if not wanted.method.stored:
        st.caption(
            "The index does not hold the beginnings of scripts by themselves, so this can be tried and not used. "
            "Choose the card, the text, or both."
        )
        return
    if way(wanted, digest) == way(workbench.settings, digest):
        st.caption("The workspace is asked in this way already.")
        return
    turn = st.session_state.get(_TURN, 0)
    with st.popover("Use this in the workspace", icon=":material/check:", type="primary", key=f"tune_use_open_{turn}"):
        _confirm(workbench, bench, trial, digest)


def _confirm(workbench: Workbench, bench: Bench, trial: Trial, digest: str) -> None:
    settings = trial.wanted.settings
    st.markdown("**This changes for everybody who asks this workspace:**")
    for label, before, after in said.changes(workbench.settings, settings, digest):
        st.markdown(f"{label}: {words.plain(before)} → **{words.plain(after)}**")
    st.caption("Kept in workspace.yaml. The scripts and the index stay as they are, and there is a way back.")
    usual = trial.wanted.name or said.setting(settings, digest)
    name = st.text_input("Name it", usual, key=f"tune_use_name_{trial.number}", max_chars=80)
    if st.button("Use it", key="tune_use", type="primary", disabled=trying.waits(bench)):
        _use(workbench, bench, settings, name=name or usual)


def _use(workbench: Workbench, bench: Bench, settings: Settings, *, name: str = "") -> None:
    """Use it, and compare what was tried with it from then on: in the background."""
    with frame.told():
        former = workbench.settings
        method = replace(settings.method, name=name or settings.method.name)
        workbench.use(method, query_template=settings.query_template, top_k=settings.top_k)
        bench.former = former
        bench.trials.begin_each()
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        seen = benches.compared_with(workbench)

        def work(report: Report) -> None:
            bench.seen = seen
            workbench.tune_again(Wanted(former, former.method.name), bench.trials, report)

        trying.begin(bench, "Comparing with the new way", work)
