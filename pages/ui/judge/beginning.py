"""Before anything is judged: what there is to judge, and who judges."""

import streamlit as st

from pages.ui import frame, signing
from pages.ui.attention import attending
from pages.ui.judge import choosing, place
from pages.ui.judge.choosing import Saved
from services.ground import text
from services.workbench import Workbench


def possible(workbench: Workbench, saved: Saved) -> bool:
    """Whether there are scripts and questionnaires; where not, what belongs here and the first step."""
    if saved and workbench.catalogue.records:
        return True
    st.subheader("There is nothing to judge yet", anchor=False)
    st.write(
        "Here people say how well scripts fit a questionnaire, one script at a time. From then on there is a number "
        "for how well retrieval works."
    )
    with st.container(key="found_nothing"):
        if not workbench.catalogue.records:
            with attending.row():
                st.page_link(frame.PAGES / "library.py", label="Write or upload scripts", icon=":material/menu_book:")
        if not saved:
            told = "Save a questionnaire on Retrieve"
            with attending.row():
                st.page_link(frame.PAGES / "retrieve.py", label=told, icon=":material/search:")
    return False


def top(workbench: Workbench) -> tuple[str, str]:
    """Draw what the page can show and who judges; the one that is looked at, and the name; empty where it is not told.

    Who only reads sees what has come of judging.
    """
    judge = text.one_line(signing.name())
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        shown = choosing.view() if workbench.writable else place.OVERVIEW
        if judge and workbench.writable:
            signing.show(workbench, always=True)
    if shown == place.JUDGE and not judge:
        signing.first(
            "Who is judging?",
            "You read scripts one at a time, without their ranks, and say how well each fits what somebody asked for. "
            "Grades are kept under your name, so that it shows where several people disagree. Everybody needs a name "
            "of their own: whoever gives the same one counts as the same person.",
        )
    return shown, judge
