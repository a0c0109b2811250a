"""Where a judge is: the questionnaire and section in the address, and what this session has seen there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import frame
from services.domain.questionnaires import Questionnaire
from services.workbench import Workbench

JUDGE, OVERVIEW = "judge", "overview"
_OPENED, _SKIPPED, _TRAIL, _SHOWN = "judge_opened", "judge_skipped", "judge_trail", "judge_shown"


@dataclass(frozen=True)
class Place:
    """A section as an answer to a questionnaire."""

    questionnaire: str
    section: str


def saved(workbench: Workbench) -> dict[str, Questionnaire]:
    """The questionnaires by id, in the order of their titles."""
    return dict(sorted(workbench.all_questionnaires.items(), key=lambda item: (item[1].title.lower(), item[0])))


def here(workbench: Workbench, questionnaires: Collection[str]) -> Place:
    """What the address names; where it names nothing that is there, what the workbench opens with."""
    if script := st.query_params.get("script", ""):
        # A link may name a candidate. It is looked at once, and not again after it is judged.
        st.session_state[_OPENED] = script
        del st.query_params["script"]
        if script in workbench.catalogue.records:
            # A script is an answer in its own section, whatever the link says.
            st.query_params["section"] = workbench.catalogue.records[script].script.section
    asked, section = st.query_params.get("questionnaire", ""), st.query_params.get("section", "")
    first = workbench.settings.opens_with
    if asked not in questionnaires:
        asked = first if first in questionnaires else next(iter(questionnaires))
    sections = workbench.settings.sections
    return Place(asked, section if section in sections else sections[0])


def view() -> str:
    """Whether judging is looked at or what has come of it."""
    return OVERVIEW if st.query_params.get("view") == OVERVIEW else JUDGE


def unknown(questionnaires: Collection[str]) -> str:
    """What the address calls a questionnaire and is none; empty where there is no such thing."""
    asked = st.query_params.get("questionnaire", "")
    return "" if asked in questionnaires else asked


def go(place: Place, script: str = "") -> None:
    """Judge there, where one is named this candidate first."""
    st.query_params.from_dict({"questionnaire": place.questionnaire, "section": place.section})
    st.session_state[_OPENED] = script


def current(place: Place, pool: Sequence[str], judged: Collection[str]) -> str:
    """The candidate that is looked at: the one that was asked for, else the next; empty where none is left."""
    opened: str = st.session_state.get(_OPENED, "")
    skipped = skipped_at(place)
    return opened or next((script for script in pool if script not in judged and script not in skipped), "")


def passed(place: Place, script: str, *, skipped: bool = False) -> None:
    """This candidate has been dealt with: on to the next."""
    _open("")
    _trail().append((place, script))
    if skipped:
        st.session_state.setdefault(_SKIPPED, set()).add((place, script))
    else:
        st.session_state.get(_SKIPPED, set()).discard((place, script))


def last(place: Place) -> str:
    """The candidate that was dealt with last at this place; empty where there was none."""
    trail = _trail()
    return trail[-1][1] if trail and trail[-1][0] == place else ""


def back(place: Place) -> None:
    """Look at the last one again."""
    if last(place):
        _open(_trail().pop()[1])


def moved(place: Place, script: str) -> bool:
    """Whether another candidate is shown than a moment ago."""
    now, before = (place, script), st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = now
    return bool(before != now or frame.arrived())


def leave() -> None:
    """Go on with the next candidate."""
    _open("")


def skipped_at(place: Place) -> set[str]:
    """What was put aside here."""
    return {script for where, script in st.session_state.get(_SKIPPED, set()) if where == place}


def bring_back_skipped(place: Place) -> None:
    """Have what was put aside come up again."""
    st.session_state[_SKIPPED] = {one for one in st.session_state.get(_SKIPPED, set()) if one[0] != place}


def _open(script: str) -> None:
    st.session_state[_OPENED] = script


def _trail() -> list[tuple[Place, str]]:
    trail: list[tuple[Place, str]] = st.session_state.setdefault(_TRAIL, [])
    return trail
