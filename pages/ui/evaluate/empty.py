"""Before there is anything to measure: what belongs here, and the first step."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.evaluate import running
from pages.ui.evaluate.running import Saved
from services.workbench import Workbench

_RETRIEVE, _JUDGE, _LIBRARY = frame.PAGES / "retrieve.py", frame.PAGES / "judge.py", frame.PAGES / "library.py"


def no_questionnaires(workbench: Workbench) -> None:
    """Nothing can be asked."""
    st.header("There are no questionnaires to evaluate with", anchor=False)
    st.write(
        "Ask something on Retrieve and save it as a questionnaire. Once some are saved, and it is said which scripts "
        "fit them, this page tells how well they are answered, as a figure with its interval."
    )
    if workbench.writable:
        with st.container(key="found_no_questionnaires"):
            if workbench.catalogue.records:
                st.page_link(_RETRIEVE, label="Ask and save one", icon=":material/search:")
            else:
                # Without scripts there is nothing to ask for.
                st.page_link(_LIBRARY, label="Write or upload scripts first", icon=":material/menu_book:")


def never(workbench: Workbench, every: Saved) -> None:
    """Nothing was evaluated yet."""
    grades = workbench.grades()
    judged = sum(any(g >= 1 for by in grades.get(q, {}).values() for g in by.values()) for q in every)
    st.header("Nothing has been evaluated yet", anchor=False)
    if judged:
        st.write(
            f"{words.count(len(every), 'questionnaire')} saved, and for "
            f"{'each' if judged == len(every) else f'{judged:,}'} of them it is said which scripts fit. Evaluating "
            "asks them all and measures how many of those scripts come, and how early."
        )
    else:
        st.write(
            f"{words.count(len(every), 'questionnaire')} saved, and for none of them is it said which "
            "scripts fit. So nothing can be measured yet: judge what comes for some of them first. Without judgements, "
            "two runs can only be compared by how alike their answers are."
        )
        if workbench.writable:
            with st.container(key="found_not_judged"):
                st.page_link(_JUDGE, label="Judge what comes", icon=":material/rule:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        running.controls(workbench, every, first=bool(judged))
