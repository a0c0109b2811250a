"""One change from the page of findings: begun by a press, told when it is done, with the way back."""

from collections.abc import Callable

import streamlit as st

from pages.ui import begun, frame, watching, words
from pages.ui.begun import Work
from services.domain.scripts import Status
from services.domain.settled import Meant
from services.errors import ScriptoriumError
from services.ground.progress import Report
from services.many import Change, Many
from services.workbench import Workbench

_KIND = "settling"
# One script is changed before anybody has seen a bar: waiting that long saves drawing one.
_WAIT_SECONDS = 2.0


def both_meant(workbench: Workbench, bases: dict[str, str], told: str) -> None:
    """Remember that two scripts are both meant, where both are still what was looked at."""
    _begin("Settling", lambda _: workbench.settle(bases), told)


def take_back(workbench: Workbench, pair: tuple[str, str]) -> None:
    """Let two near-duplicates come up again."""
    _begin("Taking back", lambda _: workbench.take_back(pair), "They are near-duplicates to settle again.", back=False)


def become(workbench: Workbench, status: Status, bases: dict[str, str], told: str) -> None:
    """Give scripts another status, those that are still what was looked at."""
    _begin(f"Changing {len(bases):,}", lambda report: workbench.change_many(Change(status=status), bases, report), told)


def outcome(workbench: Workbench) -> None:
    """How far the last change is, or what became of it."""
    work = begun.ended(_KIND)
    if work is None:
        return
    result = work.job.result
    with st.container(border=True):
        if isinstance(work.job.error, ScriptoriumError):
            frame.say(work.job.error)
        if isinstance(result, Many):
            _left(result)
        changed = not isinstance(result, Many) or result.changed
        with st.container(horizontal=True, vertical_alignment="center"):
            if work.job.error is None and changed:
                st.markdown(work.told, width="content")
                _undo(workbench, work)
            begun.dismissible(_KIND)


def _undo(workbench: Workbench, work: Work) -> None:
    result = work.job.result
    if not work.back or not isinstance(result, Many | Meant):
        return
    if isinstance(result, Meant):
        call, arguments = take_back, (workbench, result.pair)
        st.button("Undo", key="settling_undo", icon=":material/undo:", on_click=call, args=arguments)
    else:
        st.button("Undo", key="settling_undo", icon=":material/undo:", on_click=_bring_back, args=(workbench, result))


def _bring_back(workbench: Workbench, many: Many) -> None:
    _begin("Undoing", lambda _: workbench.undo_many(many), "It is as it was before.", back=False)


def _left(many: Many) -> None:
    if many.warning:
        st.warning(words.plain(many.warning))
    for left in many.left:
        st.warning(f"**'{words.plain(left.title)}' was left as it is.** {words.plain(left.reason)}")


def _begin(name: str, work: Callable[[Report], object], told: str, *, back: bool = True) -> None:
    with frame.told():
        watching.wait_a_little(begun.begin(_KIND, name, work, told, back=back), _WAIT_SECONDS)
