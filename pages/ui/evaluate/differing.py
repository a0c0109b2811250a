"""In what two runs are not alike: how they asked, what of, and what had been judged."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.ui import words
from services.domain.comparison import Comparison
from services.domain.distinctions import Distinction
from services.domain.runs import Run
from services.workbench import Workbench

_SCRIPTS = "State of the scripts"
# What only its digest tells, in words; the digests themselves on hover.
_OTHERS = {
    _SCRIPTS: "The scripts are others",
    "State of the questionnaires": "The questionnaires are others",
    "State of the judgements": "The judgements are others",
    "State of the settings": "The settings are others",
    "What the model's name stands for": "Another model goes by the same name",
    "How scripts are prepared for the model": "Scripts are prepared for the model in another way",
    "Commit": "The workspace is at another commit",
}
_SHOWN = 4


def show(found: Comparison, *, named: bool) -> None:
    """All of it, but the scripts where those that differ are ``named`` already."""
    every = found.distinctions
    # Whoever saves a script makes a commit: that says nothing more.
    others = any(one.what.startswith("State of") for one in every)
    there = [one for one in every if not (others and one.what == "Commit") and not (named and one.what == _SCRIPTS)]
    if not there:
        same = "All else is alike." if named else "Both were set up alike, on the same scripts and questionnaires."
        st.caption(same)
        return
    label = f"What differs between the two: {words.count(len(there), 'thing')}"
    with st.expander(label, expanded=len(there) <= _SHOWN):
        st.html(_list(there))


def _list(there: Sequence[Distinction]) -> str:
    return f"<ul>{''.join(f'<li>{_told(one)}</li>' for one in there)}</ul>"


def _told(one: Distinction) -> str:
    what, before, after = (html.escape(text, quote=True) for text in (one.what, one.before, one.after))
    if one.what in _OTHERS:
        return f'<span title="{what}: {before} before, {after} after">{html.escape(_OTHERS[one.what])}</span>'
    return f"{what}: {before} before, <b>{after}</b> after"


def judgements(workbench: Workbench, before: Run, after: Run) -> None:
    """What was judged has changed since one of the runs, so that its own figures are others than those here."""
    if before.grades == after.grades == workbench.grades():
        return
    st.caption(
        ":material/update: What is expected or judged has changed since. Here both runs are measured by what is judged "
        "today, so nothing is better or worse because more was judged; the runs' own figures, below and in their "
        "history, are by what was judged then."
    )
