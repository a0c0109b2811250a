"""Answers and runs, written down as what came in which order."""

from collections.abc import Mapping, Sequence

from services.domain.methods import Method
from services.domain.runs import Answer, Found, Grades, Outcome, Provenance, Run, Setup
from services.measuring import measure

Sections = Mapping[str, Sequence[str]]
SETUP = Setup(Method(), "{focus_area}", 5, "minilm", "MiniLM", "model-1", "recipe-1")
PROVENANCE = Provenance("corpus-1", "questionnaires-1", "judgements-1", "settings-1", {"bm25s": "0.3"}, "c0ffee")


def found(*scripts: str) -> Found:
    return Found(scripts, tuple(1 - i / 1024 for i in range(len(scripts))), (None,) * len(scripts), len(scripts))


def answered(questionnaire: str, sections: Sections, query: str = "") -> Answer:
    return Answer(questionnaire, Outcome.ANSWERED, query, {s: found(*scripts) for s, scripts in sections.items()})


def make_run(
    name: str,
    answers: Sequence[Answer],
    grades: Grades,
    setup: Setup = SETUP,
    provenance: Provenance = PROVENANCE,
    time: str = "",
) -> Run:
    figures = measure(answers, grades, setup.top_k)
    return Run(name, time or name, setup, provenance, tuple(answers), grades, figures)
