"""Asking all questionnaires, each afresh: one that fails does not keep the others from being asked."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from services.domain.questionnaires import Questionnaire
from services.domain.runs import DEPTH, Answer, Found, Outcome
from services.domain.scripts import Vectors
from services.errors import Cancelled, EmbedderFailed, EmbedderUnavailable, InvalidInput, InvalidQuestionnaire
from services.evaluate.grounds import Grounds
from services.evaluate.itself import own_scripts, without
from services.evaluate.subject import Subject
from services.ground.progress import Report, deaf
from services.ranking import Ground
from services.vectors import embed_questions

# Questions embedded at a time: how soon progress is told and a stop is heard. Here each is embedded by itself anyway.
_AT_A_TIME = 4
_SENT_AT_A_TIME = 8
# Ranked at a time: the more, the faster, until the processor's cache is full.
_RANKED_AT_A_TIME = 256
# So often in a row the model may not be there, before nobody is kept waiting for it any longer.
_UNAVAILABLE = 2
_Stop = Cancelled | EmbedderUnavailable


def answers(subject: Subject, grounds: Grounds, report: Report) -> Iterator[Answer]:
    """One of each questionnaire, in the order of their ids. Raises ``Cancelled`` before the first."""
    asked = sorted(subject.questionnaires.values(), key=lambda questionnaire: questionnaire.id)
    asking = _Asking(subject, grounds, len(asked), report)
    for start in range(0, len(asked), _RANKED_AT_A_TIME):
        yield from asking.answers(asked[start : start + _RANKED_AT_A_TIME])


class _Asking:
    """How far the questions have been asked."""

    def __init__(self, subject: Subject, grounds: Grounds, total: int, report: Report) -> None:
        self._subject, self._grounds, self._total, self._report = subject, grounds, total, report
        self._own = own_scripts(subject)
        self._done = self._away = 0
        # Why no more are asked, once that is so.
        self._stop: _Stop | None = None
        self._queries: dict[str, str] = {}
        self._vectors: dict[str, Vectors] = {}
        self._failed: dict[str, Answer] = {}

    def answers(self, some: Sequence[Questionnaire]) -> list[Answer]:
        """One of each, in the order given."""
        self._queries, self._vectors, self._failed = {}, {}, {}
        step = _AT_A_TIME if self._subject.embedder.local else _SENT_AT_A_TIME
        for start in range(0, len(some), step):
            if self._goes_on():
                self._put(some[start : start + step])
        if self._stop is None:
            # Too late to stop for these, and soon enough to be told of.
            deaf(self._report)("Asking the questionnaires", self._done, self._total)
        ready = [q.id for q in some if q.id in self._queries and q.id not in self._failed]
        found = {section: self._rank(ground, ready) for section, ground in self._grounds.ready.items()}
        answered = {name: self._answer(name, place, found) for place, name in enumerate(ready)}
        return [answered.get(q.id) or self._failed.get(q.id) or self._not_run(q.id) for q in some]

    def _goes_on(self) -> bool:
        """Whether anything more is asked. Raises ``Cancelled`` before the first."""
        if self._stop is None:
            try:
                self._report("Asking the questionnaires", self._done, self._total)
            except Cancelled as error:
                if not self._done:
                    raise
                self._stop = error
        return self._stop is None

    def _put(self, some: Sequence[Questionnaire]) -> None:
        """Ask these: afterwards each has a query and, where it needs one, a vector; or has failed."""
        queries: dict[str, str] = {}
        for questionnaire in some:
            try:
                queries[questionnaire.id] = questionnaire.query_text(self._subject.settings.query_template)
            except InvalidQuestionnaire as error:
                self._fail(questionnaire.id, error)
        self._queries |= queries
        self._done += len(some)
        if not self._grounds.ready:
            refusal = InvalidInput(" ".join(self._grounds.refused.values()), "See Health, which says what mends it.")
            for name in queries:
                self._fail(name, refusal)
        elif queries and any(ground.sets for ground in self._grounds.ready.values()):
            self._embed(queries)

    def _not_run(self, name: str) -> Answer:
        assert self._stop is not None  # noqa: S101  else all were asked
        next_step = "Evaluate again." if isinstance(self._stop, Cancelled) else self._stop.next_step
        return Answer(name, Outcome.NOT_RUN, cause=self._stop.cause, next_step=next_step)

    def _answer(self, name: str, place: int, found: Mapping[str, Sequence[Found]]) -> Answer:
        sections = {section: rankings[place] for section, rankings in found.items()}
        some = any(ranking.scripts for ranking in sections.values())
        outcome = Outcome.ANSWERED if some else Outcome.NOTHING_FOUND
        return Answer(name, outcome, self._queries[name], sections)

    def _rank(self, ground: Ground, ready: Sequence[str]) -> list[Found]:
        if not ready:
            return []
        subject, method = self._subject, self._subject.settings.method
        dense = bool(ground.sets)
        own = [self._own.get(name, frozenset()) for name in ready]
        grades = (subject.grades.get(name, {}).get(ground.section, {}) for name in ready)
        found = ground.ranked(
            [subject.questionnaires[name].words_text(subject.settings.query_template) for name in ready],
            np.stack([self._vectors[name] for name in ready]) if dense else None,
            method,
            cut_off=method.cut_off(subject.stamp.model_digest) if dense else None,
            wanted=[{*graded, *itself} for graded, itself in zip(grades, own, strict=True)],
            depth=DEPTH + max(map(len, own)),
        )
        return [without(ranking, itself) if any(own) else ranking for ranking, itself in zip(found, own, strict=True)]

    def _embed(self, queries: Mapping[str, str]) -> None:
        """The vector of each question; one that cannot be had is answered with why."""
        try:
            made = embed_questions(list(queries.values()), self._subject.embedder)
        except EmbedderFailed:
            # One of them is at fault: each by itself, so that the others are answered.
            self._embed_singly(queries)
        else:
            self._vectors |= dict(zip(queries, made, strict=True))
            self._away = 0

    def _embed_singly(self, queries: Mapping[str, str]) -> None:
        away: EmbedderUnavailable | None = None
        for name, query in queries.items():
            try:
                if away is None:
                    self._vectors[name] = self._subject.embedder.embed_query(query)
                else:
                    self._fail(name, away)
            except EmbedderUnavailable as error:
                away = error
                self._fail(name, error)
            except EmbedderFailed as error:
                self._fail(name, error)
        self._away = self._away + 1 if away else 0
        self._stop = away if self._away == _UNAVAILABLE else None

    def _fail(self, name: str, error: InvalidInput | EmbedderFailed) -> None:
        query = self._queries.get(name, "")
        self._failed[name] = Answer(name, Outcome.FAILED, query, cause=error.cause, next_step=error.next_step)
