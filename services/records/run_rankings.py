"""The second line of a run's file: the rankings, in columns."""

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any

from services.domain.measures import Figures
from services.domain.questionnaires import MAX_GRADE
from services.domain.runs import Answer, Found, Outcome, Run
from services.ports import RunSummary
from services.records import json_values

_TEXTS = ("query", "cause", "next_step")


def encode(run: Run) -> dict[str, Any]:
    """As JSON values."""
    answers = run.answers
    scripts = _table(answers)
    return {
        "unknown": {q: list(ids) for q, ids in sorted(run.unknown.items())},
        "grades": {q: {s: dict(sorted(g.items())) for s, g in sorted(by.items())} for q, by in run.grades.items()},
        "values": _values(run.figures.values),
        "answers": {
            "questionnaire": [answer.questionnaire for answer in answers],
            "outcome": [answer.outcome.value for answer in answers],
            **{name: [getattr(answer, name) for answer in answers] for name in _TEXTS},
        },
        "scripts": list(scripts),
        "found": {section: _column(section, answers, scripts) for section in _sections(answers)},
    }


def _sections(answers: Sequence[Answer]) -> list[str]:
    return list(dict.fromkeys(section for answer in answers for section in answer.sections))


def _table(answers: Sequence[Answer]) -> dict[str, int]:
    """Every script of a ranking with its number: an id is written once."""
    found: set[str] = set()
    for answer in answers:
        for ranking in answer.sections.values():
            found.update(ranking.scripts, ranking.ranks)
    return {script: number for number, script in enumerate(sorted(found))}


def _column(section: str, answers: Sequence[Answer], scripts: Mapping[str, int]) -> dict[str, Any]:
    there = [(number, answer.sections[section]) for number, answer in enumerate(answers) if section in answer.sections]
    return {
        "answer": [number for number, _ in there],
        "ranked": [found.ranked for _, found in there],
        "scripts": [[scripts[script] for script in found.scripts] for _, found in there],
        "scores": [found.scores for _, found in there],
        "distances": [found.distances for _, found in there],
        "ranks": [dict(sorted(found.ranks.items())) for _, found in there],
    }


def _values(values: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, Any]:
    asked = list(values)
    sections = dict.fromkeys(section for by_section in values.values() for section in by_section)
    found: dict[str, dict[str, list[float | None]]] = {}
    for section in sections:
        by_measure = [values[q].get(section, {}) for q in asked]
        names = dict.fromkeys(name for measured in by_measure for name in measured)
        found[section] = {name: [measured.get(name) for measured in by_measure] for name in names}
    return {"questionnaires": asked, "sections": found}


def decode(found: RunSummary, body: Mapping[str, Any]) -> Run:
    """The run of this summary. Raises ``ValueError`` and its like where the values are of no run."""
    answers = _answers(body)
    run = Run(
        id=found.id,
        time=found.time,
        setup=found.setup,
        provenance=found.provenance,
        answers=answers,
        grades={q: {s: _grades(graded) for s, graded in by.items()} for q, by in body["grades"].items()},
        figures=Figures(found.figures.overall, found.figures.sections, _valued(body["values"]), found.figures.coverage),
        by=found.by,
        name=found.name,
        seconds=found.seconds,
        unknown={q: tuple(map(json_values.word, ids)) for q, ids in body["unknown"].items()},
        without_scripts=found.without_scripts,
        refused=found.refused,
    )
    if dict(run.outcomes) != dict(found.outcomes):
        raise ValueError("its summary counts other answers")
    return run


def _answers(body: Mapping[str, Any]) -> tuple[Answer, ...]:
    told, scripts = body["answers"], list(map(json_values.word, body["scripts"]))
    sections: list[dict[str, Found]] = [{} for _ in told["questionnaire"]]
    for section, column in body["found"].items():
        parts = (column[name] for name in ("answer", "ranked", "scripts", "scores", "distances", "ranks"))
        for number, ranked, ids, scores, distances, ranks in zip(*parts, strict=True):
            if not len(ids) == len(scores) == len(distances):
                raise ValueError("a ranking has more scripts than scores, or fewer")
            if not (
                _kinds(scores) <= {float} and _kinds(distances) <= {float, NoneType} and _kinds(ranks.values()) <= {int}
            ):
                raise TypeError("a score, a distance or a rank is no number")
            places = tuple([scripts[place] for place in ids])
            sections[number][section] = Found(
                places, tuple(scores), tuple(distances), json_values.whole(ranked, 0), ranks
            )
    columns = (told[name] for name in ("questionnaire", "outcome", *_TEXTS))
    return tuple(
        Answer(
            json_values.word(questionnaire),
            Outcome(outcome),
            json_values.word(query),
            found,
            json_values.word(cause),
            json_values.word(next_step),
        )
        for (questionnaire, outcome, query, cause, next_step), found in zip(
            zip(*columns, strict=True), sections, strict=True
        )
    )


def _kinds(values: Iterable[object]) -> set[type]:
    return set(map(type, values))


def _valued(value: Mapping[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {json_values.word(q): {} for q in value["questionnaires"]}
    for section, by_measure in value["sections"].items():
        for name, column in by_measure.items():
            for q, one in zip(found, column, strict=True):
                if one is not None:
                    found[q].setdefault(section, {})[name] = json_values.number(one, 0, 1)
    return found


def _grades(value: Mapping[str, Any]) -> dict[str, int]:
    return {script: json_values.whole(grade, 0, MAX_GRADE) for script, grade in value.items()}
