"""Asking all questionnaires: begun by a press, watched, left and come back to; what came of it is the run shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import streamlit as st

from pages.ui import frame, resources, signing, watching, words
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
_MINE, _UNKEPT, _NAME, _ENDED = "evaluate_mine", "evaluate_unkept", "evaluate_name", "evaluate_ended"
_UNSIGNED = "The evaluation"
_CANCEL = "What was asked until then is kept and measured; the other questionnaires count as not run."


@dataclass(frozen=True, eq=False)
class Ended:
    """What an evaluation came to."""

    run: Run
    # Somebody said stop when everything had been asked.
    too_late: bool = False

    @property
    def asked(self) -> bool:
        """Whether any questionnaire could be asked; else there is nothing to keep."""
        return self.run.any_asked


def under_way() -> bool:
    """Whether questionnaires are being asked just now."""
    job = resources.jobs(KIND).current
    return job is not None and not job.finished


def outcome() -> None:
    """How far the evaluation is; once it has ended, its run is the one that is shown to whoever began it."""
    job, mine = resources.jobs(KIND).current, cast("Job[object] | None", st.session_state.get(_MINE))
    if job is not None and not job.finished:
        if job is mine or job.name == _called(signing.name(), unsigned=""):
            watching.until_done(KIND, cancel=_CANCEL)
        else:
            told = "Somebody else is evaluating." if job.name == _UNSIGNED else f"{words.plain(job.name)} is under way."
            watching.until_free(KIND, told, how_far=True)
    if mine is not None and mine.finished:
        del st.session_state[_MINE]
        if isinstance(mine.result, Ended):
            _show(mine.result)
    if job is not None and job.finished and isinstance(job.error, ScriptoriumError):
        _failed(job.error)


def ended() -> Ended | None:
    """What this visitor's last evaluation came to, until they put it away."""
    return cast("Ended | None", st.session_state.get(_ENDED))


def put_away() -> None:
    """Say no more of how the last evaluation ended."""
    st.session_state.pop(_ENDED, None)


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
        placeholder="Name of the run (optional)",
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


def work(workbench: Workbench, name: str, report: Report) -> Ended:
    """Ask them all and keep the run, unless none could be asked or the workspace is read-only."""
    run = workbench.try_out(report, name=name)
    found = Ended(run, too_late=run.complete and _stopped(report))
    if found.asked and workbench.writable:
        workbench.keep(run, report)
    return found


def _stopped(report: Report) -> bool:
    try:
        report("Keeping the run", 0, 0)
    except Cancelled:
        return True
    return False


def _start(workbench: Workbench) -> None:
    name = st.session_state.get(_NAME) or ""
    put_away()
    with frame.told():
        st.session_state[_MINE] = resources.jobs(KIND).start(
            _called(signing.name(), unsigned=_UNSIGNED), lambda report: work(workbench, name, report)
        )
        st.session_state[_NAME] = ""


def _called(who: str, *, unsigned: str) -> str:
    return f"{who}'s evaluation" if who else unsigned


def _show(found: Ended) -> None:
    st.session_state[_ENDED] = found
    if not found.asked:
        return
    writable = resources.workbench().writable
    st.session_state[_UNKEPT] = None if writable else found.run
    address.write(address.RUN, found.run.id, aside=not writable)


def _failed(error: ScriptoriumError) -> None:
    if isinstance(error, Cancelled):
        st.info("**Stopped before anything was asked.** There is no new run; the earlier ones are as they were.")
    else:
        frame.say(error)
    st.button("Dismiss", key="evaluate_dismiss", on_click=resources.jobs(KIND).dismiss)
