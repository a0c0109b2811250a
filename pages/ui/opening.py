"""The first visit: a large workspace takes seconds to read, and says meanwhile how far it is."""

import time
from collections.abc import Callable

import streamlit as st

from pages.ui import resources
from services.jobs import Job
from services.workbench import Workbench

# A small workspace is open before anybody has seen a bar.
_PATIENCE_SECONDS = 0.3
_LOOK_EVERY_SECONDS = 0.05
_STAGES = {
    "Indexing": "Bringing the search index up to date",
    "Proving": "Trying the new search index",
}


def until_open(workbench: Workbench, meanwhile: Callable[[Workbench, int], None] | None = None) -> None:
    """Bring the workspace up to date with the disk; the first time, with a bar. Raises whatever stands in the way.

    ``meanwhile`` draws what needs no index, once it is known how many scripts there are; it is gone when the workspace
    is open.
    """
    if workbench.is_open:
        workbench.refresh()
        return
    job = resources.opening(workbench)
    place, below, started = st.empty(), st.empty(), time.monotonic()
    while not job.finished:
        if meanwhile is not None and job.total:
            with below.container():
                meanwhile(workbench, job.total)
            meanwhile = None
        if time.monotonic() - started > _PATIENCE_SECONDS:
            place.progress(job.share, text=_told(job))
        time.sleep(_LOOK_EVERY_SECONDS)
    place.empty()
    below.empty()
    if job.error is not None:
        raise job.error


def _told(job: Job[object]) -> str:
    if not job.total:
        return "Opening the workspace…"
    return f"Opening the workspace. {_STAGES.get(job.stage, job.stage)}: {job.done:,} of {job.total:,}."
