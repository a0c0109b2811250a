"""Which questionnaire a query of a test collection is: one that is stored already, or a new one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.domain.drafts import QuestionDraft, refused
from services.domain.questionnaires import Expected, Questionnaire, make_questionnaire
from services.domain.reports import Rejected
from services.domain.scripts import BrokenRecord
from services.errors import InvalidInput
from services.ground import digests, text
from services.ports import QuestionnaireStore

_TITLE_WORDS = 8
_ROOM = 10
_SHORT = 8


@dataclass(frozen=True)
class PlannedQuestion:
    """A questionnaire to write in place of ``stored``."""

    questionnaire: Questionnaire
    stored: Questionnaire | None
    source: str
    # The grades of all scripts that its source judges, 0 among them.
    judged: Mapping[str, int]


class QuestionPlanner:
    """Plans the questionnaires of one import. ``documents``: the script of each document, by corpus and id there."""

    def __init__(self, store: QuestionnaireStore, documents: Mapping[tuple[str, str], str]) -> None:
        self._known, broken = store.all()
        self._damaged = damaged(broken)
        self._by_source = {q.source_id: q for q in self._known.values() if q.source_id}
        self._documents = documents
        self._own = set(documents.values())
        self._planned: dict[str, PlannedQuestion] = {}

    def plan(self, questions: Iterable[QuestionDraft]) -> tuple[list[PlannedQuestion], list[Rejected]]:
        """The questionnaires as they shall be stored, and the queries that can be none."""
        asked = list(questions)
        # Whoever has a slug keeps it, wherever in the import it comes.
        wanted = {question.id for question in asked if text.is_slug(question.id)}
        first: dict[tuple[str, str], QuestionDraft] = {}
        rejected = []
        for question in asked:
            earlier = first.setdefault((question.corpus, question.id), question)
            if earlier is not question:
                if earlier.query != question.query:
                    reason = (
                        f"{earlier.source} has the id '{question.id}' too, with another query. Give one another id."
                    )
                    rejected.append(Rejected(question.source, reason))
                continue
            try:
                judged = {self._documents[question.corpus, document]: grade for document, grade in question.judged}
                made = self._questionnaire(question, judged, wanted)
                self._planned[made.id] = PlannedQuestion(made, self._known.get(made.id), question.source, judged)
            except InvalidInput as error:
                rejected.append(refused(question.source, error))
        return list(self._planned.values()), rejected

    def _questionnaire(self, question: QuestionDraft, judged: Mapping[str, int], wanted: set[str]) -> Questionnaire:
        expected = {script: grade for script, grade in judged.items() if grade}
        stored = self._stored(question)
        if stored is not None:
            # Of other scripts this source says nothing: the same collection may lie in another section as well.
            known = {e.script: e.grade for e in stored.expected if e.script not in self._own or e.script in expected}
            every = _expected({**known, **expected})
            return make_questionnaire(**{**vars(stored), "query": question.query, "expected": every})
        chosen = self._new_id(question, wanted)
        made = make_questionnaire(
            id=chosen,
            title=text.excerpt(question.query, _TITLE_WORDS),
            query=question.query,
            expected=_expected(expected),
        )
        return made if chosen == question.id else replace(made, source_id=text.one_line(question.id))

    def _stored(self, question: QuestionDraft) -> Questionnaire | None:
        """The questionnaire that this query became in an earlier import.

        Test collections number their queries from 1: an equal id alone may be a query of another collection. It is the
        same one if it asks the same, or expects a document of this import.
        """
        for stored in (self._by_source.get(question.id), self._known.get(question.id)):
            if stored is None or stored.source_id not in ("", question.id) or stored.id in self._planned:
                continue
            if stored.query == question.query or any(e.script in self._own for e in stored.expected):
                return stored
        return None

    def _new_id(self, question: QuestionDraft, wanted: set[str]) -> str:
        if text.is_slug(question.id) and not self._taken(question.id):
            return question.id
        made = text.slug(question.id, otherwise="query")
        if self._taken(made) or made in wanted:
            distinct = digests.of_value([question.id, question.query])[:_SHORT]
            made = f"{made[: text.MAX_SLUG - _ROOM].strip('-')}-{distinct}"
        return made

    def _taken(self, questionnaire_id: str) -> bool:
        return any(questionnaire_id in ids for ids in (self._known, self._damaged, self._planned))


def _expected(grades: Mapping[str, int]) -> tuple[Expected, ...]:
    return tuple(Expected(script, grade) for script, grade in grades.items())


def damaged(broken: Iterable[BrokenRecord]) -> set[str]:
    """The ids that files which cannot be read stand for."""
    return {b.path.rpartition("/")[2].removesuffix(".yaml") for b in broken}
