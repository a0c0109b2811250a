"""One trial against how it is now: measure by measure, and questionnaire by questionnaire."""

import streamlit as st

from pages.ui import apart, words
from pages.ui.evaluate import comparing, numbers
from pages.ui.tune import said, table
from pages.ui.tune.kept import Bench
from services.domain.comparison import Comparison, Test
from services.domain.measures import Measure, measures
from services.tuning import Trial
from services.workbench import Workbench

_HEIGHT = 390


def choose(workbench: Workbench, bench: Bench) -> Trial | None:
    """The trial that is looked at: the last one, unless another is chosen; settings changed alone among them."""
    trials = [trial for trial in reversed(bench.trials.all) if not table.is_now(bench, trial)]
    # As in the chart: what was tried before something changed is not in it.
    each = [t for t in bench.trials.each if bench.trials.compared(t) and not table.is_now(bench, t)]
    if not trials and not each:
        return None
    digest = workbench.embedder().identity.digest
    told = {identity(t): f"{table.named(t)}: {table.setting(workbench, t, digest)}" for t in trials}
    told |= {identity(t): alone(t, digest) for t in each}
    by_identity = {identity(trial): trial for trial in (*trials, *each)}
    named = apart.by_id(told)
    newest = identity(trials[0] if trials else each[0])
    # Whoever tries something looks at that.
    chosen = st.selectbox("In detail", list(named), format_func=named.__getitem__, key=f"tune_detail_{newest}")
    return by_identity[chosen]


def identity(trial: Trial) -> str:
    """What tells it from the others."""
    return str(trial.number) if trial.number else f"{trial.wanted.varies}_{trial.way}"


def alone(trial: Trial, digest: str) -> str:
    """Which setting was changed by itself, and to what."""
    varies = trial.wanted.varies
    return f"{said.SETTINGS[varies]}: {said.value(trial.wanted.settings, varies, digest)}"


def show(workbench: Workbench, bench: Bench, trial: Trial, chosen: Measure | None) -> None:
    """What differs between the two."""
    present = bench.trials.present
    known = table.notes(present) if present is not None else []
    for note in table.notes(trial.run):
        if note in known:
            # It is said of how it is now already.
            continue
        st.caption(f":material/info: {words.plain(note)}")
    compared = bench.trials.compared(trial)
    if compared is None:
        st.caption("It was tried before something changed, so it is not compared. Try it again.")
        return
    titles = {i: q.title or i for i, q in workbench.all_questionnaires.items()}
    if chosen is None:
        _alike(compared, titles, table.found(present) if present else {}, table.found(trial.run))
        return
    if compared.left_out_sections:
        left_out = words.listed([words.section(section) for section in compared.left_out_sections])
        st.caption(f"Not compared, as only one of the two could be asked there: {words.plain(left_out)}.")
    _measures(compared)
    _questionnaires(compared, chosen, titles)


def _measures(compared: Comparison) -> None:
    if not any(test.changed for test in compared.tests.values()):
        return
    heads = [
        table.head("Verdict", table.SAYS),
        table.head("As it is now"),
        table.head("Tried"),
        table.head("Difference"),
        table.head("Changed", "How many questionnaires got better, and how many worse."),
    ]
    rows = [_measure(one, compared.tests[one.name]) for one in measures(compared.top_k) if one.name in compared.tests]
    st.html(f'<div class="measures">{table.of("<th></th>" + "".join(heads), rows)}</div>')


def _measure(measure: Measure, test: Test) -> str:
    name = table.head(numbers.name(measure.name), f"{measure.says} {numbers.about(measure)}")
    if test.difference.value is None:
        return f"<tr>{name}<td>{said.verdict(test)}</td></tr>"
    cells = [
        said.verdict(test),
        table.cell(numbers.value(test.before), numbers.between(test.before)),
        table.cell(numbers.value(test.after), numbers.between(test.after)),
        table.differs(test),
        table.counted(test),
    ]
    return f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _questionnaires(compared: Comparison, chosen: Measure, titles: dict[str, str]) -> None:
    test = compared.tests.get(chosen.name)
    if test is None:
        return
    if not test.difference.n:
        st.markdown(words.plain(test.says))
        return
    st.markdown(f"**{numbers.name(chosen.name)}**: {words.plain(comparing.sentence(test))}.", help=test.says)
    changed = [change for change in compared.changes(chosen.name) if change.difference]
    if not changed:
        return
    st.dataframe(
        [
            {
                "Questionnaire": titles.get(change.questionnaire, change.questionnaire),
                "Now": f"{change.before:.3f}",
                "Tried": f"{change.after:.3f}",
                "Difference": numbers.signed(change.difference),
            }
            for change in changed
        ],
        hide_index=True,
        height=min(35 * len(changed) + 40, _HEIGHT),
        column_config={
            "Questionnaire": st.column_config.TextColumn(width=140),
            "Now": st.column_config.TextColumn(width=64, alignment="right"),
            "Tried": st.column_config.TextColumn(width=64, alignment="right"),
            "Difference": st.column_config.TextColumn(width=84, alignment="right"),
        },
    )


def _alike(compared: Comparison, titles: dict[str, str], before: dict[str, int], after: dict[str, int]) -> None:
    if not compared.overlaps:
        st.caption("One of the two found nothing, so there is nothing to compare.")
        return
    st.dataframe(
        [
            {"Questionnaire": titles.get(q, q), "Alike": value, "Found now": before.get(q), "Found": after.get(q)}
            for q, value in compared.overlaps.items()
        ],
        hide_index=True,
        height=min(35 * len(compared.overlaps) + 40, _HEIGHT),
        column_config={
            "Alike": st.column_config.NumberColumn(format="%.3f", help=said.ALIKE),
            "Found now": st.column_config.NumberColumn(format="localized", help="Scripts that are found now."),
            "Found": st.column_config.NumberColumn(format="localized", help="Scripts that are found by this trial."),
        },
    )
