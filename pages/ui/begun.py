"""A change that this session has begun: watched, and kept until what became of it is dismissed."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.ui import resources, watching
from services.ground.progress import Report
from services.jobs import Job


@dataclass(frozen=True)
class Work:
    """How it is told, and whether there is a way back from it."""

    job: Job[object]
    told: str
    back: bool


def begin(kind: str, name: str, work: Callable[[Report], object], told: str, *, back: bool) -> Job[object]:
    """Begin it in place of what was begun before. Raises ``WorkspaceBusy``."""
    job = resources.jobs(kind).start(name, work)
    st.session_state[_key(kind)] = Work(job, told, back)
    return job


def ended(kind: str) -> Work | None:
    """What was begun last, once it has ended and until it is dismissed; before that, how far it is."""
    work: Work | None = st.session_state.get(_key(kind))
    if work is not None and not work.job.finished:
        watching.until_done(kind)
        return None
    return work


def dismissible(kind: str) -> None:
    """The button that puts the outcome away."""
    st.button("Dismiss", key=f"{kind}_dismiss", on_click=_dismiss, args=(kind,))


def _dismiss(kind: str) -> None:
    st.session_state.pop(_key(kind), None)


def _key(kind: str) -> str:
    return f"{kind}_work"
