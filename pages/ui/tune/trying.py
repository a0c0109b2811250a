"""Trying: begun, watched, left and come back to, stopped."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.tune import bench as benches
from pages.ui.tune.kept import Bench
from services.domain.methods import Mode, Passages
from services.domain.scripts import Status
from services.domain.settings import Settings
from services.errors import Cancelled, ScriptoriumError
from services.ground.progress import Report
from services.tuning import Wanted, variants
from services.workbench import Workbench

KIND = "tune"
# Where work is begun: its progress stands beside the button that was pressed.
CONTROLS, RESULTS, CURVE, MODEL = "controls", "results", "curve", "model"
_CANCEL = "What was tried until then is kept. Nothing in the workspace has changed."


def take_note(bench: Bench) -> None:
    """Of what has ended since the page was drawn last."""
    job = bench.job
    if job is not None and job.finished:
        bench.job, bench.failed = None, job.error


def waits(bench: Bench) -> bool:
    """Whether nothing can be begun just now: one laboratory works at a time."""
    return bench.job is not None or watching.others_work(KIND, bench.job)


def progress(bench: Bench, where: str) -> None:
    """How far the work is that was begun here; among the controls also that somebody else is at work."""
    if bench.job is not None:
        if bench.where == where:
            watching.until_done(KIND, cancel=_CANCEL)
    elif where == CONTROLS and waits(bench):
        watching.until_free(KIND, "Somebody else is trying something in this workspace.")


def ended(bench: Bench) -> None:
    """Why the last came to nothing, where it did."""
    if waits(bench):
        return
    if isinstance(bench.failed, Cancelled):
        st.info("**Stopped.** What was tried until then is below.", icon=":material/stop_circle:")
    elif isinstance(bench.failed, ScriptoriumError):
        frame.say(bench.failed)


def start(workbench: Workbench, bench: Bench, wanted: Sequence[Wanted], told: str, where: str = CONTROLS) -> None:
    """Try these in the background."""
    seen = benches.compared_with(workbench)

    def work(report: Report) -> None:
        bench.seen = seen
        each = any(one.varies for one in wanted)
        if each:
            bench.trials.begin_each()
        try:
            workbench.tune(wanted, bench.trials, report)
        finally:
            bench.each_tried = bool(bench.trials.each) if each else bench.each_tried

    begin(bench, told, work, where)


def each(workbench: Workbench, bench: Bench, where: str = CONTROLS) -> None:
    """Try each setting in turn, from how the workspace is asked now."""
    wanted = variants(workbench.settings, workbench.embedder().identity.digest)
    start(workbench, bench, wanted, "Trying each setting", where)


def begin(bench: Bench, told: str, work: Callable[[Report], object], where: str) -> None:
    """Begin any work of the laboratory, as the answer to a press. Says who is busy, where somebody is."""
    with frame.told():
        bench.job = resources.jobs(KIND).start(told, work)
        bench.where, bench.failed = where, None
        resources.benches().keep(bench)


def sent(workbench: Workbench, settings: Settings | None) -> None:
    """Where texts go to a server: which ones, before any does."""
    embedder = workbench.embedder()
    if embedder.local or settings is None or settings.method.mode is Mode.LEXICAL:
        return
    texts = words.count(len(workbench.all_questionnaires), "question")
    if settings.method.passages is Passages.START:
        there = sum(r.script.status is Status.APPROVED for r in workbench.catalogue.records.values())
        texts = f"{texts} and the beginnings of {words.count(there, 'script')}"
        if embedder.price:
            most = embedder.price.dollars_per_million_tokens * there * embedder.window / 1e6
            texts = f"{texts}, at most ${most:.2f},"
    st.caption(words.plain(f"The model runs on a server: {texts} will be sent there."))
