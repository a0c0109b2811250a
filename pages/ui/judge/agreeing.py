"""How far those agree who have judged the same, in plain words, and where they agree least."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import words
from pages.ui.attention import attending
from pages.ui.judge import place
from pages.ui.judge.choosing import Saved
from pages.ui.judge.place import Place
from services.domain.agreement import Agreement, Unit, agreement
from services.domain.judgements import GRADES, Judgement
from services.workbench import Workbench

# From where on Krippendorff calls data reliable, and fit for tentative conclusions.
RELIABLE, TENTATIVE = 0.8, 0.667
_FEW = 10
_KEPT = "judge_agreement"
_Given = Mapping[str, Sequence[Judgement]]
_DEFINITION = (
    "Krippendorff's alpha for ordinal grades: 1 where all agree, 0 where they agree as much as by chance, below 0 "
    "where less. From 0.8 on it is usually taken as reliable, from 0.667 on as good enough for tentative conclusions "
    "(Krippendorff, Content Analysis, 2019)."
)


def show(workbench: Workbench, saved: Saved) -> None:
    """Agreement by section, by pairs of judges, and the widest disagreements."""
    given = workbench.judgements.all()[0]
    judges = {judgement.judge for some in given.values() for judgement in some}
    if not judges:
        return
    st.subheader("Do those who judge agree?", anchor=False)
    if len(judges) == 1:
        st.write(
            "One person has judged so far. A second one, who judges some of the same scripts, would show how much of a "
            "grade is the script and how much is the person; and where you differ, what the guideline leaves open."
        )
        st.caption("They open this page in their own browser and begin with their own name.")
        return
    of_sections, overall = _kept(workbench, given)
    if not overall.units:
        st.write(
            "Nobody has judged what somebody else has judged yet. Ten scripts that two have graded say a lot already."
        )
        return
    for section, found in of_sections.items():
        _line(words.section(section), found)
    if len(of_sections) > 1:
        _line("All sections together", overall)
    _pairs(overall)
    _disagreements(workbench, saved, overall, given)


def verdict(alpha: float | None) -> str:
    """What a figure means, in words."""
    if alpha is None:
        return "only one grade was given so far, which says nothing of agreement"
    if alpha >= RELIABLE:
        return "you agree well: these grades can be relied on"
    if alpha >= TENTATIVE:
        return "you agree fairly well: good enough for careful conclusions"
    if alpha > 0:
        return "you agree too little: what is measured by these grades says little. A sharper guideline helps"
    return "you agree no more than by chance: talk about the scripts below before you judge on"


def _kept(workbench: Workbench, given: _Given) -> tuple[Mapping[str, Agreement], Agreement]:
    """Computed once for as long as nothing is judged and no script moves."""
    basis = (given, workbench.catalogue)
    kept: Any = st.session_state.get(_KEPT)
    if kept is None or any(one is not other for one, other in zip(kept[0], basis, strict=True)):
        kept = st.session_state[_KEPT] = (basis, *_by_section(workbench, given))
    return kept[1], kept[2]


def _by_section(workbench: Workbench, given: _Given) -> tuple[Mapping[str, Agreement], Agreement]:
    records = workbench.catalogue.records
    there = {q: [j for j in some if j.script in records] for q, some in given.items()}
    found = {
        section: agreement(
            {q: [j for j in some if records[j.script].script.section == section] for q, some in there.items()}
        )
        for section in workbench.settings.sections
    }
    return {section: one for section, one in found.items() if one.units}, agreement(there)


def _line(name: str, found: Agreement) -> None:
    with st.container(gap=None):
        st.markdown(f"**{words.plain(name)}**: {verdict(found.alpha)}.")
        few = " Of so few scripts it says little yet." if len(found.units) < _FEW else ""
        figure = "no figure" if found.alpha is None else f"alpha {found.alpha:.2f}"
        st.caption(
            f"{figure}, from {words.count(len(found.units), 'script')} that several have graded.{few}", help=_DEFINITION
        )


def _pairs(found: Agreement) -> None:
    """How often two gave the very same grade."""
    told = [
        f"{words.listed([words.plain(judge) for judge in pair.judges])}: the same grade for {pair.equal:,} of "
        f"{words.count(pair.shared, 'script')}"
        for pair in found.pairs[:6]
    ]
    st.caption("  \n".join(told))


def _disagreements(workbench: Workbench, saved: Saved, found: Agreement, given: _Given) -> None:
    apart = [unit for unit in found.disagreements if unit.spread > 1 and unit.questionnaire in saved]
    if not apart:
        st.caption("No two grades for a script are more than one apart.")
        return
    attending.heading(
        "Furthest apart", len(apart), "What one saw and the other did not: worth a talk, or a line in the guideline."
    )
    attending.each("disagreements", apart, lambda unit: _unit(workbench, saved, unit, given))


def _unit(workbench: Workbench, saved: Saved, unit: Unit, given: _Given) -> None:
    record = workbench.catalogue.records[unit.script]
    where = Place(unit.questionnaire, record.script.section)
    said = sorted((j for j in given[unit.questionnaire] if j.script == unit.script), key=lambda j: -j.grade)
    with st.container(gap="small", key=f"apart_{unit.questionnaire}_{unit.script}"):
        script, grades, again = st.columns([4, 4, 2], vertical_alignment="center")
        with script, st.container(gap=None):
            st.markdown(f"**{words.plain(record.script.title)}**")
            title = words.plain(saved[unit.questionnaire].title or unit.questionnaire)
            st.caption(f"{words.section(record.script.section)} for '{title}'")
        with grades, st.container(gap=None):
            for one in said:
                st.markdown(f"**{GRADES[one.grade]}** · {words.plain(one.judge)}")
                if one.note:
                    st.caption(words.plain(one.note))
        if workbench.writable:
            key = f"judge_again_{unit.questionnaire}_{unit.script}"
            icon = ":material/menu_book:"
            with again, st.container(horizontal=True, horizontal_alignment="right"):
                call, arguments = place.go, (where, unit.script)
                st.button("Read it again", key=key, type="tertiary", icon=icon, on_click=call, args=arguments)
