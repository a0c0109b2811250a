"""Evaluate: every questionnaire is asked afresh, and what comes is measured by what people judged."""

import secrets
import time

from services.domain.runs import Grades, Run, Setup
from services.errors import InvalidInput
from services.evaluate import asking, provenance
from services.evaluate.grounds import Grounds, grounds_of
from services.evaluate.provenance import corpus_digest
from services.evaluate.subject import Subject
from services.ground.clock import now
from services.ground.progress import Report, deaf
from services.measuring import measure

__all__ = ["Subject", "corpus_digest", "evaluate"]


def evaluate(subject: Subject, report: Report) -> Run:
    """Ask all questionnaires and measure the answers. One that fails does not keep the others from being asked.

    A person who says stop gets the run with what was asked until then, and the others as not run.

    Raises:
        InvalidInput: there is no questionnaire, or no script that could be found.
        EmbedderFailed, StorageFailed: the scripts could not be embedded for a trial.
        Cancelled: somebody said stop before anything was asked.
    """
    started = time.monotonic()
    if not subject.questionnaires:
        raise InvalidInput("There are no questionnaires to evaluate with.", "Save some on Retrieve, or import them.")
    grounds = grounds_of(subject, report)
    if not grounds.ready and not grounds.refused:
        raise InvalidInput("There is no approved script that could be found.", "Upload scripts, or approve drafts.")
    answers = tuple(asking.answers(subject, grounds, report))
    deaf(report)("Measuring", 0, 0)
    at, setup = now(), _setup(subject)
    return Run(
        # In the order of time; by chance, as two processes may end in the same millisecond.
        id=f"{at[:19].replace(':', '-').lower()}-{secrets.token_hex(4)}",
        time=at,
        setup=setup,
        provenance=provenance.of(subject),
        answers=answers,
        grades=subject.grades,
        figures=measure(answers, _asked(subject.grades, grounds), setup.top_k),
        by=subject.by,
        name=subject.name,
        seconds=round(time.monotonic() - started, 3),
        unknown=subject.unknown,
        without_scripts=grounds.empty,
        refused=grounds.refused,
    )


def _asked(grades: Grades, grounds: Grounds) -> Grades:
    """Those of the sections that were asked: of one that was refused, no figure says anything.

    One in which nothing can be found is among them, and counts 0 where something is judged: what is taken away cannot
    make a figure rise.
    """
    asked = {*grounds.ready, *grounds.empty}
    return {q: {s: graded for s, graded in by.items() if s in asked} for q, by in grades.items()}


def _setup(subject: Subject) -> Setup:
    settings, stamp = subject.settings, subject.stamp
    return Setup(
        method=settings.method,
        query_template=settings.query_template,
        top_k=settings.top_k,
        embedder=subject.embedder.name,
        model_name=stamp.model_name,
        model_digest=stamp.model_digest,
        recipe_digest=stamp.recipe_digest,
        statuses=tuple(status.value for status in subject.statuses),
    )
