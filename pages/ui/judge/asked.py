"""What is judged by: the questionnaire as a person says it, and the guideline of the section."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import frame, resources, words
from services.domain.given import MAX_GUIDELINE
from services.domain.questionnaires import Questionnaire
from services.errors import Conflict
from services.ground import text
from services.workbench import Workbench

_ANSWERS = (
    ("What it should help with", "focus_area"),
    ("What is hard about it", "challenge_context"),
    ("How to feel instead", "desired_feeling"),
)
# Which section's is being written, what it said when that began, and whether that has changed since.
_EDITED, _BASE, _MEANWHILE = "guideline_edited", "guideline_base", "guideline_meanwhile"
_UNFOLDED = "judge_unfolded"


def folding(questionnaire: Questionnaire) -> DeltaGenerator:
    """Where it is drawn: on a phone behind one line that opens it, else the script would be a screen further down."""
    opened = st.session_state.get(_UNFOLDED, False)
    said = next((answer for _, answer in _said(questionnaire)), "What is asked")
    st.button(
        words.plain(text.one_line(said)),
        key="judge_unfold",
        type="tertiary",
        icon=f":material/{'expand_less' if opened else 'expand_more'}:",
        width="stretch",
        on_click=_unfold,
    )
    return st.container(key="judge_question" if opened else "judge_question_folded")


def show(questionnaire: Questionnaire) -> None:
    """The answers, in the order in which a person is asked."""
    for number, (label, answer) in enumerate(_said(questionnaire)):
        with st.container(gap=None):
            st.caption(label)
            with st.container(key=f"reading_answer_{number}"):
                st.text(answer)


def guideline(workbench: Workbench, section: str) -> None:
    """What everybody who judges this section goes by, and the way to change it."""
    told = workbench.settings.guidelines.get(section, "")
    if st.session_state.get(_EDITED) == section:
        _edit(section)
        return
    st.markdown(f"**Guideline for {words.plain(words.section(section))}**")
    if told:
        st.text(told)
    else:
        st.caption("None yet. What must a script of this section do to fit? Said once, everybody judges by the same.")
    if workbench.writable:
        label = "Edit the guideline" if told else "Write the guideline"
        icon = ":material/edit:"
        st.button(label, key="guideline_edit", type="tertiary", icon=icon, on_click=_open, args=(section, told))


def _said(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    answers = [(label, getattr(questionnaire, field)) for label, field in _ANSWERS]
    return [(label, answer) for label, answer in [*answers, ("In their own words", questionnaire.query)] if answer]


def _unfold() -> None:
    st.session_state[_UNFOLDED] = not st.session_state.get(_UNFOLDED, False)


def _edit(section: str) -> None:
    field = f"guideline_text_{section}"
    base = st.session_state.get(_BASE, "")
    if st.session_state.get(_MEANWHILE):
        st.warning("Somebody else has changed this guideline meanwhile. Saved, yours takes its place. Theirs says:")
        st.text(base or "(nothing any more)")
    st.text_area(
        f"Guideline for {words.plain(words.section(section))}",
        value=base,
        key=field,
        persist_state="session",
        height="content",
        max_chars=MAX_GUIDELINE,
        placeholder="A script fits well if it speaks to what is hard, and leads to the feeling that is wanted.",
    )
    with st.container(horizontal=True):
        st.button("Save the guideline", key="guideline_save", type="primary", on_click=_save, args=(section, field))
        st.button("Cancel", key="guideline_cancel", on_click=_leave, args=(field,))


def _open(section: str, told: str) -> None:
    st.session_state[_EDITED], st.session_state[_BASE], st.session_state[_MEANWHILE] = section, told, False


def _leave(field: str) -> None:
    st.session_state[_EDITED] = ""
    st.session_state.pop(field, None)


def _save(section: str, field: str) -> None:
    with frame.told():
        # Asked for anew: that signs what is written with this visitor's name.
        workbench = resources.workbench()
        try:
            workbench.write_guideline(section, st.session_state.get(field) or "", base=st.session_state.get(_BASE, ""))
        except Conflict:
            # Both are shown; what was typed stays where it is.
            st.session_state[_BASE] = workbench.settings.guidelines.get(section, "")
            st.session_state[_MEANWHILE] = True
        else:
            _leave(field)
