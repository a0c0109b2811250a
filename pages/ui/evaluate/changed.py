"""A questionnaire in two runs: how much better or worse it is answered, and which scripts entered and left."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from pages.ui import words
from pages.ui.evaluate import numbers
from services.domain.comparison import Change, Comparison, Shift
from services.domain.runs import Run
from services.workbench import Workbench

_Shifts = Mapping[str, Sequence[Shift]]
# How many scripts were found, before and after: by questionnaire and section.
Counts = Mapping[tuple[str, str], tuple[int, int]]


def by_questionnaire(found: Comparison) -> _Shifts:
    """What became of the rankings."""
    shifts: dict[str, list[Shift]] = {}
    for shift in found.shifts:
        shifts.setdefault(shift.questionnaire, []).append(shift)
    return shifts


def counts(found: Comparison, before: Run, after: Run) -> Counts:
    """How many scripts each run found, where that tells: fewer are shown, or they are called wholly alike."""
    old, new = (_found(run) for run in (before, after))
    told = {}
    for shift in found.shifts:
        key = (shift.questionnaire, shift.section)
        was, now = old.get(key, 0), new.get(key, 0)
        if was != now and (min(was, now) < found.top_k or numbers.is_whole(shift.overlap)):
            told[key] = (was, now)
    return told


def _found(run: Run) -> Mapping[tuple[str, str], int]:
    return {(answer.questionnaire, s): found.ranked for answer in run.answers for s, found in answer.sections.items()}


def shows_others(found: Comparison, name: str) -> bool:
    """Whether other scripts are shown for a questionnaire."""
    return any(shift.entered or shift.left for shift in found.shifts if shift.questionnaire == name)


def change(workbench: Workbench, one: Change, known: tuple[_Shifts, Counts], titles: Mapping[str, str]) -> None:
    """Better or worse."""
    arrow = "▲ better" if one.difference > 0 else "▼ worse"
    title = words.plain(titles.get(one.questionnaire, one.questionnaire))
    with st.container(key=f"changed_{one.questionnaire}", gap=None):
        st.markdown(f"**{title}** · {arrow} by {abs(one.difference):.3f}")
        _moved(workbench, one.questionnaire, known, f"{one.before:.3f} → {one.after:.3f}")


def alike(
    workbench: Workbench, name: str, share: float, known: tuple[_Shifts, Counts], titles: Mapping[str, str]
) -> None:
    """How alike both answers are."""
    with st.container(key=f"alike_{name}", gap=None):
        st.markdown(f"**{words.plain(titles.get(name, name))}** · {numbers.percent(share)} alike")
        _moved(workbench, name, known, "")


def _moved(workbench: Workbench, name: str, known: tuple[_Shifts, Counts], first: str) -> None:
    lines = [first] if first else []
    for shift in known[0].get(name, ()):
        told = []
        # However alike what both found is: a ranking and its first script alone are wholly alike.
        if found := known[1].get((name, shift.section)):
            told.append(f"{found[0]:,} found before, {found[1]:,} after")
        if shift.entered:
            told.append(f"new {_titles(workbench, shift.entered)}")
        if shift.left:
            told.append(f"gone {_titles(workbench, shift.left)}")
        if told:
            lines.append(f"{words.section(shift.section)}: {'; '.join(told)}")
    if lines:
        st.caption("  \n".join(lines))


def _titles(workbench: Workbench, scripts: Iterable[str]) -> str:
    records = workbench.catalogue.records
    return words.listed([f"'{words.plain(records[i].script.title if i in records else i)}'" for i in scripts])
