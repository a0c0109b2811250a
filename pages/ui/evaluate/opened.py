"""One questionnaire of a run: what was expected and where it came, what came instead, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.ui import frame, reading, words
from pages.ui.evaluate.choosing import Chosen
from pages.ui.evaluate.explaining import Why, explained, since_then
from pages.ui.evaluate.headline import in_order
from services.domain.between import Differing
from services.domain.results import Hit
from services.domain.runs import Answer, Found, Outcome, Run
from services.domain.scripts import Script
from services.ranking import by_distance, shared
from services.workbench import Workbench

_LIBRARY, _RETRIEVE, _JUDGE = (frame.PAGES / f"{name}.py" for name in ("library", "retrieve", "judge"))
_MOST_WORDS = 12


@dataclass(frozen=True)
class _Because:
    """What one script of an answer is explained by."""

    questionnaire: str
    # The words that were compared.
    words: str
    # The part that matches; None where there is none.
    hit: Hit | None
    # What has become of the script since the run.
    change: Differing | None


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
            why = explained(workbench, run, answer, chosen.saved)
            for note in why.notes:
                st.caption(f":material/update: {words.plain(note)}")
            _sections(workbench, run, answer, why)
        _links(answer.questionnaire, is_there=answer.questionnaire in chosen.saved, writable=workbench.writable)


def _sections(workbench: Workbench, run: Run, answer: Answer, why: Why) -> None:
    columns = st.columns(len(answer.sections), gap="medium") if len(answer.sections) <= 4 else None  # noqa: PLR2004
    for number, section in enumerate(in_order(answer.sections, workbench.settings.sections)):
        with columns[number] if columns else st.container():
            found, known = answer.sections[section], section in workbench.settings.sections
            if known:
                reading.section_heading(section, workbench.settings.sections, words.count(found.ranked, "script"))
            else:
                st.markdown(f"**{words.section(section)}**")
            grades = run.grades.get(answer.questionnaire, {}).get(section, {})
            _expected(workbench, found, grades, why)
            _came(workbench, run, answer, section, why)


def _expected(workbench: Workbench, found: Found, grades: Mapping[str, int], why: Why) -> None:
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
        change = why.changed.get(script)
        told = [where, _title(workbench, script, change), "★" * grades[script], since_then(change)]
        lines.append(" · ".join(filter(None, told)))
    st.caption("  \n".join(lines))


def _came(workbench: Workbench, run: Run, answer: Answer, section: str, why: Why) -> None:
    """The first scripts; those that nobody expects with the part that matched and the words in common."""
    found, hits = answer.sections[section], why.hits.get(section, {})
    if not found.scripts:
        st.caption("**Nothing came** in this section.")
        return
    grades = run.grades.get(answer.questionnaire, {}).get(section, {})
    st.caption("**What came first**")
    # Beside scripts that something else ranked, distances out of order would mislead.
    near = found.distances if by_distance(run.setup.method) else [None] * len(found.scripts)
    for number, script in enumerate(found.scripts[: run.setup.top_k]):
        because = _Because(answer.questionnaire, why.words, hits.get(script), why.changed.get(script))
        _one(workbench, (number + 1, script, near[number]), grades.get(script), because)


def _one(workbench: Workbench, came: tuple[int, str, float | None], grade: int | None, because: _Because) -> None:
    rank, script_id, distance = came
    record = workbench.catalogue.records.get(script_id)
    with st.container(key=f"came_{because.questionnaire}_{script_id}", gap=None):
        if record is None:
            st.markdown(f"{rank}\u2002{_title(workbench, script_id, because.change)}")
            st.caption("Deleted since.")
            return
        label = f"{rank}\u2002{words.plain(record.script.title)}"
        if grade:
            label = f"{rank}\u2002**{words.plain(record.script.title)}**"
        st.page_link(_LIBRARY, label=label, query_params={"script": script_id})
        told = [f"{distance:.3f}" if distance is not None else "", _GRADES[grade], since_then(because.change)]
        st.caption(" · ".join(filter(None, told)))
        if not grade:
            _because(record.script, because)


_GRADES = {
    None: "nobody has judged it",
    0: "judged not to fit",
    1: "★ would do",
    2: "★★ fits well",
    3: "★★★ just right",
}


def _because(script: Script, why: _Because) -> None:
    """Why a script came that nobody expects."""
    if why.hit is not None:
        text = script.situation if why.hit.passage.kind == "card" else why.hit.passage_text
        reading.quote(text, f"{why.questionnaire}_{script.id}")
    in_common = shared(why.words, script)
    if in_common:
        more = ", …" if len(in_common) > _MOST_WORDS else ""
        st.caption(f"Words in common: {words.plain(', '.join(in_common[:_MOST_WORDS]))}{more}")
    else:
        st.caption("No word in common with the question: it came by its meaning.")


def _links(questionnaire: str, *, is_there: bool, writable: bool) -> None:
    if not is_there:
        st.caption("This questionnaire was deleted since.")
        return
    address = {"questionnaire": questionnaire}
    with st.container(horizontal=True):
        st.page_link(_RETRIEVE, label="Ask it on Retrieve", icon=":material/search:", query_params=address)
        if writable:
            st.page_link(_JUDGE, label="Judge what comes", icon=":material/rule:", query_params=address)


def _title(workbench: Workbench, script_id: str, change: Differing | None) -> str:
    """What a script is called, or was where it is gone."""
    record = workbench.catalogue.records.get(script_id)
    then = change.title if change is not None else ""
    return words.plain(record.script.title if record else then or script_id)
