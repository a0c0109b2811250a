"""The questionnaires of a run, worst first; what became of each is kept apart, and each opens to show why."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui import words
from pages.ui.evaluate import address, numbers, opened
from pages.ui.evaluate.choosing import Chosen
from pages.ui.evaluate.headline import in_order, measured
from pages.ui.evaluate.running import Saved
from services.domain.measures import Measure
from services.domain.runs import Answer, Outcome, Run
from services.workbench import Workbench

_Rows = Callable[[str, Sequence[Answer]], None]

_FEW, _MORE, _RANKS = 10, 30, 6
_WHY_ONE = {
    Outcome.FAILED: "It could not be asked, so it is in no figure.",
    Outcome.NOTHING_FOUND: "It was asked, and no script came: in every figure it counts 0.",
}
_WHY = {
    Outcome.FAILED: "They could not be asked, so they are in no figure.",
    Outcome.NOTHING_FOUND: "They were asked, and no script came: in every figure they count 0.",
    Outcome.NOT_RUN: "Somebody said stop before it was their turn, so they are in no figure.",
}
_HEADINGS = {
    Outcome.FAILED: "Failed",
    Outcome.NOTHING_FOUND: "Nothing found",
}


def show(workbench: Workbench, chosen: Chosen, measure: Measure) -> None:
    """All of them."""
    run, titles = chosen.run, titles_of(chosen.saved)
    by_outcome = {o: [a for a in run.answers if a.outcome is o] for o in Outcome}
    st.subheader("Questionnaires, worst first" if measured(run) else "Questionnaires", anchor=False)
    st.caption(_counts(by_outcome))
    values = {a.questionnaire: run.figures.of(a.questionnaire, measure.name) for a in run.answers}

    def rows(name: str, answers: Sequence[Answer]) -> None:
        shown, same = _first(name, answers), _same_cause(answers)
        for answer in shown:
            value = values[answer.questionnaire]
            line = "" if same and answer.cause else _line(run, answer, workbench.settings.sections)
            _row(
                workbench, chosen, answer, _headed(value, titles.get(answer.questionnaire, answer.questionnaire)), line
            )
        _more(name, len(answers) - len(shown))

    for outcome in (Outcome.FAILED, Outcome.NOTHING_FOUND):
        _group(outcome, by_outcome[outcome], run, rows)
    short, fine, unjudged = _parted(by_outcome[Outcome.ANSWERED], values)
    if short:
        if len(short) < len(run.answers):
            st.markdown(f"**Answered, and below 1 in {numbers.name(measure.name)}** · {len(short):,}")
        rows("short", short)
    _folded("fine", f"At their best: {numbers.name(measure.name)} of 1 · {len(fine):,}", fine, rows)
    _folded("unjudged", f"Answered, and nothing is judged · {len(unjudged):,}", unjudged, rows)
    if not_run := by_outcome[Outcome.NOT_RUN]:
        with st.expander(f"Not run · {len(not_run):,}"):
            st.caption(f"{_WHY[Outcome.NOT_RUN]} {_shared(not_run, run)}".strip())
            rows("not_run", not_run)


def titles_of(saved: Saved) -> Mapping[str, str]:
    """What questionnaires are called, by id."""
    return {i: questionnaire.title or i for i, questionnaire in saved.items()}


def _counts(by_outcome: Mapping[Outcome, Sequence[Answer]]) -> str:
    told = {
        Outcome.ANSWERED: "answered",
        Outcome.NOTHING_FOUND: "found nothing",
        Outcome.FAILED: "failed",
        Outcome.NOT_RUN: "not run",
    }
    return " · ".join(f"{len(by_outcome[outcome]):,} {said}" for outcome, said in told.items())


def _parted(
    answers: Sequence[Answer], values: Mapping[str, float | None]
) -> tuple[list[Answer], list[Answer], list[Answer]]:
    """Those below 1, the worst first; those that cannot be better; those of which nothing can be said."""

    def of(answer: Answer) -> float:
        value = values[answer.questionnaire]
        return -1.0 if value is None else value

    ranked = sorted(answers, key=lambda answer: (of(answer), answer.questionnaire))
    short = [answer for answer in ranked if of(answer) >= 0 and not numbers.is_whole(of(answer))]
    fine = [answer for answer in ranked if numbers.is_whole(of(answer))]
    return short, fine, [answer for answer in ranked if of(answer) < 0]


def _group(outcome: Outcome, answers: Sequence[Answer], run: Run, rows: _Rows) -> None:
    if not answers:
        return
    told = _WHY_ONE[outcome] if len(answers) == 1 else _WHY[outcome]
    why = f"{told} {_shared(answers, run)}".strip()
    if answers[0].cause and _same_cause(answers):
        # One reason for all is said once.
        st.caption(why)
        _folded(outcome.value, f"{_HEADINGS[outcome]} · {len(answers):,}", answers, rows)
        return
    st.markdown(f"**{_HEADINGS[outcome]}** · {len(answers):,}")
    st.caption(why)
    rows(outcome.value, answers)


def _shared(answers: Sequence[Answer], run: Run) -> str:
    """Why all of them were not answered, where that is the same for all and not said above."""
    if not _same_cause(answers) or answers[0].cause == " ".join(run.refused.values()):
        return ""
    return words.plain(f"{answers[0].cause} {answers[0].next_step}")


def _same_cause(answers: Sequence[Answer]) -> bool:
    return len(answers) > 1 and len({(answer.cause, answer.next_step) for answer in answers}) == 1


def _folded(name: str, label: str, answers: Sequence[Answer], rows: _Rows) -> None:
    if answers:
        said = address.read(address.QUESTIONNAIRE)
        with st.expander(label, expanded=any(a.questionnaire == said for a in answers)):
            rows(name, answers)


def _first(name: str, answers: Sequence[Answer]) -> Sequence[Answer]:
    """As many as are drawn; the one that the address names is among them."""
    count, said = st.session_state.get(_key(name), _FEW), address.read(address.QUESTIONNAIRE)
    named = [answer for answer in answers[count:] if answer.questionnaire == said]
    return [*answers[:count], *named]


def _more(name: str, rest: int) -> None:
    if rest > 0:
        more = min(rest, _MORE)
        label = f"Show the other {rest:,}" if more == rest else f"Show {more} of the other {rest:,}"
        st.button(label, key=f"{_key(name)}_more", type="tertiary", on_click=_show_more, args=(name,))


def _show_more(name: str) -> None:
    st.session_state[_key(name)] = st.session_state.get(_key(name), _FEW) + _MORE


def _key(name: str) -> str:
    return f"evaluate_rows_{name}"


def _row(workbench: Workbench, chosen: Chosen, answer: Answer, label: str, line: str) -> None:
    """One questionnaire: its figure, what it is called, where what fits came; pressed, why."""
    name = answer.questionnaire
    is_open = address.read(address.QUESTIONNAIRE) == name
    with st.container(key=f"asked_{name}", gap=None):
        st.button(
            label,
            key=f"open_{name}",
            type="tertiary",
            icon=":material/expand_less:" if is_open else ":material/expand_more:",
            help="Close" if is_open else "What was expected, what came instead, and why",
            on_click=address.write,
            args=(address.QUESTIONNAIRE, "" if is_open else name),
        )
        if line and not is_open:
            st.caption(line)
    if is_open:
        opened.show(workbench, chosen, answer)


def _placed(came: Sequence[str], ranked: int, missing: int) -> str:
    """'1st, 4th of 31, 1 not found'."""
    where = [f"{', '.join(came)} of {ranked:,}"] if came else []
    return ", ".join([*where, f"{missing:,} not found"] if missing else where)


def _headed(value: float | None, title: str) -> str:
    figure = f"{value:.3f}\u2002" if value is not None else ""
    return f"{figure}**{words.plain(title)}**"


def _line(run: Run, answer: Answer, sections: tuple[str, ...]) -> str:
    """Why it was not answered, else where what fits came."""
    if answer.outcome in (Outcome.FAILED, Outcome.NOT_RUN):
        return words.plain(f"{answer.cause} {answer.next_step}")
    told = []
    grades = run.grades.get(answer.questionnaire, {})
    for section in in_order(grades, sections):
        found = answer.sections.get(section)
        wanted = [script for script, grade in grades[section].items() if grade >= 1]
        if found is None or not wanted:
            continue
        ranks = sorted(found.ranks[script] for script in wanted if script in found.ranks)
        missing = len(wanted) - len(ranks)
        came = [words.ordinal(rank) for rank in ranks[:_RANKS]] + (["…"] if len(ranks) > _RANKS else [])
        told.append(f"{words.section(section)}: {_placed(came, found.ranked, missing)}")
    return words.plain(" · ".join(told)) if told else "Nothing is expected or judged to fit."
