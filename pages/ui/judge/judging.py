"""Judging: the question and the guideline beside one candidate after another, until none is left."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.judge import asked, choosing, grading, place, unknown
from pages.ui.judge.choosing import Done, Saved
from pages.ui.judge.place import Place
from services.domain.judgements import GRADES
from services.judge import Pool
from services.workbench import Workbench


def show(workbench: Workbench, where: Place, saved: Saved, done: Done, judge: str) -> None:
    """The candidates of one place."""
    question, main = st.columns([2, 3], gap="large")
    with question, asked.folding(saved[where.questionnaire]):
        asked.show(saved[where.questionnaire])
        asked.guideline(workbench, where.section)
        unknown.beside(workbench, saved[where.questionnaire])
    with main:
        if not workbench.catalogue.sizes.get(where.section):
            st.info(f"{words.section(where.section)} has no scripts yet: there is nothing to judge.")
            return
        if saved[where.questionnaire].is_empty:
            _asks_nothing(where)
            return
        pool = _pool(workbench, where, judge)
        script = place.current(where, [c.script for c in pool.candidates], _judged(pool))
        if script and script not in workbench.catalogue.records:
            st.warning(f"There is no script '{words.plain(script[:80])}' any more.")
            script = pool.next
        if not pool.candidates:
            st.info(
                "No script of this section has a word in common with this questionnaire: there is nothing to judge."
            )
            return
        grading.how_far(pool, script)
        if script:
            grading.candidate(workbench, pool, script)
        else:
            _done(workbench, where, saved, done, pool)
        if place.moved(where, script):
            grading.from_the_top(script)


def _asks_nothing(where: Place) -> None:
    st.subheader("This questionnaire asks nothing", anchor=False)
    st.write("So nobody can say what fits it. Say what it should help with first.")
    with st.container(key="found_asks_nothing"):
        address = {"questionnaire": where.questionnaire}
        told = "Fill it in on Retrieve"
        st.page_link(frame.PAGES / "retrieve.py", label=told, icon=":material/search:", query_params=address)


def _pool(workbench: Workbench, where: Place, judge: str) -> Pool:
    if workbench.judging_ready(where.questionnaire, where.section):
        return workbench.judging_pool(where.questionnaire, where.section, judge)
    with st.spinner("Loading the model and choosing the candidates…", show_time=False):
        return workbench.judging_pool(where.questionnaire, where.section, judge)


def _judged(pool: Pool) -> set[str]:
    return {candidate.script for candidate in pool.candidates if candidate.judgement is not None}


def _done(workbench: Workbench, where: Place, saved: Saved, done: Done, pool: Pool) -> None:
    """Nothing is left here: what was said, and where to go on."""
    skipped = len(place.skipped_at(where) - _judged(pool))
    section = words.section(where.section)
    if skipped:
        st.subheader(f"{section}: {words.count(skipped, 'script')} left that you skipped", anchor=False)
    else:
        st.subheader(f"{section} is done for this questionnaire", anchor=False)
    st.caption(_said(pool))
    further = choosing.following(workbench, where, saved, done)
    with st.container(horizontal=True, vertical_alignment="center"):
        if skipped:
            icon = ":material/replay:"
            call, arguments = place.bring_back_skipped, (where,)
            st.button("Judge those now", key="judge_those", type="primary", icon=icon, on_click=call, args=arguments)
        if further is not None:
            title = words.plain(saved[further.questionnaire].title or further.questionnaire)
            label = f"Go on with {words.section(further.section)} of '{title}'"
            st.button(
                label,
                key="judge_further",
                type="secondary" if skipped else "primary",
                icon=":material/arrow_forward:",
                on_click=place.go,
                args=(further,),
            )
        grading.back(where, "done")
    if further is None and not skipped:
        st.write("That was the last one: you have judged every candidate of every questionnaire.")


def _said(pool: Pool) -> str:
    """How often each grade was given."""
    given = [candidate.judgement.grade for candidate in pool.candidates if candidate.judgement is not None]
    told = [f"{label}: {given.count(grade)}" for grade, label in reversed(list(enumerate(GRADES)))]
    return " · ".join(told)
