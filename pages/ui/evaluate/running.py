"""Asking all questionnaires: begun by a press, watched, left and come back to; what came of it is the run shown."""

from collections.abc import Mapping
from typing import cast

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.evaluate import address
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Run
from services.errors import Cancelled, ScriptoriumError
from services.ground.progress import Report
from services.jobs import Job
from services.workbench import Workbench

KIND = "evaluate"
# Questionnaires by id. Asking the workspace for them looks at every file: once a page run.
Saved = Mapping[str, Questionnaire]
_MINE, _UNKEPT, _NAME = "evaluate_mine", "evaluate_unkept", "evaluate_name"
_CANCEL = "What was asked until then is kept and measured; the other questionnaires count as not run."


def under_way() -> bool:
    """Whether questionnaires are being asked just now."""
    job = resources.jobs(KIND).current
    return job is not None and not job.finished


def outcome() -> None:
    """How far the evaluation is; once it has ended, its run is the one that is shown, or why there is none is said."""
    if under_way():
        watching.until_done(KIND, cancel=_CANCEL)
    mine = cast("Job[object] | None", st.session_state.get(_MINE))
    if mine is not None and mine.finished:
        del st.session_state[_MINE]
        if isinstance(mine.result, Run):
            _show(mine.result)
    job = resources.jobs(KIND).current
    if job is not None and isinstance(job.error, ScriptoriumError):
        _failed(job.error)


def unkept() -> Run | None:
    """The run of this visitor that a read-only workspace does not keep."""
    return cast("Run | None", st.session_state.get(_UNKEPT))


def controls(workbench: Workbench, saved: Saved, *, first: bool = False) -> None:
    """The button, and what the run is to be called; ``first`` where nothing was evaluated yet."""
    if under_way() or not saved:
        return
    st.text_input(
        "Name of the run",
        key=_NAME,
        max_chars=80,
        width=240,
        placeholder="Name, if you like",
        label_visibility="collapsed",
    )
    st.button(
        "Evaluate",
        key="evaluate_start",
        type="primary" if first else "secondary",
        icon=":material/play_arrow:",
        help="Asks every saved questionnaire as this workspace asks, and measures what comes by what is expected and "
        "judged. You may leave the page meanwhile.",
        on_click=_start,
        args=(workbench,),
    )


def _start(workbench: Workbench) -> None:
    name = st.session_state.get(_NAME) or ""
    ask = workbench.evaluate if workbench.writable else workbench.try_out

    def work(report: Report) -> Run:
        return ask(report, name=name)

    with frame.told():
        st.session_state[_MINE] = resources.jobs(KIND).start("The evaluation", work)
        st.session_state[_NAME] = ""


def _show(run: Run) -> None:
    if resources.workbench().writable:
        st.session_state.pop(_UNKEPT, None)
    else:
        st.session_state[_UNKEPT] = run
    address.write(address.RUN, run.id)
    asked = sum(1 for answer in run.answers if answer.outcome != "not_run")
    st.toast(f"Asked {words.count(asked, 'questionnaire')} in {run.seconds:.1f} s.", icon=":material/check:")


def _failed(error: ScriptoriumError) -> None:
    if isinstance(error, Cancelled):
        st.info("**Stopped before anything was asked.** There is no new run; the earlier ones are as they were.")
    else:
        frame.say(error)
    st.button("Dismiss", key="evaluate_dismiss", on_click=resources.jobs(KIND).dismiss)
