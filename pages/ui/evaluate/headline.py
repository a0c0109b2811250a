"""The one big figure: with its interval, what it is over, how much of it is judged, and each section's beside it."""

import html
from collections.abc import Iterable

import streamlit as st

from pages.ui import frame, moments, palette, words
from pages.ui.evaluate import address, numbers, rule
from pages.ui.evaluate.choosing import Chosen
from services.domain.measures import Coverage, Interval, Measure, measures
from services.domain.methods import Method
from services.domain.runs import Outcome, Run
from services.gate import MEASURE
from services.workbench import Workbench

_HEALTH, _JUDGE = frame.PAGES / "health.py", frame.PAGES / "judge.py"
_NOTHING = Interval(None, None, None, 0)
_COVERAGE = (
    "Of the first scripts of every answer, how many somebody has judged or the questionnaire expects. What nobody "
    "judged counts as not fitting."
)
# What judging more scripts can do to the figure of an answer, by the beginning of the measure's name.
_MORE_JUDGED = {
    "success": "Once more are judged, it can only rise where it is measured already.",
    "precision": "Once more are judged, it can only rise where it is measured already.",
    "reciprocal_rank": "Once more are judged, it can only rise where it is measured already.",
    "recall": "Once more are judged, it can go either way: more that fit become known, those that came early as well "
    "as those that did not.",
    "average_precision": "Once more are judged, it can go either way: more that fit become known, those that came "
    "early as well as those that did not.",
    "nDCG": "Once more are judged, it can go either way: what fits and came early raises it, and what fits and did not "
    "raises what the best order would have had.",
}
_INTERVAL = (
    "If other people's questionnaires had been saved, the figure would be another one. It lies in here in 95 of 100 "
    "such draws (95% percentile bootstrap over the questionnaires)."
)


def looked_at(run: Run) -> Measure:
    """The measure that is chosen."""
    every = {one.name: one for one in measures(run.setup.top_k)}
    return every.get(address.read(address.MEASURE), every[MEASURE])


def measure_of(run: Run) -> Measure:
    """Draw the choice of the measure, where there are figures; the one that is chosen."""
    every = {one.name: one for one in measures(run.setup.top_k)}
    key = address.choice(address.MEASURE, list(every), MEASURE)
    shown = every[st.session_state[key]]
    if not measured(run):
        return shown
    st.selectbox(
        "Measure",
        list(every),
        key=key,
        width=220,
        format_func=numbers.name,
        help=f"{shown.says} {numbers.about(shown)}",
        on_change=address.chosen,
        args=(address.MEASURE,),
    )
    return shown


def measured(run: Run) -> bool:
    """Whether there is any figure."""
    return any(figure.n for figure in run.figures.overall.values())


def show(workbench: Workbench, run: Run, measure: Measure) -> None:
    """The figure, or why there is none."""
    figure = run.figures.overall.get(measure.name)
    if figure is None or figure.value is None:
        st.subheader("Nothing could be measured", anchor=False)
        st.write(_why_nothing(run))
        if run.outcomes[Outcome.ANSWERED] and workbench.writable:
            with st.container(key="found_nothing_measured"):
                st.page_link(_JUDGE, label="Judge what comes", icon=":material/rule:")
        return
    between = numbers.between(figure)
    likely = f"likely {between}" if between else "one questionnaire: too few for an interval"
    st.html(
        f'<div class="score"><b>{numbers.value(figure)}</b><span title="{html.escape(_INTERVAL)}">{likely}<br>'
        f"over {words.count(figure.n, 'questionnaire')}</span></div>"
    )
    st.markdown(measure.says, help=numbers.about(measure))
    _coverage(run.figures.covered, measure)
    _ceiling(run, measure)
    _sections(run, measure, figure, workbench.settings.sections)


def _why_nothing(run: Run) -> str:
    if not run.outcomes[Outcome.ANSWERED] and not run.outcomes[Outcome.NOTHING_FOUND]:
        return "No questionnaire was answered; below is why."
    return (
        "No questionnaire that was asked names a script that it expects, and none was judged. Once there are "
        "judgements, the next run has figures; until then two runs can be compared by how alike their answers are."
    )


def _coverage(covered: Coverage, measure: Measure) -> None:
    if covered.share is not None:
        told = f"**{numbers.percent(covered.share)}** of the scripts shown are judged."
        st.caption(told, help=about_coverage(measure))


def about_coverage(measure: Measure) -> str:
    """What it means for a measure that not all is judged."""
    return f"{_COVERAGE} {_MORE_JUDGED[measure.name.partition('@')[0]]}"


def _ceiling(run: Run, measure: Measure) -> None:
    kind, _, cut_off = measure.name.partition("@")
    full, best = ceiling(run, measure) if kind == "recall" else (0, 1.0)
    if full:
        st.caption(
            f"In {words.count(full, 'answer')} more than {cut_off} scripts fit, so all of them cannot be among the "
            f"first {cut_off}: at best it would be {best:.3f}."
        )


def ceiling(run: Run, recall: Measure) -> tuple[int, float]:
    """For how many answers more scripts fit than a recall looks at, and what it could be at best."""
    cut_off = int(recall.name.partition("@")[2])
    full, best = 0, []
    for questionnaire, sections in run.figures.values.items():
        graded = run.grades.get(questionnaire, {})
        fit = [sum(grade >= 1 for grade in graded.get(section, {}).values()) for section in sections]
        full += sum(number > cut_off for number in fit)
        best.append(sum(min(1.0, cut_off / max(number, 1)) for number in fit) / max(len(fit), 1))
    return full, sum(best) / len(best) if best else 1.0


def _sections(run: Run, measure: Measure, overall: Interval, sections: tuple[str, ...]) -> None:
    shown = []
    for section in in_order(run.figures.sections, sections):
        figure = run.figures.sections[section].get(measure.name, _NOTHING)
        colour = palette.of_section(section, sections) if section in sections else palette.faint()
        covered = run.figures.coverage.get(section)
        share = covered.share if covered else None
        over = [
            numbers.between(figure),
            words.count(figure.n, "questionnaire") if figure.n != overall.n else "",
            f"{numbers.percent(share)} judged" if share is not None else "",
        ]
        # Each on a line of its own: so narrow, three sections stand side by side.
        aside = "<br>".join(filter(None, over)) if figure.value is not None else "nothing judged"
        shown.append(
            f'<div style="border-color:{colour}"><small>{html.escape(words.section(section))}</small>'
            f"<b>{numbers.value(figure)}</b><small>{aside}</small></div>"
        )
    if shown:
        st.html(f'<div class="scores">{"".join(shown)}</div>')


def in_order(found: Iterable[str], sections: tuple[str, ...]) -> list[str]:
    """Sections as the workspace orders them, then those that it has no more."""
    there = list(found)
    return [*(s for s in sections if s in there), *(s for s in there if s not in sections)]


def told(workbench: Workbench, chosen: Chosen) -> None:
    """What the workspace's rule says to the run, and what else is to be known of it before its figures are."""
    run = chosen.run
    if not chosen.kept:
        st.info("This run is not kept: the workspace is read-only. It is gone when this browser leaves.")
    _ended(run)
    _refused(run)
    if run.without_scripts:
        named = words.listed([words.section(section) for section in run.without_scripts])
        st.caption(f"Nothing can be found in {named}: where something is judged there, it counts 0.")
    rule.show(workbench, run)
    if workbench.grades() != run.grades:
        st.caption(
            ":material/update: What is expected or judged has changed since this run. Its figures are by what was "
            "known then; evaluate again to have them by what is known now."
        )


def _refused(run: Run) -> None:
    if not run.refused:
        return
    named = words.listed([words.section(section) for section in run.refused])
    was = "was" if len(run.refused) == 1 else "were"
    why = "  \n".join(words.plain(reason) for reason in dict.fromkeys(run.refused.values()))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.error(f"**{named} {was} not asked.**  \n{why}", icon=":material/block:")
        st.page_link(_HEALTH, label="Mend it on Health", icon=":material/arrow_forward:")


def _ended(run: Run) -> None:
    if not run.complete:
        asked = len(run.answers) - run.outcomes[Outcome.NOT_RUN]
        st.warning(
            f"**Stopped early: {asked:,} of {len(run.answers):,} questionnaires were asked.** The figures are over "
            "those; the others are kept apart below.",
            icon=":material/stop_circle:",
        )


def facts(run: Run) -> None:
    """Who ran it, when, and which way of finding; its exact terms, digests and versions on hover."""
    setup, made_on = run.setup, run.provenance
    shown = [
        f"Run by {words.plain(run.by)}" if run.by else "Run",
        moments.exact(run.time),
        words.MODES[setup.method.mode],
        words.plain(setup.method.name) if setup.method.name != Method().name else "",
        f"shows {words.count(setup.top_k, 'script')} a section",
        f"{run.seconds:.1f} s",
    ]
    digests = {
        "scripts": made_on.corpus,
        "questionnaires": made_on.questionnaires,
        "judgements": made_on.judgements,
        "settings": made_on.settings,
        "model": setup.model_digest,
        "commit": made_on.commit,
    }
    versions = ", ".join(f"{name} {number}" for name, number in made_on.versions.items())
    known = ", ".join(f"{name} {words.short(digest)}" for name, digest in digests.items() if digest)
    way = f"Method: {setup.method.name}. Mode: {setup.method.mode.value}. Model: {setup.model_name}."
    exact = f"{way} Digests: {known}. Libraries: {versions}."
    st.caption(" · ".join(filter(None, shown)), help=words.plain(exact))
