"""Whether a run is good enough to let a change of the corpus through, and which questionnaires say that it is not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.compare import compare
from services.domain.measures import Figures
from services.domain.runs import Outcome, Run
from services.domain.scripts import BrokenRecord
from services.domain.settings import Gate

MEASURE = "recall@5"
_MOST_NAMED = 5


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
        """The shape promised in ``docs/formats.md``."""
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


def gate(run: Run, rule: Gate, baseline: Run | None = None, broken: Sequence[BrokenRecord] = ()) -> Gated:
    """Hold a run against the workspace's rule, and against an earlier run where there is one.

    What both were asked is compared, by the judgements of the run: a question that is new, or judged further, is no
    fall. ``broken``: files of the workspace that cannot be read, and so are in no figure.
    """
    both = compare(baseline, run, run.grades) if baseline else None
    then, now = (both.figures_before, both.figures_after) if both else (None, run.figures)
    value, before, after = _value(run.figures), _value(then), _value(now)
    reasons = (
        *_incomplete(run, broken),
        *_too_low(value, rule),
        *(_fallen(before, after, rule, len(now.measured(MEASURE))) if before and after is not None else ()),
    )
    figures = _failing(run, rule, then, now) if reasons else {}
    return Gated(value, rule.recall_at_5, before, rule.fall, reasons, tuple(figures), figures)


def _value(figures: Figures | None) -> float | None:
    figure = figures.overall.get(MEASURE) if figures else None
    return figure.value if figure else None


def _incomplete(run: Run, broken: Sequence[BrokenRecord]) -> Iterator[str]:
    """Why the figures do not tell of all that there is: what is left out of a mean cannot make it fall."""
    ended, total = run.outcomes, len(run.answers)
    if ended[Outcome.FAILED]:
        yield f"{ended[Outcome.FAILED]:,} of {total:,} questionnaires failed."
    if ended[Outcome.NOT_RUN]:
        yield f"{ended[Outcome.NOT_RUN]:,} of {total:,} questionnaires were not asked."
    for section, why in run.refused.items():
        yield f"The section {section} was not asked. {why}"
    for section in run.without_scripts:
        if _judged_in(run, {section}):
            yield f"The section {section} has no script that could be found, and questionnaires expect some."
    if run.unknown:
        yield f"{len(run.unknown):,} of {total:,} questionnaires name scripts that are not in the corpus."
    if broken:
        named = ", ".join(one.path for one in broken[:_MOST_NAMED])
        more = f" and {len(broken) - _MOST_NAMED:,} more" if len(broken) > _MOST_NAMED else ""
        yield f"Not everything can be read: {named}{more}."


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
    elif value < rule.recall_at_5:
        yield f"{MEASURE} is {value:.3f}, below {rule.recall_at_5:.2f}."


def _fallen(before: float, after: float, rule: Gate, count: int) -> Iterator[str]:
    if after < before * (1 - rule.fall):
        fell = f"{1 - after / before:.0%} below the baseline's {before:.3f}; {rule.fall:.0%} may be"
        yield f"{MEASURE} of the {count:,} questionnaires that both measure is {after:.3f}, {fell}."


def _failing(run: Run, rule: Gate, then: Figures | None, now: Figures) -> dict[str, float | None]:
    """Those that were not answered, that want what could not be found, that are below the least, and that fell."""
    found: dict[str, float | None] = {}
    unasked = {*run.unknown, *_judged_in(run, {*run.refused, *run.without_scripts})}
    for answer in run.answers:
        name = answer.questionnaire
        value, after = run.figures.of(name, MEASURE), now.of(name, MEASURE)
        before = then.of(name, MEASURE) if then else None
        low = value is not None and value < rule.recall_at_5
        fell = before is not None and after is not None and after < before
        if answer.outcome in (Outcome.FAILED, Outcome.NOT_RUN):
            found[name] = None
        elif name in unasked or low or fell:
            found[name] = value
    return dict(sorted(found.items(), key=lambda item: (item[1] is not None, item[1] or 0.0, item[0])))
