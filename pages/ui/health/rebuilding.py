"""Rebuilding the index, and all other work on the model: started, watched, left and come back to."""

from dataclasses import dataclass

import streamlit as st

from pages.ui import frame, resources, watching, words
from services.domain.checks import Health, Mend
from services.domain.reports import Rebuilt
from services.domain.settings import EmbedderSettings
from services.errors import ScriptoriumError
from services.ground.progress import Report
from services.jobs import Job
from services.wiring import EMBEDDERS
from services.workbench import Workbench

_MODEL = frame.PAGES / "model.py"


@dataclass(frozen=True)
class Ended:
    """What came of the work, and what it did in words: 'Rebuilt and proved', 'Changed to hashing'."""

    did: str
    built: Rebuilt


def controls(workbench: Workbench, health: Health) -> None:
    """How far the work is; else what came of the last, and the buttons."""
    if under_way():
        return
    outcome()
    embedder = workbench.settings.embedder.name
    wanted = {cell.mend for collection in health.collections for cell in collection.cells if not cell.fine}
    everything = Mend.EMBED_ALL in wanted
    needs_model = everything or Mend.EMBED in wanted or bool(health.left_out)
    maker = workbench.models.maker(EMBEDDERS) if needs_model and workbench.writable else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if maker is not None:
            ask_again(workbench, maker)
        if (
            needs_model
            and workbench.writable
            and st.button(
                "Embed anew and rebuild",
                # A name of its own: a press while the page is drawn anew with another help text is not lost.
                key="embed_anew",
                type="secondary" if maker else "primary",
                icon=":material/model_training:",
                help=f"Embeds {'all scripts' if everything else 'every script that needs it'} with {embedder}, "
                "proves the new index, switches to it, and checks once more.",
            )
        ):
            _start(workbench, embedder, everything=everything)
        if st.button(
            "Rebuild the index",
            key="rebuild_index",
            icon=":material/refresh:",
            help="Builds a new index from the vectors that the records keep, proves it, and switches to it. "
            "No model is called.",
        ):
            _start(workbench, "", everything=False)
        if needs_model and not workbench.embedder().local:
            st.page_link(_MODEL, label="See what embedding anew costs", icon=":material/calculate:")


def ask_again(workbench: Workbench, maker: EmbedderSettings) -> None:
    """The cheap way out of a mismatch: somebody has changed who asks, and the scripts are as they were."""
    name = words.model(workbench.models.identity(maker))
    told = "The scripts carry its vectors: nothing is embedded."
    if st.button(f"Ask with {name} again", key="ask_again", type="primary", icon=":material/undo:", help=told):
        with frame.told():
            resources.jobs().start(
                "The change of the model", lambda report: Ended(f"Set back to {name}", workbench.change(maker, report))
            )
            st.rerun()


def _start(workbench: Workbench, embedder: str, *, everything: bool) -> None:
    def work(report: Report) -> Ended:
        return Ended("Rebuilt and proved", workbench.rebuild(embedder, report, everything=everything))

    with frame.told():
        resources.jobs().start("The rebuild", work)
        st.rerun()


def under_way() -> bool:
    """Draw how far a rebuild or a change of the model is; False where none is under way."""
    job = resources.jobs().current
    if job is None or job.finished:
        return False
    watching.until_done("rebuild", cancel="Nothing changes, and what was embedded is kept.")
    return True


def outcome() -> None:
    """What came of the last work, until that is read."""
    jobs = resources.jobs()
    job = jobs.current
    if job is None or not job.finished:
        return
    seen = st.session_state.get("rebuild_seen") is job
    if not seen:
        # Once: the rest of the page may have been drawn before it ended.
        st.session_state["rebuild_seen"] = job
        frame.redraw()
    _say(job)
    if st.button("Done"):
        jobs.dismiss()
        st.session_state.pop("rebuild_seen", None)
        st.rerun()


def failure() -> str:
    """Why the last work failed, while that is on the page; empty where it did not."""
    job = resources.jobs().current
    return str(job.error) if job is not None and job.finished and job.error is not None else ""


def _say(job: Job[object]) -> None:
    if job.cancelled:
        st.info("**Cancelled.** Nothing has changed, and what was embedded is kept.", icon=":material/stop_circle:")
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)
    elif isinstance(job.result, Ended):
        did, built = job.result.did, job.result.built
        embedded = f"{words.count(built.embedded, 'passage')} embedded" if built.embedded else "no model called"
        st.success(
            f"{words.plain(did)} in {job.seconds:.1f} s: {words.count(built.records, 'script')}, "
            f"{words.count(built.passages, 'passage')}, {embedded}."
        )
