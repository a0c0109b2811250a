"""Scripts that a questionnaire names and that no longer exist: the likely new id, and a press that mends it."""

from dataclasses import replace

import streamlit as st

from pages.ui import frame, resources, words
from pages.ui.attention import attending
from pages.ui.judge.choosing import Saved
from services.domain.questionnaires import Expected, Questionnaire
from services.workbench import Workbench

_WHY = "They were renamed or deleted after somebody had named or judged them. Nothing can be measured by them."
_Gone = tuple[Questionnaire, str, str]


def show(workbench: Workbench, saved: Saved) -> None:
    """Each of them, of all questionnaires."""
    if found := _found(workbench, saved):
        attending.heading("Scripts that no longer exist", len(found), _WHY)
        attending.each("unknown", found, lambda one: _one(workbench, *one))


def beside(workbench: Workbench, questionnaire: Questionnaire) -> None:
    """Those of the questionnaire that is judged for, folded away."""
    found = _found(workbench, {questionnaire.id: questionnaire})
    if found:
        is_one = len(found) == 1
        told = (
            "A script that it names no longer exists"
            if is_one
            else f"{len(found)} scripts that it names no longer exist"
        )
        with st.expander(told, key="judge_unknown"):
            st.caption(_WHY)
            attending.each("unknown", found, lambda one: _one(workbench, *one))


def _found(workbench: Workbench, saved: Saved) -> list[_Gone]:
    return [
        (saved[questionnaire], script, likely)
        for questionnaire, scripts in workbench.unknown_judged().items()
        if questionnaire in saved
        for script, likely in scripts.items()
    ]


def _one(workbench: Workbench, questionnaire: Questionnaire, script: str, likely: str) -> None:
    named = words.plain(questionnaire.title or questionnaire.id)
    is_expected = any(e.script == script for e in questionnaire.expected)
    with attending.row():
        told = "expects" if is_expected else "was judged with"
        st.markdown(f"'{named}' {told} **{words.plain(script)}**.", width="content")
        if likely:
            title = words.plain(workbench.catalogue.records[likely].script.title)
            st.markdown(f"Likely meant: '{title}' ({words.plain(likely)}).", width="content")
        key = f"{questionnaire.id}_{script}"
        arguments = (questionnaire.id, script, likely)
        if not workbench.writable:
            return
        if likely:
            st.button("Name that one", key=f"rename_{key}", icon=":material/check:", on_click=_mend, args=arguments)
        elif is_expected:
            st.button("Stop expecting it", key=f"forget_{key}", icon=":material/close:", on_click=_mend, args=arguments)
        else:
            st.caption("What was judged is kept, and counts nowhere.", width="content")


def _mend(questionnaire_id: str, script: str, likely: str) -> None:
    """Put the likely id in the place of the one that is gone, with what was judged; without one, take it out."""
    with frame.told():
        # Asked for anew: that signs what is written with this visitor's name.
        workbench = resources.workbench()
        questionnaire = workbench.all_questionnaires.get(questionnaire_id)
        if questionnaire is not None and any(e.script == script for e in questionnaire.expected):
            expected = _instead(questionnaire.expected, script, likely)
            workbench.save_questionnaire(replace(questionnaire, expected=expected))
        if likely:
            _carry_over(workbench, questionnaire_id, script, likely)


def _instead(expected: tuple[Expected, ...], script: str, likely: str) -> tuple[Expected, ...]:
    others = tuple(e for e in expected if e.script != script)
    if not likely or any(e.script == likely for e in others):
        return others
    return tuple(replace(e, script=likely) if e.script == script else e for e in expected)


def _carry_over(workbench: Workbench, questionnaire: str, script: str, likely: str) -> None:
    """Take what was said of the one for the other; who has judged both has said of the new one what counts."""
    given = workbench.judgements.all()[0].get(questionnaire, ())
    both = {judgement.judge for judgement in given if judgement.script == likely}
    for judgement in given:
        if judgement.script == script:
            if judgement.judge not in both:
                workbench.judge(questionnaire, replace(judgement, script=likely))
            workbench.take_back_judgement(questionnaire, script, judgement.judge)
