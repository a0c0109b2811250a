"""One change from the page of findings: begun by a press, told when it is done, with the way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from pages.ui import begun, frame, watching
from pages.ui.begun import Work
from pages.ui.library.many import told_of_left
from services.domain.scripts import Status
from services.domain.settled import Meant
from services.errors import ScriptoriumError
from services.ground.progress import Report
from services.many import Change, Many
from services.workbench import Workbench

_KIND = "settling"
# One script is changed before anybody has seen a bar: waiting that long saves drawing one.
_WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class _Became:
    """Scripts with another status, and how that is told: of those that have changed, not of those that were to."""

    many: Many
    told: str


def both_meant(workbench: Workbench, bases: dict[str, str], told: str) -> None:
    """Remember that two scripts are both meant, where both are still what was looked at."""
    _begin("Settling", lambda _: workbench.settle(bases), told)


def take_back(workbench: Workbench, pair: tuple[str, str]) -> None:
    """Let two near-duplicates come up again."""
    _begin("Taking back", lambda _: workbench.take_back(pair), "They are near-duplicates to settle again.", back=False)


def become(
    workbench: Workbench,
    status: Status,
    bases: Mapping[str, str],
    told: Callable[[int], str],
    kept: Mapping[str, str] | None = None,
) -> None:
    """Give scripts another status, those that are still what was looked at; ``told`` by how many there were.

    ``kept``: in whose favour. Where those are not what was looked at any more, nothing is changed.
    """

    def change(report: Report) -> _Became:
        many = workbench.change_many(Change(status=status), bases, report, kept=kept)
        return _Became(many, told(many.changed))

    _begin(f"Changing {len(bases):,}", change, "")


def outcome(workbench: Workbench) -> None:
    """How far the last change is, or what became of it."""
    work = begun.ended(_KIND)
    if work is None:
        return
    became = work.job.result
    result, told = (became.many, became.told) if isinstance(became, _Became) else (became, work.told)
    with st.container(border=True):
        if isinstance(work.job.error, ScriptoriumError):
            frame.say(work.job.error)
        if isinstance(result, Many):
            told_of_left(result)
        changed = not isinstance(result, Many) or result.changed
        with st.container(horizontal=True, vertical_alignment="center"):
            if work.job.error is None and changed:
                st.markdown(told, width="content")
                _undo(workbench, work, result)
            begun.dismissible(_KIND)


def _undo(workbench: Workbench, work: Work, result: object) -> None:
    if not work.back or not isinstance(result, Many | Meant):
        return
    if isinstance(result, Meant):
        call, arguments = take_back, (workbench, result.pair)
        st.button("Undo", key="settling_undo", icon=":material/undo:", on_click=call, args=arguments)
    else:
        st.button("Undo", key="settling_undo", icon=":material/undo:", on_click=_bring_back, args=(workbench, result))


def _bring_back(workbench: Workbench, many: Many) -> None:
    _begin("Undoing", lambda _: workbench.undo_many(many), "It is as it was before.", back=False)


def _begin(name: str, work: Callable[[Report], object], told: str, *, back: bool = True) -> None:
    with frame.told():
        watching.wait_a_little(begun.begin(_KIND, name, work, told, back=back), _WAIT_SECONDS)
