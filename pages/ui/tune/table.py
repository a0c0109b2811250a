"""What was tried, a row a trial, the workspace's own way first."""

import streamlit as st

from pages.ui import words
from pages.ui.tune import said
from pages.ui.tune.kept import Bench
from services.domain.comparison import Comparison
from services.domain.measures import Measure, measures
from services.domain.runs import Outcome, Run
from services.domain.settings import Settings
from services.tuning import Trial
from services.workbench import Workbench

_MEASURE = "measure"
SAYS = "By a paired randomisation test, corrected by Holm for the number of measures."
_LIFT = (
    "Of the difference to how it is now, in brackets its 95% bootstrap interval over questionnaires. Paired: each "
    "questionnaire is compared with itself."
)


def judged(bench: Bench) -> bool:
    """Whether somebody has said which scripts fit."""
    grades = bench.trials.present.grades if bench.trials.present else {}
    return any(grade >= 1 for by in grades.values() for graded in by.values() for grade in graded.values())


def measure(workbench: Workbench) -> Measure:
    """The measure that is looked at, chosen by the reader."""
    known = {one.name: one for one in measures(workbench.settings.top_k)}
    usual = f"recall@{workbench.settings.top_k}"
    name = st.selectbox(
        "Measured by", list(known), index=list(known).index(usual), key=_MEASURE, bind="query-params", width=280
    )
    one = known[name]
    st.caption(words.plain(one.says), help=words.plain(f"{one.definition} {one.source}"))
    return one


def draw(workbench: Workbench, bench: Bench, chosen: Measure | None) -> None:
    """All trials. ``chosen`` is None where nothing was judged: then how alike the rankings are is all there is."""
    present = bench.trials.present
    if present is None:
        return
    digest = workbench.embedder().identity.digest
    rows = [_now(workbench.settings, digest, present, chosen)]
    rows += [_row(workbench, bench, trial, digest, chosen) for trial in bench.trials.all]
    st.dataframe(
        rows,
        hide_index=True,
        height=min(35 * len(rows) + 40, 390),
        column_config={
            "Trial": st.column_config.TextColumn(width=110),
            "Setting": st.column_config.TextColumn(width=160),
            "Difference": st.column_config.TextColumn(help=_LIFT),
            "Changed": st.column_config.TextColumn(help="How many questionnaires got better, and how many worse."),
            "Says": st.column_config.TextColumn(help=SAYS),
            "Judged": st.column_config.TextColumn(
                width=65, help="Of the scripts that are shown, how many somebody has judged."
            ),
            "Alike": st.column_config.NumberColumn(format="%.3f", help=said.ALIKE),
        },
    )

    if chosen is not None and bench.trials.all:
        st.caption(
            "A script that nobody judged counts as not fitting: a way that brings new ones to the front looks worse "
            "than it may be, until those are judged."
        )


def named(trial: Trial) -> str:
    """What a trial is called."""
    return trial.wanted.name or f"Trial {trial.number}"


def setting(workbench: Workbench, trial: Trial, digest: str) -> str:
    """How it asks, in one line; by which model, where that is another one."""
    told = said.setting(trial.wanted.settings, digest, workbench.settings)
    return f"{told} · {trial.run.setup.model_name}" if trial.wanted.embedder else told


def _now(settings: Settings, digest: str, present: Run, chosen: Measure | None) -> dict[str, object]:
    row: dict[str, object] = {"Trial": "As it is now", "Setting": said.setting(settings, digest)}
    if chosen is None:
        return {**row, "Alike": 1.0}
    return {
        **row,
        chosen.name: said.figure(present.figures.overall[chosen.name]),
        "Judged": coverage(present),
        "Difference": "",
        "Changed": "",
        "Says": "",
    }


def _row(workbench: Workbench, bench: Bench, trial: Trial, digest: str, chosen: Measure | None) -> dict[str, object]:
    row: dict[str, object] = {"Trial": named(trial), "Setting": setting(workbench, trial, digest)}
    compared = bench.trials.compared(trial)
    if chosen is None:
        return {**row, "Alike": compared.overlap if compared else None}
    return {
        **row,
        chosen.name: said.figure(trial.run.figures.overall[chosen.name])
        if chosen.name in trial.run.figures.overall
        else "not measured",
        "Judged": coverage(trial.run),
        **_compared(compared, chosen.name),
    }


def _compared(compared: Comparison | None, name: str) -> dict[str, object]:
    test = compared.tests.get(name) if compared else None
    if test is None:
        told = "of before a change" if compared is None else "not measured"
        return {"Difference": "", "Changed": "", "Says": told}
    return {
        "Difference": said.difference(test.difference),
        "Changed": f"{test.improved} better, {test.worsened} worse" if test.difference.n else "",
        "Says": said.verdict(test),
    }


def coverage(run: Run) -> str:
    """How much of what is shown somebody has judged."""
    share = run.figures.covered.share
    return "" if share is None else f"{share:.0%}"


def notes(run: Run) -> list[str]:
    """What a reader of a run's figures must know besides them."""
    counted, found = run.outcomes, []
    # Where no section could be asked, each of them says why.
    if (failed := counted[Outcome.FAILED]) and not (run.refused and failed == len(run.answers)):
        first = next(answer for answer in run.answers if answer.outcome is Outcome.FAILED)
        found.append(f"{words.count(failed, 'questionnaire')} could not be asked: {first.cause} {first.next_step}")
    if counted[Outcome.NOT_RUN]:
        asked = len(run.answers) - counted[Outcome.NOT_RUN]
        found.append(f"It was stopped: {asked:,} of {words.count(len(run.answers), 'questionnaire')} were asked.")
    if counted[Outcome.NOTHING_FOUND]:
        found.append(f"{words.count(counted[Outcome.NOTHING_FOUND], 'questionnaire')} found nothing, and count 0.")
    found += [f"{words.section(section)} was not asked: {why}" for section, why in run.refused.items()]
    found += [f"{words.section(section)} has no approved script." for section in run.without_scripts]
    return found
