"""Rebuilding the index from the health page: started, watched, left and come back to."""

import streamlit as st

from pages.ui import frame, resources, words
from services.checks import Health, Mend
from services.errors import ScriptoriumError
from services.reports import Rebuilt
from services.workbench import Workbench

_LOOK_EVERY_SECONDS = 0.5


def controls(workbench: Workbench, health: Health) -> None:
    """The buttons, or how far the rebuild is."""
    jobs = resources.jobs()
    if jobs.current is not None:
        _watch()
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


@st.fragment(run_every=_LOOK_EVERY_SECONDS)
def _watch() -> None:
    jobs = resources.jobs()
    job = jobs.current
    if job is None:
        st.rerun()
    elif not job.finished:
        told = f"{job.stage}: {job.done:,} of {job.total:,}" if job.total else job.stage
        st.progress(job.share, text=f"{told}. You may leave this page.")
    else:
        if not st.session_state.get("rebuild_seen"):
            # Once: the matrix above was drawn before the rebuild ended.
            st.session_state["rebuild_seen"] = True
            st.rerun()
        _outcome(job.result, job.error)
        if st.button("Done", type="primary"):
            jobs.dismiss()
            st.session_state.pop("rebuild_seen", None)
            st.rerun()


def _outcome(result: object, error: Exception | None) -> None:
    if isinstance(error, ScriptoriumError):
        frame.say(error)
    elif isinstance(result, Rebuilt):
        embedded = f", {words.count(result.embedded, 'passage')} embedded" if result.embedded else ", no model called"
        st.success(
            f"Rebuilt and proved in {result.seconds:.1f} s: {words.count(result.records, 'script')}, "
            f"{words.count(result.passages, 'passage')}{embedded}."
        )
