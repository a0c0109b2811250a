"""What is judged by: the questionnaire as a person says it, and the guideline of the section."""

import streamlit as st

from pages.ui import frame, resources, words
from services.domain.given import MAX_GUIDELINE
from services.domain.questionnaires import Questionnaire
from services.workbench import Workbench

_ANSWERS = (
    ("What it should help with", "focus_area"),
    ("What is hard about it", "challenge_context"),
    ("How to feel instead", "desired_feeling"),
)
_EDITED = "guideline_edited"


def show(questionnaire: Questionnaire) -> None:
    """The answers, in the order in which a person is asked."""
    answers = [(label, getattr(questionnaire, field)) for label, field in _ANSWERS]
    if questionnaire.query:
        answers.append(("In their own words", questionnaire.query))
    for number, (label, answer) in enumerate(answers):
        if answer:
            with st.container(gap=None):
                st.caption(label)
                with st.container(key=f"reading_answer_{number}"):
                    st.text(answer)
    if questionnaire.is_empty:
        st.caption("This questionnaire has no answers: there is nothing to judge by.")


def guideline(workbench: Workbench, section: str) -> None:
    """What everybody who judges this section goes by, and the way to change it."""
    told = workbench.settings.guidelines.get(section, "")
    if st.session_state.get(_EDITED) == section:
        _edit(section, told)
        return
    st.markdown(f"**Guideline for {words.plain(words.section(section))}**")
    if told:
        st.text(told)
    else:
        st.caption("None yet. What must a script of this section do to fit? Said once, everybody judges by the same.")
    if workbench.writable:
        label = "Edit the guideline" if told else "Write the guideline"
        icon = ":material/edit:"
        st.button(label, key="guideline_edit", type="tertiary", icon=icon, on_click=_open, args=(section,))


def _edit(section: str, told: str) -> None:
    field = f"guideline_text_{section}"
    st.text_area(
        f"Guideline for {words.plain(words.section(section))}",
        value=told,
        key=field,
        height="content",
        max_chars=MAX_GUIDELINE,
        placeholder="A script fits well if it speaks to what is hard, and leads to the feeling that is wanted.",
    )
    with st.container(horizontal=True):
        st.button("Save the guideline", key="guideline_save", type="primary", on_click=_save, args=(section, field))
        st.button("Cancel", key="guideline_cancel", on_click=_open, args=("",))


def _open(section: str) -> None:
    st.session_state[_EDITED] = section


def _save(section: str, field: str) -> None:
    with frame.told():
        # Asked for anew: that signs what is written with this visitor's name.
        resources.workbench().write_guideline(section, st.session_state.get(field) or "")
        st.session_state[_EDITED] = ""
