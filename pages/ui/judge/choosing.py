"""Where to judge: the questionnaire, the section, or whatever wants judging next."""

import contextlib
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import apart, resources, words
from pages.ui.judge import place
from pages.ui.judge.place import Place
from services.domain.questionnaires import Questionnaire
from services.errors import WorkspaceBusy
from services.ground.progress import Report
from services.judge import Progress
from services.workbench import Workbench

KIND = "judging"
Saved = Mapping[str, Questionnaire]
# How much is judged, by questionnaire and section, as far as the candidates are found.
Done = Mapping[str, Mapping[str, Progress]]
_QUESTIONNAIRE, _SECTION, _VIEW = "judge_questionnaire", "judge_section", "judge_view"
_VIEWS = {place.JUDGE: "Judge", place.OVERVIEW: "Overview"}
_NEXT = "Next that wants judging"


def view() -> str:
    """Draw the two sides of the page; the one that is looked at."""
    st.session_state[_VIEW] = place.view()
    st.segmented_control(
        "What to look at",
        list(_VIEWS),
        format_func=_VIEWS.__getitem__,
        required=True,
        key=_VIEW,
        label_visibility="collapsed",
        on_change=_look_at,
    )
    return place.view()


def choose(workbench: Workbench, saved: Saved, done: Done) -> Place:
    """Draw what can be chosen; what is."""
    if unknown := place.unknown(saved):
        named = words.plain(unknown[:80])
        st.warning(f"There is no questionnaire '{named}' here. It may have been renamed or deleted.")
    where = place.here(workbench, saved)
    sections = filled(workbench)
    titles = apart.by_id({i: questionnaire.title or i for i, questionnaire in saved.items()})
    labels = {i: title + _told(done.get(i, {}), sections) for i, title in titles.items()}
    st.session_state[_QUESTIONNAIRE], st.session_state[_SECTION] = where.questionnaire, where.section
    with st.container(horizontal=True, vertical_alignment="bottom", key="judge_choice"):
        st.selectbox("Questionnaire", list(saved), format_func=labels.__getitem__, key=_QUESTIONNAIRE, on_change=_move)
        st.segmented_control(
            "Section",
            workbench.settings.sections,
            format_func=words.section,
            required=True,
            key=_SECTION,
            on_change=_move,
        )
        further = following(workbench, where, saved, done)
        if further is not None:
            icon = ":material/arrow_forward:"
            st.button(_NEXT, key="judge_next", icon=icon, shortcut="N", on_click=place.go, args=(further,))
    return where


def following(workbench: Workbench, where: Place, saved: Saved, done: Done) -> Place | None:
    """The next place, after this one and from the beginning again, where this person has something left to judge.

    Where candidates are not found yet, there is.
    """
    sections = filled(workbench)
    places = [Place(i, section) for i, one in saved.items() if not one.is_empty for section in sections]
    at = places.index(where) + 1 if where in places else 0
    for one in (*places[at:], *places[:at]):
        known = done.get(one.questionnaire, {}).get(one.section)
        if one != where and (known is None or not known.done):
            return one
    return None


def filled(workbench: Workbench) -> Sequence[str]:
    """The sections that have scripts."""
    return [section for section in workbench.settings.sections if workbench.catalogue.sizes.get(section)]


def prepare(workbench: Workbench, saved: Saved, done: Done, *, begin: bool) -> bool:
    """Have the candidates of all questionnaires found, where that costs nothing but time; whether they all are.

    ``begin``: somebody waits for them.
    """
    sections = filled(workbench)
    if all(section in done.get(i, {}) for i, one in saved.items() if not one.is_empty for section in sections):
        return True
    job = resources.jobs(KIND).current
    # What could not be found is not looked for again by itself; what has changed since is.
    begins = job is None or (job.finished and job.error is None and job.result != _basis(workbench))
    if begin and begins and workbench.embedder().local:
        find(workbench)
    return False


def find(workbench: Workbench) -> None:
    """Begin to find the candidates of all questionnaires; another visitor may have begun just now."""

    def work(report: Report) -> object:
        basis = _basis(workbench)
        workbench.find_candidates(report)
        return basis

    with contextlib.suppress(WorkspaceBusy):
        resources.jobs(KIND).start("Looking for candidates", work)


def _basis(workbench: Workbench) -> tuple[object, ...]:
    return id(workbench.catalogue), dict(workbench.all_questionnaires), workbench.settings


def _told(done: Mapping[str, Progress], sections: Sequence[str]) -> str:
    """How many of a questionnaire's candidates are judged, where all of them are known."""
    if not sections or any(section not in done for section in sections):
        return ""
    judged, total = sum(one.judged for one in done.values()), sum(one.pool for one in done.values())
    return f" · {judged:,} of {total:,} judged"


def _look_at() -> None:
    if st.session_state[_VIEW] == place.OVERVIEW:
        st.query_params["view"] = place.OVERVIEW
    else:
        st.query_params.pop("view", None)


def _move() -> None:
    place.go(Place(st.session_state[_QUESTIONNAIRE], st.session_state[_SECTION]))
