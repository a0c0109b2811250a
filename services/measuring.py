"""Measure rankings by what people judged: every measure by ``ir_measures``, every mean with its interval.

A section is measured for a questionnaire that has a script graded 1 or more there. What nobody judged counts as a grade
of 0, and so does what was not found: a questionnaire that found nothing gets 0. One that failed, or was not run, is
left out: nothing is known of it. The order measured is the order kept, so that no ties are left to break.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from services.domain.measures import Coverage, Figures, Interval, Measure, measures
from services.domain.measures import measure as measure_of
from services.domain.runs import DEPTH, Answer, Found, Grades, Outcome
from services.domain.statistics import bootstrap

# Falling, so that the first script comes first: the kept scores fall as well, but need not be numbers of any size.
_SCORES = tuple(float(DEPTH - i) for i in range(DEPTH))
_MEASURED = (Outcome.ANSWERED, Outcome.NOTHING_FOUND)
# By questionnaire, then by measure.
_Values = Mapping[str, Mapping[str, float]]


def measure(answers: Sequence[Answer], grades: Grades, top_k: int, *, seed: int = 0) -> Figures:
    """All ``measures(top_k)`` of these answers, per questionnaire, per section and overall.

    Intervals rest on 10,000 resamples up to 200 questionnaires, on fewer above (``statistics.resamples``); the seed
    makes them repeatable, and questionnaires in another order give the same ones.
    """
    chosen = measures(top_k)
    by_section = _by_section(answers, grades, chosen, DEPTH)
    values = _by_questionnaire(by_section)
    whole = {name: _mean(list(found.values()), chosen) for name, found in values.items()}
    return Figures(
        overall=_intervals(whole, chosen, seed),
        sections={section: _intervals(measured, chosen, seed) for section, measured in by_section.items()},
        values=values,
        coverage=_coverage(answers, grades, top_k),
    )


def recall(answers: Sequence[Answer], grades: Grades, k: int) -> Mapping[str, float]:
    """recall@k alone, of each questionnaire: what ``measure`` says of it, in a tenth of the time."""
    chosen = (measure_of(f"recall@{k}", k),)
    values = _by_questionnaire(_by_section(answers, grades, chosen, k))
    return {name: _mean(list(found.values()), chosen)[chosen[0].name] for name, found in values.items()}


def _by_section(
    answers: Sequence[Answer], grades: Grades, chosen: Sequence[Measure], depth: int
) -> Mapping[str, _Values]:
    """By section, what is measured of the first scripts of each ranking, ``depth`` of them."""
    asked = sorted((a for a in answers if a.outcome in _MEASURED), key=lambda a: a.questionnaire)
    return {section: _of_section(section, asked, grades, chosen, depth) for section in _sections(answers, grades)}


def _by_questionnaire(by_section: Mapping[str, _Values]) -> dict[str, dict[str, Mapping[str, float]]]:
    values: dict[str, dict[str, Mapping[str, float]]] = {}
    for name in sorted({name for measured in by_section.values() for name in measured}):
        values[name] = {s: measured[name] for s, measured in by_section.items() if name in measured}
    return values


def _sections(answers: Sequence[Answer], grades: Grades) -> list[str]:
    """All sections that were answered or judged, in the order in which they were asked."""
    asked = [section for answer in answers for section in answer.sections]
    judged = [section for answer in answers for section in grades.get(answer.questionnaire, {})]
    return list(dict.fromkeys(asked + judged))


def _of_section(
    section: str, asked: Sequence[Answer], grades: Grades, chosen: Sequence[Measure], depth: int
) -> _Values:
    """The values of the questionnaires that have a script that fits in this section."""
    judged: dict[str, dict[str, int]] = {}
    rankings: dict[str, dict[str, float]] = {}
    for answer in asked:
        graded = grades.get(answer.questionnaire, {}).get(section, {})
        if any(grade >= 1 for grade in graded.values()):
            judged[answer.questionnaire] = dict(graded)
            rankings[answer.questionnaire] = _ranking(answer.sections.get(section), depth)
    return _values(judged, rankings, chosen)


def _ranking(found: Found | None, depth: int) -> dict[str, float]:
    return dict(zip(found.scripts[:depth], _SCORES, strict=False)) if found else {}


def _values(
    judged: dict[str, dict[str, int]], rankings: dict[str, dict[str, float]], chosen: Sequence[Measure]
) -> _Values:
    if not judged:
        return {}
    import ir_measures  # noqa: PLC0415  with what it computes by, a sixth of a second to import

    parsed = _parsed(tuple(one.ir for one in chosen))
    # What it yields are these very objects; to look one up by what it equals would spell it out each time.
    names = {id(asked): one.name for asked, one in zip(parsed, chosen, strict=True)}
    values: dict[str, dict[str, float]] = {name: {} for name in judged}
    for metric in ir_measures.iter_calc(parsed, judged, rankings):
        values[metric.query_id][names[id(metric.measure)]] = float(metric.value)
    # In the order of the measures, whatever order they were computed in: what is kept is the same byte by byte.
    return {name: {one.name: found[one.name] for one in chosen} for name, found in values.items()}


@functools.cache
def _parsed(names: tuple[str, ...]) -> tuple[Any, ...]:
    """Measures as ``ir_measures`` has them.

    Parsed once: it parses them as Python, which in Python 3.11 fails at random where two threads do so at a time.
    """
    import ir_measures  # noqa: PLC0415  as above

    return tuple(map(ir_measures.parse_measure, names))


def _mean(found: Sequence[Mapping[str, float]], chosen: Sequence[Measure]) -> Mapping[str, float]:
    return {one.name: sum(by_measure[one.name] for by_measure in found) / len(found) for one in chosen}


def _intervals(values: _Values, chosen: Sequence[Measure], seed: int) -> Mapping[str, Interval]:
    names = [one.name for one in chosen]
    table = np.array([[by_measure[name] for name in names] for by_measure in values.values()], np.float64)
    return dict(zip(names, bootstrap(table.reshape(-1, len(names)), seed=seed), strict=True))


def _coverage(answers: Iterable[Answer], grades: Grades, top_k: int) -> Mapping[str, Coverage]:
    judged: dict[str, int] = {}
    shown: dict[str, int] = {}
    for answer in (a for a in answers if a.outcome is Outcome.ANSWERED):
        of_all = grades.get(answer.questionnaire, {})
        for section, found in answer.sections.items():
            first, graded = found.scripts[:top_k], of_all.get(section, {})
            judged[section] = judged.get(section, 0) + sum(script in graded for script in first)
            shown[section] = shown.get(section, 0) + len(first)
    return {section: Coverage(judged[section], shown[section]) for section in shown}
