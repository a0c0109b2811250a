"""How far background work is: the bar, the way to stop it, and the page drawn anew once it has ended."""

import time
from collections.abc import Callable

import streamlit as st

from pages.ui import resources
from services.jobs import Job

LOOK_EVERY_SECONDS = 0.5
# Most work has ended within: then no bar flickers.
_PATIENCE_SECONDS = 0.5


def until_done(kind: str, *, cancel: str = "") -> None:
    """Draw the progress of this kind of work; once it has ended, the page."""
    _watch(kind, lambda job: progress(job, cancel), [True])


def until_free(kind: str, told: str, *, how_far: bool = False) -> None:
    """Wait for somebody else's work, without a word of what it is about, or with ``how_far`` it is; then the page."""

    def draw(job: Job[object]) -> None:
        far = f" {job.done:,} of {job.total:,} so far." if how_far and job.total else ""
        st.info(f"{told}{far} One runs at a time: you may begin as soon as it has ended.")

    _watch(kind, draw, [True])


@st.fragment(run_every=LOOK_EVERY_SECONDS)
def _watch(kind: str, draw: Callable[[Job[object]], object], within_page: list[bool]) -> None:
    # Within the page's own run a rerun would lose the press of a button further down: the next look will do.
    first = within_page.pop() if within_page else False
    job = resources.jobs(kind).current
    if job is not None and not job.finished:
        draw(job)
    elif not first:
        st.rerun()


def progress(job: Job[object], cancel: str = "") -> None:
    """The bar; and a button that stops the work, where ``cancel`` says what that means."""
    told = f"{job.stage}: {job.done:,} of {job.total:,}" if job.total else job.stage
    st.progress(job.share, text=f"{told}. You may leave this page.")
    if job.cancelling:
        st.caption("Stopping at the next step…")
    elif cancel:
        # Called before anything is drawn, so that what is drawn says it; a rerun of the fragment alone is refused
        # where the press came with a run of the whole page.
        st.button("Cancel", help=cancel, on_click=job.cancel)


def wait_a_little(job: Job[object], seconds: float = _PATIENCE_SECONDS) -> None:
    """Until it has ended, at most so long: what is done by then needs no bar."""
    until = time.monotonic() + seconds
    while not job.finished and time.monotonic() < until:
        time.sleep(0.01)


def others_work(kind: str, mine: Job[object] | None) -> bool:
    """Whether work of this kind is under way that somebody else has begun."""
    current = resources.jobs(kind).current
    return current is not None and not current.finished and current is not mine
