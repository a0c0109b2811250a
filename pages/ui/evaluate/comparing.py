"""Two runs side by side: a sentence first, then the measures, then the questionnaires that changed most."""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import resources, words
from pages.ui.attention import attending
from pages.ui.evaluate import altered, changed, differing, numbers, worst
from pages.ui.evaluate.changed import Counts
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

# So many questionnaires are named in a sentence.
_NAMED = 2


def show(workbench: Workbench, chosen: Chosen, before: Run, measure: Measure) -> None:
    """Draw what became better and worse."""
    with st.spinner("Comparing…"):
        found = resources.comparisons().of(workbench, before, chosen.run)
        scripts = resources.comparisons().scripts(workbench, before, chosen.run)
    test, titles = found.tests.get(measure.name), worst.titles_of(chosen.saved)
    if test is None or not test.difference.n:
        st.header("No questionnaire is judged in both runs", anchor=False)
        st.write("So only how alike their answers are can be told.")
    else:
        st.header(_headline(test, measure), anchor=False)
        st.markdown(_sentence(test, found, titles), help=f"{measure.says} {numbers.about(measure)}")
        _figures(found, test)
        differing.judgements(workbench, before, chosen.run)
    _alike(found)
    differing.show(found, named=altered.show(workbench, scripts, known=_known(before) and _known(chosen.run)))
    _left_out(found)
    counts = changed.counts(found, before, chosen.run)
    if found.measured:
        _changes(workbench, found, measure, titles, counts)
    else:
        _overlaps(workbench, found, titles, counts)


def _known(run: Run) -> bool:
    """Whether it says which scripts it was made on; one that was made elsewhere does not."""
    return bool(run.provenance.corpus)


def _headline(test: Test, measure: Measure) -> str:
    """'recall@5: 0.562 to 0.569'."""
    before, after = numbers.value(test.before), numbers.value(test.after)
    told = f"{before}, as before" if before == after and not test.changed else f"{before} to {after}"
    return f"{numbers.name(measure.name)}: {told}"


def _sentence(test: Test, found: Comparison, titles: Mapping[str, str]) -> str:
    """How many became better and worse, named where they are few, and whether that holds in general."""
    over = words.count(test.difference.n, "questionnaire")
    if not test.changed:
        return f"None of {over} became better or worse."
    moved = found.changes(test.measure)
    better = _some([one.questionnaire for one in moved if one.difference > 0], "better", titles)
    worse = _some([one.questionnaire for one in moved if one.difference < 0], "worse", titles)
    told = f"Of {over}, {better} and {worse}."
    if test.too_few:
        return f"{told} Too few to say that it holds in general: at least {needed(test)} would have to change."
    likely = (
        f" The difference is likely {numbers.signed_between(test.difference)}."
        if numbers.between(test.difference)
        else ""
    )
    if test.significant:
        return f"{told} That is more than chance would explain.{likely}"
    return f"{told} It may be chance.{likely}"


def _some(names: Sequence[str], how: str, titles: Mapping[str, str]) -> str:
    if not names:
        return f"none became {how}"
    called = f" ({', '.join(words.plain(titles.get(name, name)) for name in names)})" if len(names) <= _NAMED else ""
    return f"{words.number(len(names))} became {how}{called}"


def sentence(test: Test | None) -> str:
    """What can be told from one measure."""
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


def _figures(found: Comparison, test: Test) -> None:
    if test.changed and not test.too_few:
        st.caption(f"p {_p(test.p)}, corrected {_p(test.corrected_p)}", help=_P)
    with st.expander("All measures, before and after", icon=":material/table_rows:"):
        st.html(f'<div class="measures">{_table(found)}</div>')
        st.caption("Both runs are measured by what is judged now, over the questionnaires that both have answers for.")


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"  # noqa: PLR2004


def _table(found: Comparison) -> str:
    heads = ("Before", "After", "Difference", "Better, worse", "p, corrected")
    head = "".join(f"<th>{name}</th>" for name in heads)
    rows = "".join(_row(one, found.tests[one.name]) for one in measures(found.top_k) if one.name in found.tests)
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(measure: Measure, test: Test) -> str:
    meant = html.escape(f"{measure.says} {numbers.about(measure)}", quote=True)
    difference = (
        f"{numbers.signed(test.difference.value or 0.0)}<small>{numbers.signed_between(test.difference)}</small>"
    )
    cells = [
        f"{numbers.value(test.before)}<small>{numbers.between(test.before)}</small>",
        f"{numbers.value(test.after)}<small>{numbers.between(test.after)}</small>",
        difference if numbers.between(test.difference) else numbers.signed(test.difference.value or 0.0),
        f"{test.improved:,}, {test.worsened:,}",
        f'<small title="{html.escape(_P, quote=True)}">{_p(test.p)}<br>{_p(test.corrected_p)}</small>'
        if test.changed and not test.too_few
        else "<small>too few</small>",
    ]
    name = f'<th title="{meant}"><abbr>{html.escape(numbers.name(measure.name))}</abbr></th>'
    return f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _alike(found: Comparison) -> None:
    if found.overlap is not None:
        st.caption(f"The answers are **{numbers.percent(found.overlap)}** alike.", help=_OVERLAP)


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


def _changes(
    workbench: Workbench, found: Comparison, measure: Measure, titles: Mapping[str, str], counts: Counts
) -> None:
    moved = [change for change in found.changes(measure.name) if change.difference]
    if moved:
        st.subheader(f"Questionnaires that changed · {len(moved):,}", anchor=False)
        shifts = changed.by_questionnaire(found)
        attending.each("compared", moved, lambda one: changed.change(workbench, one, (shifts, counts), titles))
    named = {change.questionnaire for change in moved}
    rest = [name for name in found.overlaps if name not in named]
    others = [name for name in rest if changed.shows_others(found, name)]
    if others:
        with st.expander(f"As good as before, with other scripts · {len(others):,}"):
            _few(workbench, found, others, titles, counts)
    if same := len(rest) - len(others):
        st.caption(f"{words.count(same, 'other questionnaire')}: as good as before, and the same scripts are shown.")


def _overlaps(workbench: Workbench, found: Comparison, titles: Mapping[str, str], counts: Counts) -> None:
    if found.overlaps:
        st.subheader("Questionnaires, the least alike first", anchor=False)
        _few(workbench, found, list(found.overlaps), titles, counts)


def _few(
    workbench: Workbench, found: Comparison, names: Sequence[str], titles: Mapping[str, str], counts: Counts
) -> None:
    shifts, alike = changed.by_questionnaire(found), found.overlaps
    attending.each("alike", names, lambda name: changed.alike(workbench, name, alike[name], (shifts, counts), titles))
