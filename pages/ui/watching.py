"""How far background work is: the bar, the way to stop it, and the page drawn anew once it has ended."""

import streamlit as st

from pages.ui import resources
from services.jobs import Job

LOOK_EVERY_SECONDS = 0.5


@st.fragment(run_every=LOOK_EVERY_SECONDS)
def until_done(kind: str, *, cancel: str = "") -> None:
    """Draw the progress of this kind of work; once it has ended, the page."""
    job = resources.jobs(kind).current
    if job is None or job.finished:
        st.rerun()
    else:
        progress(job, cancel)


def progress(job: Job[object], cancel: str = "") -> None:
    """The bar; and a button that stops the work, where ``cancel`` says what that means."""
    told = f"{job.stage}: {job.done:,} of {job.total:,}" if job.total else job.stage
    st.progress(job.share, text=f"{told}. You may leave this page.")
    if job.cancelling:
        st.caption("Stopping at the next step…")
    elif cancel and st.button("Cancel", help=cancel):
        job.cancel()
        st.rerun(scope="fragment")
