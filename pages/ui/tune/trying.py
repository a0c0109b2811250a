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
from services.tuning import Wanted
from services.workbench import Workbench

KIND = "tune"
_CANCEL = "What was tried until then is kept. Nothing in the workspace has changed."


def take_note(bench: Bench) -> None:
    """Of what has ended since the page was drawn last."""
    job = bench.job
    if job is not None and job.finished:
        bench.job, bench.failed = None, job.error


def waits(bench: Bench) -> bool:
    """Whether nothing can be begun just now: one laboratory works at a time."""
    return bench.job is not None or watching.others_work(KIND, bench.job)


def progress(bench: Bench) -> None:
    """How far it is, or that somebody else is at work; else why the last came to nothing."""
    if bench.job is not None:
        watching.until_done(KIND, cancel=_CANCEL)
    elif waits(bench):
        watching.until_free(KIND, "Somebody else is trying something in this workspace.")
    elif isinstance(bench.failed, Cancelled):
        st.info("**Stopped.** What was tried until then is below.", icon=":material/stop_circle:")
    elif isinstance(bench.failed, ScriptoriumError):
        frame.say(bench.failed)


def start(workbench: Workbench, bench: Bench, wanted: Sequence[Wanted], told: str) -> None:
    """Try these in the background."""
    seen = benches.compared_with(workbench)

    def work(report: Report) -> None:
        bench.seen = seen
        if any(one.varies for one in wanted):
            bench.trials.begin_each()
        workbench.tune(wanted, bench.trials, report)

    begin(bench, told, work)


def begin(bench: Bench, told: str, work: Callable[[Report], object]) -> None:
    """Begin any work of the laboratory, as the answer to a press. Says who is busy, where somebody is."""
    with frame.told():
        bench.job = resources.jobs(KIND).start(told, work)
        bench.failed = None
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
