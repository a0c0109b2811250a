"""Rebuilding the index from the health page: started, watched, left and come back to."""

import streamlit as st

from pages.ui import frame, resources, watching, words
from services.checks import Health, Mend
from services.errors import ScriptoriumError
from services.jobs import Job
from services.reports import Rebuilt
from services.workbench import Workbench


def controls(workbench: Workbench, health: Health) -> None:
    """The buttons, or how far the rebuild is."""
    jobs = resources.jobs()
    if jobs.current is not None:
        watch()
        return
    embedder = workbench.settings.embedder.name
    wanted = {cell.mend for collection in health.collections for cell in collection.cells if not cell.fine}
    everything = Mend.EMBED_ALL in wanted
    needs_model = everything or Mend.EMBED in wanted or bool(health.left_out)
    with st.container(horizontal=True, vertical_alignment="center"):
        if (
            needs_model
            and workbench.writable
            and st.button(
                "Embed anew and rebuild",
                type="primary",
                icon=":material/model_training:",
                help=f"Embeds {'all scripts' if everything else 'every script that needs it'} with {embedder}, "
                "proves the new index, switches to it, and checks once more.",
            )
        ):
            _start(workbench, embedder, everything=everything)
        if st.button(
            "Rebuild the index",
            icon=":material/refresh:",
            help="Builds a new index from the vectors that the records keep, proves it, and switches to it. "
            "No model is called.",
        ):
            _start(workbench, "", everything=False)


def _start(workbench: Workbench, embedder: str, *, everything: bool) -> None:
    with frame.told():
        resources.jobs().start("The rebuild", lambda report: workbench.rebuild(embedder, report, everything=everything))
        st.rerun()


@st.fragment(run_every=watching.LOOK_EVERY_SECONDS)
def watch() -> None:
    """How far a rebuild or a change of the model is; what came of it, until that is read."""
    jobs = resources.jobs()
    job = jobs.current
    if job is None:
        st.rerun()
    elif not job.finished:
        watching.progress(job, "Nothing changes, and what was embedded is kept.")
    else:
        if not st.session_state.get("rebuild_seen"):
            # Once: the rest of the page was drawn before it ended.
            st.session_state["rebuild_seen"] = True
            st.rerun()
        _outcome(job)
        if st.button("Done", type="primary"):
            jobs.dismiss()
            st.session_state.pop("rebuild_seen", None)
            st.rerun()


def _outcome(job: Job[object]) -> None:
    if job.cancelled:
        st.info("**Cancelled.** Nothing has changed, and what was embedded is kept.", icon=":material/stop_circle:")
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)
    elif isinstance(job.result, Rebuilt):
        found = job.result
        embedded = f"{words.count(found.embedded, 'passage')} embedded" if found.embedded else "no model called"
        st.success(
            f"Rebuilt and proved in {found.seconds:.1f} s: {words.count(found.records, 'script')}, "
            f"{words.count(found.passages, 'passage')}, {embedded}."
        )
