"""Whether a run is good enough to let a change of the corpus through, and which questionnaires say that it is not."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import fmean
from typing import Any

from services.domain.followed import Taken, followed
from services.domain.measures import Figures, Interval
from services.domain.runs import Outcome, Run
from services.domain.scripts import BrokenRecord
from services.domain.settings import Gate
from services.ground import text
from services.measuring import recall

_FIRST = 5
MEASURE = f"recall@{_FIRST}"
_MOST_NAMED = 5
_UNANSWERED = (Outcome.FAILED, Outcome.NOT_RUN)
# Means of the same numbers in another order differ by less, and nobody means that by a limit.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Gated:
    """What the gate says. ``reasons`` is empty where it lets the run through."""

    value: float | None
    least: float
    # Of the run that it is compared with, over what both were asked; None where there is none, or nothing is common.
    baseline: float | None
    fall: float
    reasons: tuple[str, ...]
    # The questionnaires to look at, those with the lowest figure first; none where the run passes.
    failing: tuple[str, ...]
    # The figure of each of them; None where it has none.
    figures: Mapping[str, float | None]

    @property
    def passed(self) -> bool:
        """Whether the run is good enough."""
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        return {
            "passed": self.passed,
            "failing": list(self.failing),
            "reasons": list(self.reasons),
            "measure": MEASURE,
            "value": self.value,
            "least": self.least,
            "baseline": self.baseline,
            "fall": self.fall,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True, eq=False)
class Said:
    """What somebody judges: by questionnaire, the scripts. One object for as long as it is the same."""

    scripts: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Today:
    """What a workspace knows besides its runs."""

    # Files that cannot be read, and so are in no figure.
    broken: Sequence[BrokenRecord] = ()
    # Why there is no baseline although there should be one.
    lost: str = ""
    # The new ids of scripts that the baseline judges and that there are no more under the old one.
    renamed: Mapping[str, str] = field(default_factory=dict)
    # What was judged when the run was made; None where that is not known.
    judged: Said | None = None
    # Whether the run may be of before the baseline, and so need not have what was judged only then.
    earlier: bool = False


def gate(run: Run, rule: Gate, baseline: Run | None = None, today: Today | None = None) -> Gated:
    """Hold a run against the workspace's rule, and against an earlier run where there is one.

    What both were asked is compared, by the judgements of the run: a question that is new, or judged further, is no
    fall. Questionnaires and scripts that have another name now are followed.
    """
    today = today or Today()
    baseline = _followed(baseline, run, tuple(sorted(today.renamed.items()))) if baseline else None
    then, now = _both(baseline, run) if baseline else ({}, {})
    value, before, after = _value(run.figures), _mean(then), _mean(now)
    dropped = _dropped(run, baseline) if baseline else ()
    # Clocks differ: which one is older by its time is asked only where it may be.
    since = None if baseline and today.earlier and baseline.time > run.time else baseline
    taken = _taken(since, run, today.judged, dropped) if since else Taken()
    reasons = (
        *_incomplete(run, today.broken),
        *((f"It cannot be told whether {MEASURE} fell. {today.lost}",) if today.lost else ()),
        *(_incomparable(run, baseline, dropped, len(now)) if baseline else ()),
        *taken.told(),
        *_too_low(value, rule),
        *(_fallen(before, after, rule, len(now)) if before is not None and after is not None else ()),
    )
    fell = {name for name in then if now[name] < then[name]}
    figures = _failing(run, rule, dropped, taken.questionnaires, fell) if reasons else {}
    return Gated(value, rule.recall_at_5, before, rule.fall, reasons, tuple(figures), figures)


@lru_cache(maxsize=2)
def _followed(baseline: Run, run: Run, renamed: tuple[tuple[str, str], ...]) -> Run:
    """One object for the same runs, as ``_both`` goes by that."""
    return followed(baseline, run, dict(renamed))


@lru_cache(maxsize=2)
def _both(baseline: Run, run: Run) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """The figure of each questionnaire in both runs, over the questionnaires and sections that both were asked.

    Runs never change, so that a page which shows the same two again need not measure them again.
    """
    old, new = ({a.questionnaire: a for a in one.answers if a.outcome not in _UNANSWERED} for one in (baseline, run))
    sections = _asked_for(baseline) & _asked_for(run)
    grades = {
        name: {section: graded for section, graded in by.items() if section in sections}
        for name, by in run.grades.items()
        if name in old and name in new
    }
    first, second = (recall([asked[name] for name in grades], grades, _FIRST) for asked in (old, new))
    return first, second


@lru_cache(maxsize=2)
def _taken(baseline: Run, run: Run, judged: Said | None, but: tuple[str, ...]) -> Taken:
    """Neither runs nor what is judged are other ones at the next press."""
    return Taken.between(baseline, run, judged.scripts if judged else None, but)


def _asked_for(run: Run) -> set[str]:
    return {*run.without_scripts, *(section for answer in run.answers for section in answer.sections)}


def _mean(figures: Mapping[str, float]) -> float | None:
    return fmean(figures.values()) if figures else None


def _value(figures: Figures) -> float | None:
    figure = figures.overall.get(MEASURE)
    return figure.value if figure else None


def _dropped(run: Run, baseline: Run) -> tuple[str, ...]:
    """Those that the baseline measured and this run does not, for no other reason that is told."""
    told = {a.questionnaire for a in run.answers if a.outcome in _UNANSWERED} | _unasked(run)
    left = (q for q in baseline.figures.measured(MEASURE) if run.figures.of(q, MEASURE) is None)
    return tuple(sorted(q for q in left if q not in told))


def _unasked(run: Run) -> set[str]:
    """Those that want what the run did not look for."""
    return {*run.unknown, *_judged_in(run, {*run.refused, *run.without_scripts})}


def _incomparable(run: Run, baseline: Run, dropped: Sequence[str], common: int) -> Iterator[str]:
    """What the baseline tells of and the run does not: questionnaires, sections, or everything."""
    if dropped:
        count = (
            "1 questionnaire that the baseline measures is"
            if len(dropped) == 1
            else (f"{len(dropped):,} questionnaires that the baseline measures are")
        )
        yield f"{count} not measured any more: {text.named(dropped, _MOST_NAMED)}."
    told = {*run.refused, *run.without_scripts}
    for section, figures in baseline.figures.sections.items():
        if section not in told and _count(figures) and not _count(run.figures.sections.get(section, {})):
            yield f"The section {section}, which the baseline measures, is not measured any more."
    if not common and baseline.figures.measured(MEASURE):
        yield f"Nothing is measured in both this run and the baseline, so it cannot be told whether {MEASURE} fell."


def _count(figures: Mapping[str, Interval]) -> int:
    return figures[MEASURE].n if MEASURE in figures else 0


def _incomplete(run: Run, broken: Sequence[BrokenRecord]) -> Iterator[str]:
    """Why the figures do not tell of all that there is: what is left out of a mean cannot make it fall."""
    ended, total = run.outcomes, len(run.answers)
    if ended[Outcome.FAILED]:
        yield f"{ended[Outcome.FAILED]:,} of {total:,} questionnaires failed."
    if ended[Outcome.NOT_RUN]:
        yield f"Not asked: {ended[Outcome.NOT_RUN]:,} of {total:,} questionnaires."
    for section, why in run.refused.items():
        yield f"The section {section} was not asked. {why}"
    for section in run.without_scripts:
        if _judged_in(run, {section}):
            yield f"The section {section} has no script that could be found, and questionnaires expect some."
    if run.unknown:
        yield f"Scripts that are not there any more are named by {len(run.unknown):,} of {total:,} questionnaires."
    if broken:
        yield f"Not everything can be read: {text.named([one.path for one in broken], _MOST_NAMED)}."


def _judged_in(run: Run, sections: Collection[str]) -> list[str]:
    """The questionnaires that have a script that fits in one of these sections."""
    return [
        name
        for name, graded in run.grades.items()
        if any(grade >= 1 for section in sections for grade in graded.get(section, {}).values())
    ]


def _too_low(value: float | None, rule: Gate) -> Iterator[str]:
    if value is None:
        yield "Nothing could be measured: no questionnaire that was answered has a script that fits."
    elif value < rule.recall_at_5 - _ROUNDING:
        shown = next((short for short in _longer(value, 3) if float(short) < rule.recall_at_5), f"{value}")
        yield f"{MEASURE} is {shown}, below {_exact(rule.recall_at_5, 2)}."


def _fallen(before: float, after: float, rule: Gate, count: int) -> Iterator[str]:
    if after < before * (1 - rule.fall) - _ROUNDING:
        fell = 100 * (1 - after / before)
        shown = next((short for short in _longer(fell, 1) if float(short) > 100 * rule.fall), f"{fell}")
        told = f"{shown}% below the baseline's {before:.3f}; {_exact(100 * rule.fall, 1)}% may be"
        yield f"{MEASURE} of the {count:,} questionnaires that both measure is {after:.3f}, {told}."


def _longer(value: float, decimals: int) -> Iterator[str]:
    """With so many decimals, and ever more: what is beyond a limit must not read as if it were at it."""
    return (f"{value:.{count}f}" for count in range(decimals, 10))


def _exact(limit: float, decimals: int) -> str:
    """A limit as it was set, with so many decimals at least."""
    short = f"{limit:.{decimals}f}"
    return short if math.isclose(float(short), limit) else f"{limit:.6g}"


def _failing(
    run: Run, rule: Gate, dropped: Sequence[str], taken: Collection[str], fallen: Collection[str]
) -> dict[str, float | None]:
    """Those to look at.

    They were not answered, are not measured any more or by less, want what could not be found, are below the least, or
    fell.
    """
    found: dict[str, float | None] = dict.fromkeys(dropped)
    unasked = _unasked(run)
    for answer in run.answers:
        name = answer.questionnaire
        value = run.figures.of(name, MEASURE)
        low = value is not None and value < rule.recall_at_5
        if answer.outcome in _UNANSWERED:
            found[name] = None
        elif name in unasked or name in taken or name in fallen or low:
            found[name] = value
    return dict(sorted(found.items(), key=lambda item: (item[1] is not None, item[1] or 0.0, item[0])))
