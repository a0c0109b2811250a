"""A model whose questions are compass points, and scripts that lie in known directions: ranked by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.domain import judged
from services.domain.judgements import Judgement
from services.domain.questionnaires import Expected, Questionnaire, make_questionnaire
from services.domain.runs import Run
from services.domain.scripts import Record, Vectors
from services.domain.settings import Settings
from services.errors import EmbedderAnswerWrong, EmbedderUnavailable
from services.evaluate import Subject, evaluate
from services.ground.progress import Report, silent
from services.ports import Catalogue
from tests.doubles import TinyEmbedder, bare_record

POINTS = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0), "northeast": (1, 1)}
# North of the induction: north-one at 0, between-one at 1 - sqrt(1/2) = 0.293, east-one at 1. Of the awakening: at 0.
SCRIPTS = (
    bare_record("north-one", [POINTS["north"]]),
    bare_record("between-one", [POINTS["northeast"]]),
    bare_record("east-one", [POINTS["east"]]),
    bare_record("north-two", [POINTS["north"]], "awakening"),
)


@dataclass
class Compass(TinyEmbedder):
    """Knows the compass points and refuses a question with "refused" in it. ``away``: nobody answers at all."""

    dimensions: int = 2
    away: bool = False
    points: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(POINTS))

    def embed_query(self, text: str) -> Vectors:
        if self.away:
            self.asked.append(text)
            raise EmbedderUnavailable("The model 'tiny' cannot be reached.", "Try again later.")
        if "refused" in text:
            raise EmbedderAnswerWrong("The model refuses this question.", "Put it in other words.")
        return super().embed_query(text)

    def _vector(self, text: str) -> list[float]:
        return list(self.points[text])


def asks(name: str, query: str, **expected: int) -> Questionnaire:
    wanted = tuple(Expected(script.replace("_", "-"), grade) for script, grade in expected.items())
    return make_questionnaire(id=name, query=query, expected=wanted)


def subject(
    questionnaires: Sequence[Questionnaire],
    records: Sequence[Record] = SCRIPTS,
    judgements: Mapping[str, Sequence[Judgement]] | None = None,
    **more: Any,
) -> Subject:
    held, asked, said = {r.script.id: r for r in records}, {q.id: q for q in questionnaires}, judgements or {}
    given: dict[str, Any] = {
        "settings": Settings(sections=("induction", "awakening")),
        "catalogue": Catalogue(held),
        "questionnaires": asked,
        "judgements": said,
        "grades": judged.by_section(asked, said, held),
        "embedder": Compass(),
        "cache": None,
        "unknown": judged.unknown(asked, said, held),
    }
    return Subject(**{**given, **more})


def evaluated(*questionnaires: Questionnaire, report: Report = silent, **more: Any) -> Run:
    return evaluate(subject(questionnaires, **more), report)


def order(run: Run, questionnaire: str, section: str = "induction") -> tuple[str, ...]:
    (answer,) = (answer for answer in run.answers if answer.questionnaire == questionnaire)
    return answer.sections[section].scripts
