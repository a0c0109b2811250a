"""Using what was tried: what would change, the change, and the way back."""

from dataclasses import replace
from typing import cast

import streamlit as st

from pages.ui import frame, words
from pages.ui.evaluate import numbers
from pages.ui.tune import bench as benches
from pages.ui.tune import beside, said, trying
from pages.ui.tune.kept import Bench
from services.domain.comparison import Test
from services.domain.measures import Measure
from services.domain.settings import Settings
from services.ground.progress import Report
from services.tuning import Trial, Wanted, way
from services.workbench import Workbench

_TURN, _WENT_BACK = "tune_used", "tune_went_back"
# How the workspace was asked before, and the way that is asked since. Of this session alone: whoever gets a link did
# not change anything, and goes back by the table, where a change is confirmed.
_FORMER = "tune_former"


def outcome(workbench: Workbench, bench: Bench) -> None:
    """That something is used now, and the way back to what was before."""
    digest = workbench.embedder().identity.digest
    kept = cast("tuple[Settings, str] | None", st.session_state.get(_FORMER))
    # What somebody else has changed since is not ours to take back.
    if kept is None or not workbench.writable or kept[1] != way(workbench.settings, digest):
        return
    former, settings = kept[0], workbench.settings
    if not said.changes(former, settings, digest):
        return
    told, name = said.setting(settings, digest), settings.method.name
    is_told = said.unnamed(settings.method) or name.casefold() == told.casefold()
    called = "" if is_told else f", called '{words.plain(name)}'"
    since = "as before" if st.session_state.get(_WENT_BACK) else "in a new way"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(f"**The workspace is asked {since}:** {words.plain(told)}{called}.", icon=":material/check:")
        st.button(
            "Back to the usual way" if said.unnamed(former.method) else f"Back to '{words.plain(former.method.name)}'",
            key="tune_undo",
            icon=":material/undo:",
            disabled=trying.waits(bench),
            help=words.plain(said.setting(former, digest)),
            on_click=_go_back,
            args=(workbench, bench, former),
        )


def offer(workbench: Workbench, bench: Bench, trial: Trial, chosen: Measure | None) -> None:
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
    test = _test(bench, trial, chosen)
    better = test is not None and test.significant and (test.difference.value or 0.0) > 0
    turn = st.session_state.get(_TURN, 0)
    with st.popover(
        "Use this in the workspace",
        icon=":material/check:",
        type="primary" if better else "secondary",
        key=f"tune_use_open_{turn}",
    ):
        _confirm(workbench, bench, trial, test)


def _test(bench: Bench, trial: Trial, chosen: Measure | None) -> Test | None:
    compared = bench.trials.compared(trial)
    return compared.tests.get(chosen.name) if compared is not None and chosen is not None else None


def _confirm(workbench: Workbench, bench: Bench, trial: Trial, test: Test | None) -> None:
    settings, digest = trial.wanted.settings, workbench.embedder().identity.digest
    st.markdown("**This changes for everybody who asks this workspace:**")
    for label, before, after in said.changes(workbench.settings, settings, digest):
        st.markdown(f"{label}: {words.plain(before)} → **{words.plain(after)}**")
    if test is None or test.difference.value is None:
        st.markdown("Nobody can tell yet whether it is better: it is not measured.")
    else:
        st.markdown(
            f"What was measured: **{said.verdict(test)}**, {numbers.name(test.measure)} "
            f"{said.difference(test.difference)}."
        )
    st.caption("Kept in workspace.yaml. The scripts and the index stay as they are, and there is a way back.")
    usual = trial.wanted.name or said.setting(settings, digest)
    key = f"tune_use_name_{beside.identity(trial)}"
    st.text_input("Name it", usual, key=key, max_chars=80)
    st.button(
        "Use it",
        key="tune_use",
        disabled=trying.waits(bench),
        on_click=_use_named,
        args=(workbench, bench, settings, usual, key),
    )


def _use_named(workbench: Workbench, bench: Bench, settings: Settings, usual: str, key: str) -> None:
    _use(workbench, bench, settings, st.session_state.get(key) or usual)


def _go_back(workbench: Workbench, bench: Bench, former: Settings) -> None:
    _use(workbench, bench, former, former.method.name, back=not st.session_state.get(_WENT_BACK))


def _use(workbench: Workbench, bench: Bench, settings: Settings, name: str, *, back: bool = False) -> None:
    """Use it, and compare what was tried with it from then on: in the background."""
    with frame.told():
        former = workbench.settings
        method = replace(settings.method, name=name)
        workbench.use(method, query_template=settings.query_template, top_k=settings.top_k)
        st.session_state[_WENT_BACK] = back
        st.session_state[_FORMER] = former, way(workbench.settings, workbench.embedder().identity.digest)
        bench.trials.begin_each()
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        seen = benches.compared_with(workbench)

        def work(report: Report) -> None:
            workbench.tune_again(Wanted(former, former.method.name), bench.trials, report)
            bench.seen = seen

        trying.begin(bench, "Comparing with the new way", work, trying.RESULTS)
