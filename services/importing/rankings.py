"""A TREC run of somebody else's system as an evaluation: to be looked at here, and compared with."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from services.domain import fusion
from services.domain.methods import MAX_NAME, Method
from services.domain.questionnaires import Questionnaire
from services.domain.reports import Rejected
from services.domain.runs import DEPTH, Answer, Found, Grades, Outcome, Provenance, Run, Setup
from services.domain.settings import Settings
from services.domain.topics import Topic, fitting
from services.domain.trec import RankedLine
from services.errors import InvalidInput, InvalidQuestionnaire
from services.ground import text
from services.ground.clock import now
from services.importing.naming import Naming, Unknown
from services.measuring import measure
from services.ports import Catalogue

EMBEDDER = "imported"
_NOT_THERE = "The run file has no line for it."
_NOT_ASKED = "The run file ranks none of its scripts."
_SHOWN = 40
# A script, or what a document without one is called, the document, and its score.
_Place = tuple[str, str, float]
# Of each questionnaire and section.
_Rankings = Mapping[str, Mapping[str, Sequence[_Place]]]


def run_of(  # noqa: PLR0913  the file, and the workspace that it is about
    lines: Iterable[RankedLine],
    source: str,
    *,
    settings: Settings,
    catalogue: Catalogue,
    questionnaires: Mapping[str, Questionnaire],
    grades: Grades,
    by: str = "",
) -> tuple[Run, list[Rejected]]:
    """The run, measured by the judgements there are now; and the names in the file that stand for nothing here.

    Documents are ordered by score, and those of one score by their names from Z to A, as ``trec_eval`` does; the column
    of ranks is not read. A questionnaire without a line was not run, and a section without one was not asked. Lines are
    taken one by one, and those of topics that stand for nothing are not held.

    Raises:
        InvalidInput: no line is about a questionnaire and a script of this workspace, or a document stands twice under
            a topic.
    """
    naming = Naming(catalogue, questionnaires, settings.sections, grades)
    rankings, unknown, tag = _sorted_out(lines, naming)
    if not rankings:
        told = " ".join(rejected.reason for rejected in unknown.told(source))
        raise InvalidInput(f"{source} ranks nothing that is here.", told)
    answers = tuple(_answer(questionnaires[name], rankings, grades, settings) for name in sorted(questionnaires))
    at = now()
    asked = {section for of_q in rankings.values() for section in of_q}
    run = Run(
        id=f"{at[:19].replace(':', '-').lower()}-{secrets.token_hex(4)}",
        time=at,
        setup=Setup(Method(name=tag), settings.query_template, settings.top_k, EMBEDDER, "", "", ""),
        # On what it was made, nobody here can say.
        provenance=Provenance("", "", "", ""),
        answers=answers,
        grades=grades,
        figures=measure(answers, _within(grades, asked), settings.top_k),
        by=by,
        name=tag,
        refused={section: _NOT_ASKED for section in _judged(grades, rankings, settings) if section not in asked},
    )
    return run, unknown.told(source, kept=True)


def _within(grades: Grades, sections: Collection[str]) -> Grades:
    return {q: {s: graded for s, graded in of_q.items() if s in sections} for q, of_q in grades.items()}


def _judged(grades: Grades, rankings: _Rankings, settings: Settings) -> list[str]:
    """The sections that have a fitting script for a questionnaire of the file."""
    found = {section for name in rankings for section in fitting(grades.get(name, {}))}
    return [section for section in settings.sections if section in found]


def _sorted_out(lines: Iterable[RankedLine], naming: Naming) -> tuple[_Rankings, Unknown, str]:
    """The places by questionnaire and section, the names that stand for nothing, and the tag of the first line."""
    rankings: dict[str, dict[str, list[_Place]]] = {}
    unknown, tag = Unknown(), ""
    # The documents of each topic that is known: as many as there are places.
    seen: dict[str, set[str]] = {}
    for line in lines:
        tag = tag or text.one_line(line.tag)[:MAX_NAME]
        topic = naming.topics.find(line.topic)
        if topic is None:
            unknown.topics.add(line.topic)
            continue
        _once(line, seen.setdefault(line.topic, set()))
        found = naming.scripts(topic, line.document)
        if len(found) > 1:
            unknown.ambiguous.add(line.document)
            continue
        script, section = _place(topic, line.document, found, naming, unknown)
        if section:
            place = (script, line.document, line.score)
            rankings.setdefault(topic.questionnaire, {}).setdefault(section, []).append(place)
    known = {q: {s: r for s, r in of_q.items() if _has_script(r, naming)} for q, of_q in rankings.items()}
    return {q: of_q for q, of_q in known.items() if of_q}, unknown, tag


def _once(line: RankedLine, seen: set[str]) -> None:
    if line.document in seen:
        shown = f"'{line.document[:_SHOWN]}' under '{line.topic[:_SHOWN]}'"
        raise InvalidInput(f"{line.source} names {shown} a second time.", "Keep one of the two.")
    seen.add(line.document)


def _place(topic: Topic, document: str, found: Sequence[str], naming: Naming, unknown: Unknown) -> tuple[str, str]:
    """The script and its section; what is unknown keeps its rank under its own name where the section is known."""
    if found:
        return found[0], naming.documents.section_of[found[0]]
    unknown.documents.add(document)
    return document, naming.home(topic)


def _has_script(ranking: Sequence[_Place], naming: Naming) -> bool:
    return any(script in naming.documents.section_of for script, _, _ in ranking)


def _answer(questionnaire: Questionnaire, rankings: _Rankings, grades: Grades, settings: Settings) -> Answer:
    name, ranked = questionnaire.id, rankings.get(questionnaire.id)
    try:
        query = questionnaire.query_text(settings.query_template)
    except InvalidQuestionnaire:
        # The other system may have asked something else, and has answered all the same.
        query = ""
    if not ranked:
        return Answer(name, Outcome.NOT_RUN, query, cause=_NOT_THERE, next_step="Run the other system for it.")
    graded = grades.get(name, {})
    sections = {s: _found(ranked[s], graded.get(s, {})) for s in settings.sections if s in ranked}
    return Answer(name, Outcome.ANSWERED, query, sections)


def _found(ranking: Sequence[_Place], graded: Mapping[str, int]) -> Found:
    # As 32 bits, as ``trec_eval`` has them: what differs further behind is a tie there.
    named = sorted(ranking, key=lambda place: place[1].encode(), reverse=True)
    scores: dict[str, float] = {}
    for script, _, score in sorted(named, key=lambda place: -np.float32(place[2])):
        # A script may stand there under its id and under the one at its source.
        scores.setdefault(script, score)
    ranks = {script: rank for rank, script in enumerate(scores, start=1) if script in graded}
    first = tuple(scores)[:DEPTH]
    lowered = fusion.falling(np.array([scores[script] for script in first], np.float32))
    return Found(first, tuple(map(float, lowered)), (None,) * len(first), len(scores), ranks)
