"""Asking the model: started by a visit where that is free, else by a button; watched, left and come back to."""

import streamlit as st

from pages.ui import frame, resources, watching, words
from services.domain.checks import Health
from services.errors import Cancelled, ScriptoriumError, WorkspaceBusy
from services.workbench import Workbench

_KIND = "check"


def controls(workbench: Workbench, health: Health) -> None:
    """When the model was asked last, and the button to ask it now; or how far it is."""
    jobs = resources.jobs(_KIND)
    if jobs.current is None and not health.failure and workbench.embedder().local and workbench.check_due():
        _start(workbench)
    if jobs.current is not None:
        if jobs.current.finished:
            _ended(jobs.current.error)
        else:
            watching.until_done(_KIND, cancel="What earlier checks found stays.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Check now", icon=":material/fact_check:", help=_HELP):
            _start(workbench)
            st.rerun()
        asked = words.plain(workbench.embedder().identity.name)
        st.caption(_last(health, asked))


def _last(health: Health, asked: str) -> str:
    if not health.checked:
        return f"{asked} was not asked yet."
    if health.failure:
        return f"{asked} was tried {words.ago(health.checked)}, without an answer."
    return f"{asked} was asked {words.ago(health.checked)}."


_HELP = (
    "Asks the model for the canary sentences, for a sample of stored passages and for the saved questionnaires, and "
    "compares. Takes seconds; a server's model costs a fraction of a cent."
)


def _start(workbench: Workbench) -> None:
    try:
        resources.jobs(_KIND).start("The check", workbench.check)
    except WorkspaceBusy:
        # Another visitor was first, which is as good.
        return


def _ended(error: Exception | None) -> None:
    """What a check found is what the page shows; only why there was none wants saying."""
    if not isinstance(error, ScriptoriumError) or isinstance(error, Cancelled):
        resources.jobs(_KIND).dismiss()
        frame.redraw()
        return
    frame.say(error)
    if st.button("Done", key="check_done"):
        resources.jobs(_KIND).dismiss()
        st.rerun()
