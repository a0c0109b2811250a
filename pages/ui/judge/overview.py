"""What has come of judging: how much is judged, by whom, and how far they agree."""

from collections import Counter

import pandas as pd
import streamlit as st

from pages.ui import apart, frame, resources, watching, words
from pages.ui.judge import agreeing, choosing, place
from pages.ui.judge.choosing import Done, Saved
from pages.ui.judge.place import Place
from services.errors import Cancelled, ScriptoriumError
from services.judge import Progress
from services.workbench import Workbench

_HEIGHT = 420
_ROWS = 10
_TITLE = "Questionnaire"
_KEY = "judge_coverage"
_MOST_NAMED = 12


def show(workbench: Workbench, saved: Saved, graded: Done, *, found: bool) -> None:
    """Coverage, judges and agreement."""
    _verdict(graded, found=found)
    if not found:
        _looking(workbench)
    _coverage(workbench, saved, graded)
    _judges(workbench)
    agreeing.show(workbench, saved)


def _verdict(graded: Done, *, found: bool) -> None:
    every = [one for sections in graded.values() for one in sections.values()]
    judged, total = sum(one.judged for one in every), sum(one.pool for one in every)
    if not total:
        st.header("How much has a grade" if found else _unfound(), anchor=False)
        return
    st.header(f"{judged:,} of {words.count(total, 'candidate')} {'have' if total > 1 else 'has'} a grade", anchor=False)
    st.caption(
        "A grade comes from those who judge, or from whoever said which scripts the questionnaire expects. A candidate "
        "is what any way of asking finds among the first ones. Whatever has no grade counts as not fitting wherever "
        "retrieval is measured, so that a low figure may only mean that little is judged."
    )


def _unfound() -> str:
    job = resources.jobs(choosing.KIND).current
    at_it = job is not None and not job.finished
    return "Finding candidates…" if at_it else "The candidates are not found yet"


def _looking(workbench: Workbench) -> None:
    jobs = resources.jobs(choosing.KIND)
    job = jobs.current
    if job is not None and not job.finished:
        watching.until_done(choosing.KIND, cancel="What was found so far is kept.")
        return
    if job is not None and isinstance(job.error, ScriptoriumError) and not isinstance(job.error, Cancelled):
        frame.say(job.error)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("How much is judged can be told once the model was asked every questionnaire.", width="content")
        st.button(
            "Find all candidates",
            key="judge_find",
            icon=":material/search:",
            on_click=choosing.find,
            args=(workbench,),
        )


def _coverage(workbench: Workbench, saved: Saved, graded: Done) -> None:
    """A row a questionnaire, a column a section; a cell leads to where it is judged."""
    sections = choosing.filled(workbench)
    ids = [i for i in saved if i in graded]
    if not ids:
        return
    titles = apart.by_id({i: saved[i].title or i for i in ids})
    headings = apart.by_id({section: words.section(section) for section in sections})
    rows = {_TITLE: [titles[i] for i in ids]}
    rows |= {headings[s]: [_told(graded[i].get(s)) for i in ids] for s in sections}
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=_HEIGHT if len(ids) > _ROWS else "content",
        key=_KEY,
        on_select="rerun",
        selection_mode="single-cell",
        column_config={headings[s]: st.column_config.TextColumn(width=96, alignment="right") for s in sections},
    )
    cells = event.selection.cells
    at = cells[0] if cells else None
    if at is not None and at[0] < len(ids) and workbench.writable:
        named = next((s for s in sections if headings[s] == at[1]), sections[0])
        label = f"Judge {words.section(named)} of '{words.plain(titles[ids[at[0]]])}'"
        where = Place(ids[at[0]], named)
        st.button(label, key="judge_cell", icon=":material/arrow_forward:", on_click=place.go, args=(where,))
    elif workbench.writable:
        st.caption("Pick a cell to judge there.")


def _told(done: Progress | None) -> str:
    return f"{done.judged:,} of {done.pool:,}" if done else "·"


def _judges(workbench: Workbench) -> None:
    """Who judged how many."""
    given = workbench.judgements.all()[0]
    counted = Counter(judgement.judge for some in given.values() for judgement in some)
    st.subheader("Who has judged", anchor=False)
    if not counted:
        st.caption("Nobody yet. The grades so far come from the scripts that the questionnaires expect.")
        return
    most = counted.most_common(_MOST_NAMED)
    told = [f"**{words.plain(name)}** {words.count(number, 'script')}" for name, number in most]
    if rest := len(counted) - len(most):
        told.append(f"{rest} more")
    st.markdown(" · ".join(told))
    for broken in workbench.judgements.all()[1]:
        st.warning(f"**{words.plain(broken.cause)}** {words.plain(broken.next_step)}")
