"""Asking all questionnaires, each afresh: one that fails does not keep the others from being asked."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from services.domain.methods import Mode
from services.domain.questionnaires import Questionnaire
from services.domain.runs import DEPTH, Answer, Found, Outcome
from services.domain.scripts import Vectors
from services.errors import Cancelled, EmbedderFailed, EmbedderUnavailable, InvalidInput, InvalidQuestionnaire
from services.evaluate.grounds import Grounds
from services.evaluate.itself import own_scripts, without
from services.evaluate.subject import Subject
from services.ground.progress import Report
from services.ranking import Ground
from services.vectors import embed_questions

# Questionnaires asked at a time: how soon progress is told and a stop is heard.
_AT_A_TIME = 32
_SENT_AT_A_TIME = 8
# So often in a row the model may not be there, before nobody is kept waiting for it any longer.
_UNAVAILABLE = 2


def answers(subject: Subject, grounds: Grounds, report: Report) -> Iterator[Answer]:
    """One of each questionnaire, in the order of their ids. Raises ``Cancelled`` before the first."""
    asked = sorted(subject.questionnaires.values(), key=lambda questionnaire: questionnaire.id)
    step = _AT_A_TIME if subject.embedder.local else _SENT_AT_A_TIME
    own = own_scripts(subject)
    done = unavailable = 0
    stop: Cancelled | EmbedderUnavailable | None = None
    while done < len(asked) and stop is None:
        some = asked[done : done + step]
        try:
            report("Asking the questionnaires", done, len(asked))
        except Cancelled as error:
            if not done:
                raise
            stop = error
            continue
        batch = _Batch(subject, grounds, some, own)
        yield from batch.answers()
        done += len(some)
        unavailable = unavailable + 1 if batch.unavailable else 0
        stop = batch.unavailable if unavailable == _UNAVAILABLE else None
    for questionnaire in asked[done:]:
        assert stop is not None  # noqa: S101  else all were asked
        step_next = "Evaluate again." if isinstance(stop, Cancelled) else stop.next_step
        yield Answer(questionnaire.id, Outcome.NOT_RUN, cause=stop.cause, next_step=step_next)


class _Batch:
    """Some questionnaires, asked together."""

    def __init__(
        self, subject: Subject, grounds: Grounds, asked: Sequence[Questionnaire], own: Mapping[str, frozenset[str]]
    ) -> None:
        self._subject, self._grounds, self._asked, self._own = subject, grounds, asked, own
        self._queries: dict[str, str] = {}
        self._failed: dict[str, Answer] = {}
        # That the model was not there, where it was not.
        self.unavailable: EmbedderUnavailable | None = None

    def answers(self) -> list[Answer]:
        """One of each, in the order given."""
        for questionnaire in self._asked:
            try:
                self._queries[questionnaire.id] = questionnaire.query_text(self._subject.settings.query_template)
            except InvalidQuestionnaire as error:
                self._fail(questionnaire.id, error)
        if not self._grounds.ready:
            cause = " ".join(self._grounds.refused.values())
            for name in self._queries:
                self._fail(name, InvalidInput(cause, "See Health, which says what mends it."))
        vectors = self._vectors()
        ready = [q.id for q in self._asked if q.id not in self._failed]
        found = {section: self._rank(ground, ready, vectors) for section, ground in self._grounds.ready.items()}
        answered = {name: self._answer(name, place, found) for place, name in enumerate(ready)}
        return [self._failed.get(q.id) or answered[q.id] for q in self._asked]

    def _answer(self, name: str, place: int, found: Mapping[str, Sequence[Found]]) -> Answer:
        sections = {section: rankings[place] for section, rankings in found.items()}
        some = any(ranking.scripts for ranking in sections.values())
        outcome = Outcome.ANSWERED if some else Outcome.NOTHING_FOUND
        return Answer(name, outcome, self._queries[name], sections)

    def _rank(self, ground: Ground, ready: Sequence[str], vectors: Mapping[str, Vectors]) -> list[Found]:
        if not ready:
            return []
        subject, method = self._subject, self._subject.settings.method
        dense = method.mode is not Mode.LEXICAL
        own = [self._own.get(name, frozenset()) for name in ready]
        found = ground.ranked(
            [self._queries[name] for name in ready],
            np.stack([vectors[name] for name in ready]) if dense else None,
            method,
            cut_off=method.cut_off(subject.stamp.model_digest) if dense else None,
            wanted=[
                {*subject.grades.get(name, {}).get(ground.section, {}), *itself}
                for name, itself in zip(ready, own, strict=True)
            ],
            depth=DEPTH + max(map(len, own)),
        )
        return [without(ranking, itself) if any(own) else ranking for ranking, itself in zip(found, own, strict=True)]

    def _vectors(self) -> Mapping[str, Vectors]:
        """The vector of each question; one that cannot be had is answered with why."""
        queries = {name: query for name, query in self._queries.items() if name not in self._failed}
        if self._subject.settings.method.mode is Mode.LEXICAL or not queries:
            return {}
        try:
            made = embed_questions(list(queries.values()), self._subject.embedder)
        except EmbedderFailed:
            # One of them is at fault: each by itself, so that the others are answered.
            return self._singly(queries)
        return dict(zip(queries, made, strict=True))

    def _singly(self, queries: Mapping[str, str]) -> Mapping[str, Vectors]:
        found = {}
        for name, query in queries.items():
            if self.unavailable:
                self._fail(name, self.unavailable)
                continue
            try:
                found[name] = self._subject.embedder.embed_query(query)
            except EmbedderUnavailable as error:
                self.unavailable = error
                self._fail(name, error)
            except EmbedderFailed as error:
                self._fail(name, error)
        return found

    def _fail(self, name: str, error: InvalidInput | EmbedderFailed) -> None:
        query = self._queries.get(name, "")
        self._failed[name] = Answer(name, Outcome.FAILED, query, cause=error.cause, next_step=error.next_step)
