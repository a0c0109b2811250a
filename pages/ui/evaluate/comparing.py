"""Two runs side by side: a sentence first, then the measures, then the questionnaires that changed most."""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import resources, words
from pages.ui.attention import attending
from pages.ui.evaluate import changed, numbers, worst
from pages.ui.evaluate.choosing import Chosen
from services.domain.comparison import Comparison, Test
from services.domain.measures import Measure, measures
from services.domain.runs import Run
from services.domain.statistics import LEVEL, least_p
from services.workbench import Workbench

_P = (
    "How often chance alone would bring a difference as large (paired randomisation test), and the same corrected by "
    "Holm for so many measures being looked at. Below 0.05 it is called more than chance."
)
_OVERLAP = (
    "Rank-biased overlap: 1 where both runs rank the same scripts in the same order, 0 where they have none in common; "
    "early places weigh more (p = 0.9). It needs no judgements, and says nothing of which answer is better. "
    "Webber, Moffat and Zobel, A Similarity Measure for Indefinite Rankings, 2010."
)


def show(workbench: Workbench, chosen: Chosen, before: Run, measure: Measure) -> None:
    """Draw what became better and worse."""
    with st.spinner("Comparing…"):
        found = resources.comparisons().of(workbench, before, chosen.run)
    test = found.tests.get(measure.name)
    st.header(_sentence(test), anchor=False)
    if test is not None and found.measured:
        _figures(found, test, measure)
    _alike(found)
    _set_up(found)
    _left_out(found)
    titles = worst.titles_of(chosen.saved)
    if found.measured:
        _changes(workbench, found, measure, titles)
    else:
        _overlaps(workbench, found, titles)


def _sentence(test: Test | None) -> str:
    if test is None or not test.difference.n:
        return "No questionnaire is judged in both runs: only how alike their answers are can be told"
    if not test.changed:
        one = test.difference.n == 1
        return (
            "The one questionnaire is as it was"
            if one
            else f"All {test.difference.n:,} questionnaires are as they were"
        )
    if test.too_few:
        only = words.count(test.changed, "questionnaire")
        return f"Nothing to tell yet: only {only} changed, and {needed(test)} are needed"
    way = "better" if (test.difference.value or 0.0) > 0 else "worse"
    if test.significant:
        return f"It became {way}, by more than chance would explain"
    return f"It may be chance: {test.improved:,} became better, {test.worsened:,} worse"


def needed(test: Test) -> int:
    """How many questionnaires must change at least, all in one direction, before anything can be told."""
    count = test.changed + 1
    while test.corrected_for * least_p(count) > LEVEL:
        count += 1
    return count


def _figures(found: Comparison, test: Test, measure: Measure) -> None:
    known = test.changed and numbers.between(test.difference)
    likely = f", likely {_signed_between(test)}" if known else ""
    over = words.count(test.difference.n, "questionnaire")
    st.markdown(
        f"**{numbers.name(measure.name)}** {numbers.value(test.before)} → **{numbers.value(test.after)}**: "
        f"{numbers.signed(test.difference.value or 0.0)}{likely}, over {over}",
        help=f"{measure.says} {numbers.about(measure)}",
    )
    counts = f"{test.improved:,} better · {test.worsened:,} worse · {test.unchanged:,} unchanged"
    if test.changed:
        st.caption(f"{counts} · p {_p(test.p)}, corrected {_p(test.corrected_p)}", help=_P)
    else:
        st.caption(counts)
    with st.expander("All measures, before and after", icon=":material/table_rows:"):
        st.html(f'<div class="measures">{_table(found)}</div>')
        st.caption("Both runs are measured by what is judged now, over the questionnaires that both have answers for.")


def _signed_between(test: Test) -> str:
    low, high = test.difference.low or 0.0, test.difference.high or 0.0
    return f"{numbers.signed(low)} to {numbers.signed(high)}"


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"  # noqa: PLR2004


def _table(found: Comparison) -> str:
    heads = ("Before", "After", "Difference", "Better, worse", "p, corrected")
    head = "".join(f"<th>{name}</th>" for name in heads)
    rows = "".join(_row(one, found.tests[one.name]) for one in measures(found.top_k) if one.name in found.tests)
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(measure: Measure, test: Test) -> str:
    meant = html.escape(f"{measure.says} {numbers.about(measure)}", quote=True)
    difference = f"{numbers.signed(test.difference.value or 0.0)}<small>{_signed_between(test)}</small>"
    cells = [
        f"{numbers.value(test.before)}<small>{numbers.between(test.before)}</small>",
        f"{numbers.value(test.after)}<small>{numbers.between(test.after)}</small>",
        difference if numbers.between(test.difference) else numbers.signed(test.difference.value or 0.0),
        f"{test.improved:,}, {test.worsened:,}",
        f'<small title="{html.escape(_P, quote=True)}">{_p(test.p)}<br>{_p(test.corrected_p)}</small>',
    ]
    name = f'<th title="{meant}"><abbr>{html.escape(numbers.name(measure.name))}</abbr></th>'
    return f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _alike(found: Comparison) -> None:
    if found.overlap is not None:
        st.caption(f"The answers are **{numbers.percent(found.overlap)}** alike.", help=_OVERLAP)


def _set_up(found: Comparison) -> None:
    """In what the two are not alike."""
    if not found.distinctions:
        st.caption("Both were set up alike, on the same scripts and questionnaires.")
        return
    lines = [
        f"- {words.plain(one.what)}: {words.plain(one.before)} before, **{words.plain(one.after)}** after"
        for one in found.distinctions
    ]
    with st.expander(f"What differs between the two: {words.count(len(lines), 'thing')}", expanded=len(lines) <= 4):  # noqa: PLR2004
        st.markdown("\n".join(lines))


def _left_out(found: Comparison) -> None:
    """What is not compared, and why."""
    told = []
    for names, why in (
        (found.only_before, "only in the run before"),
        (found.only_after, "only in the run after"),
        (found.left_out, "failed or not run in one of the two"),
        (found.reworded, "asked in other words since, and compared all the same"),
    ):
        if names:
            told.append(f"{words.count(len(names), 'questionnaire')} {why}")
    if found.left_out_sections:
        named = words.listed([words.section(section) for section in found.left_out_sections])
        told.append(f"{named} asked in only one of the two")
    if told:
        st.caption(f"Not alike: {'; '.join(told)}.")


def _changes(workbench: Workbench, found: Comparison, measure: Measure, titles: Mapping[str, str]) -> None:
    moved = [change for change in found.changes(measure.name) if change.difference]
    if moved:
        st.subheader(f"Questionnaires that changed · {len(moved):,}", anchor=False)
        shifts = changed.by_questionnaire(found)
        attending.each("compared", moved, lambda one: changed.change(workbench, one, shifts, titles))
    named, alike = {change.questionnaire for change in moved}, found.overlaps
    others = [name for name, share in alike.items() if name not in named and not numbers.is_whole(share)]
    if others:
        with st.expander(f"As good as before, with other scripts · {len(others):,}"):
            _few(workbench, found, others, titles)


def _overlaps(workbench: Workbench, found: Comparison, titles: Mapping[str, str]) -> None:
    if found.overlaps:
        st.subheader("Questionnaires, the least alike first", anchor=False)
        _few(workbench, found, list(found.overlaps), titles)


def _few(workbench: Workbench, found: Comparison, names: Sequence[str], titles: Mapping[str, str]) -> None:
    shifts, alike = changed.by_questionnaire(found), found.overlaps
    attending.each(
        "alike", names, lambda name: changed.alike(workbench, name, (alike[name], shifts.get(name, ())), titles)
    )
