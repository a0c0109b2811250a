"""The page as a whole: what there is to see, from the first visit to two runs side by side."""

import streamlit as st

from pages.ui import words
from pages.ui.evaluate import (
    choosing,
    comparing,
    empty,
    ending,
    figures,
    headline,
    history,
    honest,
    keeping,
    running,
    worst,
)
from pages.ui.evaluate.choosing import Chosen
from pages.ui.evaluate.running import Saved
from pages.ui.judge import unknown
from services.workbench import Workbench


def show(workbench: Workbench) -> None:
    """Draw it."""
    running.outcome()
    keeping.undo(workbench)
    saved = workbench.all_questionnaires
    ending.show(workbench, worst.titles_of(saved))
    kept, broken = workbench.runs.summaries()
    for one in broken:
        st.warning(f"**{words.plain(one.cause)}** {words.plain(one.next_step)}")
    if not kept and running.unkept() is None:
        _first(workbench, saved)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="evaluate_choice"):
        chosen = choosing.choose(workbench, kept, saved)
        running.controls(workbench, saved)
    if chosen is not None:
        _looked_at(workbench, chosen)
    unknown.show(workbench, saved)
    honest.show(workbench, possible=bool(saved))


def _first(workbench: Workbench, saved: Saved) -> None:
    if saved:
        empty.never(workbench, saved)
        unknown.show(workbench, saved)
        honest.show(workbench, possible=True)
    else:
        empty.no_questionnaires(workbench)


def _looked_at(workbench: Workbench, chosen: Chosen) -> None:
    run = chosen.run
    if chosen.before is not None:
        comparing.show(workbench, chosen, chosen.before, headline.looked_at(run))
        st.divider()
    left, right = st.columns([2, 3], gap="large")
    with left:
        measure = headline.measure_of(run)
        headline.show(workbench, run, measure)
    with right:
        history.show(chosen, measure.name, workbench.settings.gate.recall_at_5)
    headline.told(workbench, chosen)
    headline.facts(run)
    keeping.controls(workbench, chosen)
    figures.show(run, workbench.settings.sections)
    worst.show(workbench, chosen, measure)
