"""A questionnaire in two runs: how much better or worse it is answered, and which scripts entered and left."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from pages.ui import words
from pages.ui.evaluate import numbers
from services.domain.comparison import Change, Comparison, Shift
from services.workbench import Workbench

_Shifts = Mapping[str, Sequence[Shift]]


def by_questionnaire(found: Comparison) -> _Shifts:
    """What became of the rankings."""
    shifts: dict[str, list[Shift]] = {}
    for shift in found.shifts:
        shifts.setdefault(shift.questionnaire, []).append(shift)
    return shifts


def change(workbench: Workbench, one: Change, shifts: _Shifts, titles: Mapping[str, str]) -> None:
    """Better or worse."""
    arrow = "▲ better" if one.difference > 0 else "▼ worse"
    title = words.plain(titles.get(one.questionnaire, one.questionnaire))
    with st.container(key=f"changed_{one.questionnaire}", gap=None):
        st.markdown(f"**{title}** · {arrow} by {abs(one.difference):.3f}")
        _moved(workbench, shifts.get(one.questionnaire, ()), f"{one.before:.3f} → {one.after:.3f}")


def alike(workbench: Workbench, name: str, found: tuple[float, Sequence[Shift]], titles: Mapping[str, str]) -> None:
    """How alike both answers are."""
    with st.container(key=f"alike_{name}", gap=None):
        st.markdown(f"**{words.plain(titles.get(name, name))}** · {numbers.percent(found[0])} alike")
        _moved(workbench, found[1], "")


def _moved(workbench: Workbench, shifts: Sequence[Shift], first: str) -> None:
    lines = [first] if first else []
    for shift in shifts:
        told = []
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
