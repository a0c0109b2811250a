"""What was tried, a row a trial, the workspace's own way first."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.ui import words
from pages.ui.evaluate import numbers
from pages.ui.model import changing
from pages.ui.tune import address, said
from pages.ui.tune.kept import Bench
from services.domain.comparison import Comparison, Test
from services.domain.measures import Measure, measures
from services.domain.runs import Outcome, Run
from services.tuning import Trial
from services.workbench import Workbench

SAYS = "By a paired randomisation test, corrected by Holm for the number of measures."
_LIFT = (
    "Of the difference to how it is now, below it its 95% bootstrap interval over questionnaires. Paired: each "
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
    one = known[address.choice(address.MEASURE, list(known), usual)]
    if address.MEASURE not in st.query_params:
        # What is usual changes with how many scripts the workspace shows.
        address.chosen(address.MEASURE)
    st.selectbox(
        "Measured by",
        list(known),
        key=address.MEASURE,
        width=280,
        format_func=numbers.name,
        on_change=address.chosen,
        args=(address.MEASURE,),
    )
    st.caption(words.plain(one.says), help=words.plain(numbers.about(one)))
    return one


def draw(workbench: Workbench, bench: Bench, chosen: Measure | None) -> None:
    """All trials. ``chosen`` is None where nothing was judged: then how alike the rankings are is all there is."""
    present = bench.trials.present
    if present is None:
        return
    others = [trial for trial in bench.trials.all if not is_now(bench, trial)]
    rows = [_present(workbench, bench, present, chosen)]
    rows += [_row(workbench, bench, trial, chosen) for trial in others]
    st.html(f'<div class="measures">{of(_heads(chosen), rows)}</div>')
    if chosen is not None and others:
        st.caption(
            "A script that nobody judged counts as not fitting: a way that brings new ones to the front looks worse "
            "than it may be, until those are judged."
        )


def is_now(bench: Bench, trial: Trial) -> bool:
    """Whether it asks as the workspace does: such a one has nothing to be compared with."""
    # What was compared with last ends with the way of the workspace.
    return bool(bench.seen) and trial.way == bench.seen[-1] and bench.trials.compared(trial) is not None


def named(trial: Trial) -> str:
    """What a trial is called."""
    if trial.wanted.name == trial.wanted.settings.method.name:
        return said.called(trial.wanted.settings.method)
    return trial.wanted.name or f"Trial {trial.number}"


def setting(workbench: Workbench, trial: Trial, digest: str) -> str:
    """How it asks, in one line; by which model, where that is another one."""
    told = said.setting(trial.wanted.settings, digest, workbench.settings)
    if not trial.wanted.embedder:
        return told
    setup = trial.run.setup
    return f"{told} · {changing.named(workbench, setup.model_digest, setup.model_name)}"


def cell(figure: str, below: str = "") -> str:
    """A figure of a table, with its interval below it."""
    return f"{html.escape(figure)}<small>{html.escape(below)}</small>"


def head(told: str, about: str = "") -> str:
    """The head of a column, with what it means on hover."""
    if not about:
        return f"<th>{html.escape(told)}</th>"
    return f'<th title="{html.escape(about, quote=True)}"><abbr>{html.escape(told)}</abbr></th>'


def of(heads: str, rows: Sequence[str]) -> str:
    """A table of these cells."""
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _heads(chosen: Measure | None) -> str:
    if chosen is None:
        return "<th></th>" + head("Alike", said.ALIKE) + head("Found", said.FOUND)
    return "<th></th>" + "".join(
        [
            head("Verdict", SAYS),
            head(numbers.name(chosen.name), f"{chosen.says} {numbers.about(chosen)}"),
            head("Difference", _LIFT),
            head("Changed", "How many questionnaires got better, and how many worse."),
            head("Judged", "Of the scripts that are shown, how many somebody has judged."),
        ]
    )


def _line(name: str, way: str, cells: Sequence[str]) -> str:
    first = f'<b>{html.escape(name)}</b><small style="display:block">{html.escape(way)}</small>'
    style = ' style="white-space:normal;min-width:min(7rem,20vw);max-width:16rem"'
    return f"<tr><th{style}>{first}</th>{''.join(f'<td>{one}</td>' for one in cells)}</tr>"


def _present(workbench: Workbench, bench: Bench, present: Run, chosen: Measure | None) -> str:
    # Going back tries the former way under its own name: nothing that anybody called so.
    own = workbench.settings.method.name
    alike = [named(trial) for trial in bench.trials.all if is_now(bench, trial) and trial.wanted.name != own]
    name = ", ".join(["As it is now", *dict.fromkeys(alike)])
    way = said.setting(workbench.settings, workbench.embedder().identity.digest)
    if chosen is None:
        return _line(name, way, [f"{1:.3f}", f"{sum(found(present).values()):,}"])
    return _line(name, way, ["", _figure(present, chosen), "", "", coverage(present)])


def _row(workbench: Workbench, bench: Bench, trial: Trial, chosen: Measure | None) -> str:
    way = setting(workbench, trial, workbench.embedder().identity.digest)
    compared = bench.trials.compared(trial)
    if chosen is None:
        overlap = compared.overlap if compared else None
        alike = "\u2013" if overlap is None else f"{overlap:.3f}"
        return _line(named(trial), way, [alike, f"{sum(found(trial.run).values()):,}"])
    says, difference, changed = _compared(compared, chosen.name)
    return _line(named(trial), way, [says, _figure(trial.run, chosen), difference, changed, coverage(trial.run)])


def _figure(run: Run, chosen: Measure) -> str:
    interval = run.figures.overall.get(chosen.name)
    if interval is None or interval.value is None:
        return "not measured"
    return cell(numbers.value(interval), numbers.between(interval))


def _compared(compared: Comparison | None, name: str) -> tuple[str, str, str]:
    """What it says, the difference, and how many changed."""
    test = compared.tests.get(name) if compared else None
    if test is None:
        return "of before a change" if compared is None else "not measured", "", ""
    if test.difference.value is None:
        return said.verdict(test), "", ""
    return said.verdict(test), differs(test), counted(test)


def differs(test: Test) -> str:
    """The mean difference with its interval below it."""
    return cell(numbers.signed(test.difference.value or 0.0), numbers.signed_between(test.difference))


def counted(test: Test) -> str:
    """How many questionnaires got better, and below it how many worse."""
    return cell(f"{test.improved:,} better", f"{test.worsened:,} worse")


def found(run: Run) -> dict[str, int]:
    """How many scripts each questionnaire finds, in all sections."""
    return {answer.questionnaire: sum(one.ranked for one in answer.sections.values()) for answer in run.answers}


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
