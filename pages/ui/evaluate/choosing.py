"""Which run is looked at, and which one it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import apart, frame, moments, words
from pages.ui.evaluate import address, numbers, running
from pages.ui.evaluate.running import Saved
from services.domain.runs import Run
from services.errors import InvalidInput
from services.gate import MEASURE
from services.ports import RunSummary
from services.workbench import Workbench

_SHOWN = "evaluate_shown"


@dataclass(frozen=True, eq=False)
class Chosen:
    """What is looked at: a run, the one before it where two are compared, and all that are kept, the newest first."""

    run: Run
    before: Run | None
    summaries: Sequence[RunSummary]
    baseline: str
    # The questionnaires of today, by id.
    saved: Saved

    @property
    def kept(self) -> bool:
        """Whether the run is among those that are kept."""
        return any(summary.id == self.run.id for summary in self.summaries)


def choose(workbench: Workbench, kept: Sequence[RunSummary], saved: Saved) -> Chosen | None:
    """Draw both choices; None where the chosen run cannot be read, which is said."""
    baseline, extra = workbench.runs.baseline, running.unkept()
    summaries = [RunSummary.of(extra), *kept] if extra is not None else list(kept)
    by_id, not_kept = {summary.id: summary for summary in summaries}, extra.id if extra is not None else ""
    labels = apart.by_id({i: label(summary, baseline, summaries) for i, summary in by_id.items()})
    _unknown(by_id)
    # Somebody else's run that has come in the meantime takes nobody away from what they read.
    stays = "" if frame.arrived() else st.session_state.get(_SHOWN, "")
    key = address.choice(address.RUN, list(by_id), stays if stays in by_id else summaries[0].id)
    run_id = st.selectbox(
        "Run",
        list(by_id),
        key=key,
        format_func=labels.__getitem__,
        on_change=address.chosen,
        args=(address.RUN, not_kept),
    )
    st.session_state[_SHOWN] = run_id
    others = [i for i in by_id if i != run_id]
    key = address.choice(address.BEFORE, others, None)
    before_id = st.selectbox(
        "Compared with",
        others,
        index=None,
        key=key,
        format_func=labels.__getitem__,
        placeholder="No other run" if others else "There is no other run yet",
        disabled=not others,
        on_change=address.chosen,
        args=(address.BEFORE, not_kept),
    )
    found = [_get(workbench, extra, i) for i in (run_id, before_id) if i]
    if None in found or found[0] is None:
        return None
    return Chosen(found[0], found[1] if before_id else None, kept, baseline, saved)


def label(summary: RunSummary, baseline: str, among: Sequence[RunSummary]) -> str:
    """A run in one line: when it was, what it is called, in what it is not like the others, and its first figure."""
    figure, setup = summary.figures.overall.get(MEASURE), summary.setup
    told = [
        moments.exact(summary.time),
        summary.name,
        setup.method.name if len({one.setup.method.name for one in among}) > 1 else "",
        setup.model_name if len({one.setup.model_name for one in among}) > 1 else "",
        f"{MEASURE} {numbers.value(figure)}" if figure and figure.value is not None else "nothing measured",
        "" if summary.complete else "stopped early",
        "baseline" if summary.id == baseline else "",
    ]
    return " · ".join(filter(None, told))


def _unknown(by_id: dict[str, RunSummary]) -> None:
    for name in (address.RUN, address.BEFORE):
        said = address.read(name)
        if said and said not in by_id:
            st.warning(f"There is no run '{words.plain(said[:80])}' here. It may have been deleted.")


def _get(workbench: Workbench, extra: Run | None, run_id: str) -> Run | None:
    if extra is not None and extra.id == run_id:
        return extra
    try:
        return workbench.runs.get(run_id)
    except InvalidInput as error:
        st.warning(f"**{words.plain(error.cause)}** {words.plain(error.next_step)}")
        return None
