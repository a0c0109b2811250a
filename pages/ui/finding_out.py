"""What takes a while to be known the first time: looked for in the background, for everybody who wants to know."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from pages.ui import frame, resources, watching
from services.errors import ScriptoriumError, WorkspaceBusy
from services.ground.progress import Report

_Known = TypeVar("_Known")


def known(kind: str, ask: Callable[[], _Known | None], name: str, work: Callable[[Report], object]) -> _Known | None:
    """What ``ask`` tells, for which ``work`` is done where it tells None; until then None, and how far it is is drawn.

    Work that failed is not begun again unless somebody presses for it.
    """
    found = ask()
    if found is not None:
        return found
    jobs = resources.jobs(kind)
    job = jobs.current
    if job is not None and job.finished and isinstance(job.error, ScriptoriumError):
        frame.say(job.error)
        st.button("Look again", key=f"{kind}_again", icon=":material/refresh:", on_click=jobs.dismiss)
        return None
    with contextlib.suppress(WorkspaceBusy):
        jobs.start(name, work)
    if jobs.current is not None:
        watching.wait_a_little(jobs.current)
    found = ask()
    if found is None:
        watching.until_done(kind)
    return found
