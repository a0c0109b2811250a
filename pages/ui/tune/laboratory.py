"""The laboratory: what to try on the left, what came of it on the right; below, cut-offs and other models."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.tune import bench as benches
from pages.ui.tune import beside, controls, cutting, effects, others, said, table, trying, using
from pages.ui.tune.controls import Chosen
from pages.ui.tune.kept import Bench
from services.tuning import Wanted, variants
from services.workbench import Workbench

_JUDGE = frame.PAGES / "judge.py"


def show(workbench: Workbench) -> None:
    """The page."""
    bench = benches.current()
    trying.take_note(bench)
    digest = workbench.embedder().identity.digest
    st.header(words.plain(said.headline(workbench.settings, digest)), anchor=False)
    st.caption(
        "Try other ways on the saved questionnaires. Nothing changes in the workspace until you use one.",
        help=words.plain(f"The workspace's way is called '{said.called(workbench.settings.method)}'."),
    )
    if benches.gone(bench):
        st.info(
            "**The trials of this address are not kept any more.** They stay for a day, in memory alone, and so do "
            "those of the last few people. What the controls are set to can be tried again.",
            icon=":material/history:",
        )
    if not _ready(workbench):
        return
    using.outcome(workbench, bench)
    left, right = st.columns([4, 9], gap="large")
    with left, st.container(key="tune_controls"):
        chosen = controls.draw(workbench)
        # In reach however far the controls go down, so that whoever presses sees what comes of it.
        with st.container(key="tune_bar", gap="small"):
            _buttons(workbench, bench, chosen)
            trying.progress(bench, trying.CONTROLS)
        st.button(
            "Reset to the workspace's way",
            key="tune_reset",
            type="tertiary",
            icon=":material/restart_alt:",
            on_click=controls.follow,
        )
    with right:
        trying.progress(bench, trying.RESULTS)
        trying.ended(bench)
        _results(workbench, bench)
    st.divider()
    near, far = st.columns(2, gap="large")
    # How far each is stands here, whatever is chosen above it by now: what works can be stopped.
    with near:
        cutting.draw(workbench, bench, chosen.settings)
        trying.progress(bench, trying.CURVE)
    with far:
        others.draw(workbench, bench)
        trying.progress(bench, trying.MODEL)
    benches.address(bench)


def _ready(workbench: Workbench) -> bool:
    """Whether there is something to ask, and somebody to answer; else the first step."""
    if not workbench.catalogue.records:
        st.write("There are no scripts to find yet. Once there are some, other ways of finding them are tried here.")
        with st.container(key="found_no_scripts"):
            st.page_link(frame.PAGES / "library.py", label="Write or upload scripts", icon=":material/menu_book:")
        return False
    if not workbench.all_questionnaires:
        st.write(
            "There are no questionnaires to try anything on. Save some on Retrieve: what people say who come for help, "
            "and the scripts that you would expect."
        )
        with st.container(key="found_no_questionnaires"):
            st.page_link(frame.PAGES / "retrieve.py", label="Ask and save one", icon=":material/search:")
        return False
    return True


def _buttons(workbench: Workbench, bench: Bench, chosen: Chosen) -> None:
    digest = workbench.embedder().identity.digest
    waits = trying.waits(bench)
    each = variants(workbench.settings, digest)
    with st.container(horizontal=True):
        wanted = [Wanted(chosen.settings, chosen.name)] if chosen.settings else []
        st.button(
            "Try it",
            key="tune_try",
            type="primary",
            icon=":material/science:",
            disabled=waits or not wanted,
            on_click=trying.start,
            args=(workbench, bench, wanted, "The trial"),
        )
        st.button(
            "Try each setting in turn",
            key="tune_each",
            icon=":material/stacked_line_chart:",
            disabled=waits,
            help=f"From how the workspace is asked now, one thing changed at a time: {len(each)} ways.",
            on_click=trying.each,
            args=(workbench, bench),
        )
    trying.sent(workbench, chosen.settings)


def _results(workbench: Workbench, bench: Bench) -> None:
    trials = bench.trials
    if trials.present is None:
        if bench.job is not None:
            st.caption("What comes of it appears here, beside how the workspace is asked now.")
        else:
            st.markdown("**Nothing has been tried yet.**")
            st.caption(
                "Change something and try it. It appears here beside how the workspace is asked now, with "
                "what it does to the answers and how sure that is. Or have each setting tried in turn, to see which "
                "of them matter."
            )
        return
    if bench.job is None and not benches.same(bench.seen, benches.compared_with(workbench)):
        st.warning(
            "Scripts, questionnaires, judgements or how the workspace is asked have changed since. These figures are "
            "of before; try it again.",
            icon=":material/history:",
        )
    chosen = None
    if table.judged(bench):
        chosen = table.measure(workbench)
    else:
        _unjudged()
    table.draw(workbench, bench, chosen)
    for note in table.notes(trials.present):
        st.caption(f":material/info: {words.plain(note)}")
    if chosen is None:
        effects.alike(workbench, bench)
    else:
        effects.draw(workbench, bench, chosen)
    trial = beside.choose(workbench, bench)
    if trial is not None:
        using.offer(workbench, bench, trial, chosen)
        beside.show(workbench, bench, trial, chosen)


def _unjudged() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            "Nobody has said yet which scripts fit, so nothing can be called better or worse. Shown is how alike the "
            "rankings are to those of now."
        )
        st.page_link(_JUDGE, label="Judge some answers", icon=":material/arrow_forward:")
