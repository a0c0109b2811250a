"""One trial against how it is now: measure by measure, and questionnaire by questionnaire."""

import streamlit as st

from pages.ui import apart, words
from pages.ui.tune import said, table
from pages.ui.tune.kept import Bench
from services.domain.comparison import Comparison
from services.domain.measures import Measure
from services.tuning import Trial
from services.workbench import Workbench

_HEIGHT = 390


def choose(workbench: Workbench, bench: Bench) -> Trial | None:
    """The trial that is looked at: the last one, unless another is chosen."""
    trials = list(reversed(bench.trials.all))
    if not trials:
        return None
    digest = workbench.embedder().identity.digest
    told = {str(t.number): f"{table.named(t)}: {table.setting(workbench, t, digest)}" for t in trials}
    named = apart.by_id(told)
    # Whoever tries something looks at that.
    chosen = st.selectbox(
        "In detail", list(named), format_func=named.__getitem__, key=f"tune_detail_{trials[0].number}"
    )
    return next(trial for trial in trials if str(trial.number) == chosen)


def show(workbench: Workbench, bench: Bench, trial: Trial, chosen: Measure | None) -> None:
    """What differs between the two."""
    for note in table.notes(trial.run):
        st.caption(f":material/info: {words.plain(note)}")
    compared = bench.trials.compared(trial)
    if compared is None:
        st.caption("It was tried before something changed, so it is not compared. Try it again.")
        return
    titles = {i: q.title or i for i, q in workbench.all_questionnaires.items()}
    if chosen is None:
        _alike(compared, titles)
        return
    if compared.left_out_sections:
        left_out = words.listed([words.section(section) for section in compared.left_out_sections])
        st.caption(f"Not compared, as only one of the two could be asked there: {words.plain(left_out)}.")
    _measures(compared, table.named(trial))
    _questionnaires(compared, chosen, titles)


def _measures(compared: Comparison, name: str) -> None:
    if not any(test.changed for test in compared.tests.values()):
        return
    rows = [
        {
            "Measure": test.measure,
            "As it is now": said.figure(test.before),
            name: said.figure(test.after),
            "Difference": said.difference(test.difference),
            "Better": test.improved,
            "Worse": test.worsened,
            "Says": said.verdict(test),
        }
        for test in compared.tests.values()
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height=35 * len(rows) + 40,
        column_config={
            "Better": st.column_config.NumberColumn(width=60, help="Questionnaires that got better."),
            "Worse": st.column_config.NumberColumn(width=60, help="Questionnaires that got worse."),
            "Says": st.column_config.TextColumn(width=135, help=table.SAYS),
        },
    )


def _questionnaires(compared: Comparison, chosen: Measure, titles: dict[str, str]) -> None:
    test = compared.tests.get(chosen.name)
    changes = compared.changes(chosen.name)
    if test is None:
        return
    if not changes:
        st.markdown(words.plain(test.says))
        return
    changed = [change for change in changes if change.difference]
    st.markdown(
        words.plain(
            f"{chosen.name}: {test.improved} better, {test.worsened} worse, {test.unchanged} as before. {test.says}"
        )
    )
    if not changed:
        return
    st.dataframe(
        [
            {
                "Questionnaire": titles.get(change.questionnaire, change.questionnaire),
                "As it is now": change.before,
                "Tried": change.after,
                "Difference": change.difference,
            }
            for change in changed
        ],
        hide_index=True,
        height=min(35 * len(changed) + 40, _HEIGHT),
        column_config={
            "As it is now": st.column_config.NumberColumn(format="%.3f"),
            "Tried": st.column_config.NumberColumn(format="%.3f"),
            "Difference": st.column_config.NumberColumn(format="%+.3f"),
        },
    )


def _alike(compared: Comparison, titles: dict[str, str]) -> None:
    if not compared.overlaps:
        st.caption("One of the two found nothing, so there is nothing to compare.")
        return
    st.dataframe(
        [{"Questionnaire": titles.get(q, q), "Alike": value} for q, value in compared.overlaps.items()],
        hide_index=True,
        height=min(35 * len(compared.overlaps) + 40, _HEIGHT),
        column_config={"Alike": st.column_config.NumberColumn(format="%.3f", help=said.ALIKE)},
    )
