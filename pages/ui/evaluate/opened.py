"""One questionnaire of a run: what was expected and where it came, what came instead, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import streamlit as st

from pages.ui import frame, reading, words
from pages.ui.evaluate.choosing import Chosen
from pages.ui.evaluate.headline import in_order
from services.domain.questionnaires import make_questionnaire
from services.domain.results import Hit
from services.domain.runs import DEPTH, Answer, Found, Outcome, Run
from services.domain.scripts import Script, Status
from services.errors import ScriptoriumError
from services.ports import Catalogue
from services.ranking import shared
from services.retrieve import Options
from services.workbench import Workbench

_LIBRARY, _RETRIEVE, _JUDGE = (frame.PAGES / f"{name}.py" for name in ("library", "retrieve", "judge"))
_MOST_WORDS = 12
_LAST = "evaluate_explained"


@dataclass(frozen=True)
class _Why:
    """What an answer is explained by: today's passages, by section and script, and why there are none."""

    hits: Mapping[str, Mapping[str, Hit]]
    problem: str = ""
    # Why they may be others than the run had.
    of_today: str = ""


def show(workbench: Workbench, chosen: Chosen, answer: Answer) -> None:
    """Draw it."""
    run = chosen.run
    with st.container(border=True, key=f"opened_{answer.questionnaire}"):
        if answer.query:
            with st.container(key="reading_quote_asked"):
                st.text(f"“{answer.query}”")
        if answer.outcome in (Outcome.FAILED, Outcome.NOT_RUN):
            st.markdown(f"**{words.plain(answer.cause)}** {words.plain(answer.next_step)}")
        if answer.sections:
            why = _explained(workbench, run, answer)
            if why.problem:
                st.caption(f"The parts that matched cannot be shown just now. {words.plain(why.problem)}")
            elif why.of_today:
                st.caption(f":material/update: {words.plain(why.of_today)}")
            _sections(workbench, run, answer, why)
        _links(answer.questionnaire, is_there=answer.questionnaire in chosen.saved, writable=workbench.writable)


def _sections(workbench: Workbench, run: Run, answer: Answer, why: _Why) -> None:
    columns = st.columns(len(answer.sections), gap="medium") if len(answer.sections) <= 4 else None  # noqa: PLR2004
    for number, section in enumerate(in_order(answer.sections, workbench.settings.sections)):
        with columns[number] if columns else st.container():
            found, known = answer.sections[section], section in workbench.settings.sections
            if known:
                reading.section_heading(section, workbench.settings.sections, words.count(found.ranked, "script"))
            else:
                st.markdown(f"**{words.section(section)}**")
            grades = run.grades.get(answer.questionnaire, {}).get(section, {})
            _expected(workbench, found, grades)
            _came(workbench, run, answer, section, why)


def _expected(workbench: Workbench, found: Found, grades: Mapping[str, int]) -> None:
    """What fits, and where it came in the whole section."""
    wanted = sorted(
        (script for script, grade in grades.items() if grade >= 1),
        key=lambda script: (found.ranks.get(script, found.ranked + 1), script),
    )
    if not wanted:
        st.caption("**Expected**: nothing is judged to fit in this section.")
        return
    lines = ["**Expected**, and where it came"]
    for script in wanted:
        rank = found.ranks.get(script)
        where = f"**{words.ordinal(rank)}**" if rank else "not found"
        lines.append(f"{where} · {_title(workbench, script)} · {'★' * grades[script]}")
    st.caption("  \n".join(lines))


def _came(workbench: Workbench, run: Run, answer: Answer, section: str, why: _Why) -> None:
    """The first scripts; those that nobody expects with the part that matched and the words in common."""
    found, hits = answer.sections[section], why.hits.get(section, {})
    if not found.scripts:
        st.caption("**Nothing came** in this section.")
        return
    grades = run.grades.get(answer.questionnaire, {}).get(section, {})
    st.caption("**What came first**")
    near = found.distances
    for number, script in enumerate(found.scripts[: run.setup.top_k]):
        _one(workbench, (number + 1, script, near[number]), grades.get(script), hits.get(script), answer)


def _one(
    workbench: Workbench, came: tuple[int, str, float | None], grade: int | None, hit: Hit | None, answer: Answer
) -> None:
    rank, script_id, distance = came
    record = workbench.catalogue.records.get(script_id)
    with st.container(key=f"came_{answer.questionnaire}_{script_id}", gap=None):
        if record is None:
            st.markdown(f"{rank}\u2002{words.plain(script_id)}")
            st.caption("Deleted since.")
            return
        label = f"{rank}\u2002{words.plain(record.script.title)}"
        if grade:
            label = f"{rank}\u2002**{words.plain(record.script.title)}**"
        st.page_link(_LIBRARY, label=label, query_params={"script": script_id})
        told = [f"{distance:.3f}" if distance is not None else "", _GRADES[grade]]
        st.caption(" · ".join(filter(None, told)))
        if not grade:
            _because(record.script, hit, answer)


_GRADES = {
    None: "nobody has judged it",
    0: "judged not to fit",
    1: "★ would do",
    2: "★★ fits well",
    3: "★★★ just right",
}


def _because(script: Script, hit: Hit | None, answer: Answer) -> None:
    """Why a script came that nobody expects."""
    if hit is not None:
        text = script.situation if hit.passage.kind == "card" else hit.passage_text
        reading.quote(text, f"{answer.questionnaire}_{script.id}")
    in_common = shared(answer.query, script)
    if in_common:
        more = ", …" if len(in_common) > _MOST_WORDS else ""
        st.caption(f"Words in common: {words.plain(', '.join(in_common[:_MOST_WORDS]))}{more}")
    else:
        st.caption("No word in common with the question: it came by its meaning.")


def _explained(workbench: Workbench, run: Run, answer: Answer) -> _Why:
    """Today's passages for the question as it was put then; looked up once while it is open."""
    key, catalogue = (run.id, answer.questionnaire), workbench.catalogue
    last = cast("tuple[tuple[str, str], Catalogue, _Why] | None", st.session_state.get(_LAST))
    if last is not None and last[0] == key and last[1] is catalogue:
        return last[2]
    why = _looked_up(workbench, run, answer)
    st.session_state[_LAST] = (key, catalogue, why)
    return why


def _looked_up(workbench: Workbench, run: Run, answer: Answer) -> _Why:
    """By the run's mode and statuses; of the rest of its method, only what the workspace has still."""
    asked = make_questionnaire(query=answer.query)
    statuses = tuple(Status(name) for name in run.setup.statuses)
    try:
        with st.spinner("Looking up what matched…"):
            found = workbench.retrieve(asked, Options(top_k=DEPTH, statuses=statuses, mode=run.setup.method.mode))
    except ScriptoriumError as error:
        return _Why({}, str(error))
    hits = {section: {hit.script.id: hit for hit in ranking.hits} for section, ranking in found.sections.items()}
    return _Why(hits, of_today=_of_today(workbench, run))


def _of_today(workbench: Workbench, run: Run) -> str:
    """Why the parts that match today may not be those of the run."""
    method, now = run.setup.method, workbench.settings.method
    differs = replace(method, mode=now.mode, name=now.name, cut_offs=now.cut_offs) != now
    if differs or run.setup.model_digest != workbench.embedder().identity.digest:
        return (
            "The run asked in another way than this workspace does now. The order is the run's; the parts that are "
            "quoted are those that match as of today."
        )
    return ""


def _links(questionnaire: str, *, is_there: bool, writable: bool) -> None:
    if not is_there:
        st.caption("This questionnaire was deleted since.")
        return
    address = {"questionnaire": questionnaire}
    with st.container(horizontal=True):
        st.page_link(_RETRIEVE, label="Ask it on Retrieve", icon=":material/search:", query_params=address)
        if writable:
            st.page_link(_JUDGE, label="Judge what comes", icon=":material/rule:", query_params=address)


def _title(workbench: Workbench, script_id: str) -> str:
    record = workbench.catalogue.records.get(script_id)
    return words.plain(record.script.title if record else script_id)
