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


def under_way(bench: Bench) -> bool:
    """Whether something of this laboratory is being tried; what has ended is taken note of."""
    job = bench.job
    if job is None or not job.finished:
        return job is not None
    bench.job = None
    bench.failed = job.error
    return False


def progress(bench: Bench) -> None:
    """How far it is; else why the last came to nothing."""
    if bench.job is not None:
        watching.until_done(KIND, cancel=_CANCEL)
    elif isinstance(bench.failed, Cancelled):
        st.info("**Stopped.** What was tried until then is below.", icon=":material/stop_circle:")
    elif isinstance(bench.failed, ScriptoriumError):
        frame.say(bench.failed)


def start(workbench: Workbench, bench: Bench, wanted: Sequence[Wanted], told: str) -> None:
    """Try these in the background."""

    def work(report: Report) -> None:
        if any(one.varies for one in wanted):
            bench.trials.begin_each()
        workbench.tune(wanted, bench.trials, report)

    begin(workbench, bench, told, work)


def begin(workbench: Workbench, bench: Bench, told: str, work: Callable[[Report], object]) -> None:
    """Begin any work of the laboratory. Says who is busy, where somebody is."""
    with frame.told():
        seen = benches.now(workbench)
        bench.job = resources.jobs(KIND).start(told, work)
        bench.failed, bench.seen = None, seen
        st.rerun()


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
    st.caption(words.plain(f"The model runs on a server: {texts} will be sent there.."))
