"""A TREC run of somebody else's system as an evaluation: to be looked at here, and compared with."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.domain import fusion
from services.domain.methods import MAX_NAME, Method
from services.domain.questionnaires import Questionnaire
from services.domain.reports import Rejected
from services.domain.runs import DEPTH, Answer, Found, Grades, Outcome, Provenance, Run, Setup
from services.domain.settings import Settings
from services.domain.topics import Topic
from services.domain.trec import RankedLine
from services.errors import InvalidInput, InvalidQuestionnaire
from services.ground import digests, text
from services.ground.clock import now
from services.importing.naming import Naming, Unknown
from services.measuring import measure
from services.ports import Catalogue

EMBEDDER = "imported"
_NOT_THERE = "The run file has no line for it."
_DIGITS = 8
# The lines of each questionnaire and section.
_Rankings = Mapping[str, Mapping[str, Sequence[tuple[str, RankedLine]]]]


def run_of(  # noqa: PLR0913  the file, and the workspace that it is about
    lines: Sequence[RankedLine],
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
    of ranks is not read. A questionnaire without a line was not run.

    Raises:
        InvalidInput: no line is about a questionnaire and a script of this workspace.
    """
    naming = Naming(catalogue, questionnaires, settings.sections, grades)
    rankings, unknown = _sorted_out(lines, naming)
    if not rankings:
        told = " ".join(rejected.reason for rejected in unknown.told(source))
        raise InvalidInput(f"{source} ranks nothing that is here.", told)
    answers = tuple(_answer(questionnaires[name], rankings, grades, settings) for name in sorted(questionnaires))
    at, tag = now(), text.one_line(lines[0].tag)[:MAX_NAME]
    content = [at, source, [[line.topic, line.document, line.score] for line in lines]]
    run = Run(
        id=f"{at[:19].replace(':', '-').lower()}-{digests.of_value(content)[:_DIGITS]}",
        time=at,
        setup=Setup(Method(name=tag), settings.query_template, settings.top_k, EMBEDDER, "", "", ""),
        # On what it was made, nobody here can say.
        provenance=Provenance("", "", "", ""),
        answers=answers,
        grades=grades,
        figures=measure(answers, grades, settings.top_k),
        by=by,
        name=tag,
    )
    return run, unknown.told(source, kept=True)


def _sorted_out(lines: Sequence[RankedLine], naming: Naming) -> tuple[_Rankings, Unknown]:
    rankings: dict[str, dict[str, list[tuple[str, RankedLine]]]] = {}
    unknown, topics = Unknown(), {name: naming.topics.find(name) for name in {line.topic for line in lines}}
    for line in lines:
        topic = topics[line.topic]
        if topic is None:
            unknown.topics[line.topic] += 1
            continue
        found = naming.scripts(topic, line.document)
        if len(found) > 1:
            unknown.ambiguous[line.document] += 1
            continue
        script, section = _place(topic, line.document, found, naming, unknown)
        if section:
            rankings.setdefault(topic.questionnaire, {}).setdefault(section, []).append((script, line))
    known = {q: {s: r for s, r in of_q.items() if _has_script(r, naming)} for q, of_q in rankings.items()}
    return {q: of_q for q, of_q in known.items() if of_q}, unknown


def _place(topic: Topic, document: str, found: Sequence[str], naming: Naming, unknown: Unknown) -> tuple[str, str]:
    """The script and its section; what is unknown keeps its rank under its own name where the section is known."""
    if found:
        return found[0], naming.documents.section_of[found[0]]
    unknown.documents[document] += 1
    return document, naming.home(topic)


def _has_script(ranking: Sequence[tuple[str, RankedLine]], naming: Naming) -> bool:
    return any(script in naming.documents.section_of for script, _ in ranking)


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


def _found(ranking: Sequence[tuple[str, RankedLine]], graded: Mapping[str, int]) -> Found:
    # As 32 bits, as ``trec_eval`` has them: what differs further behind is a tie there.
    named = sorted(ranking, key=lambda pair: pair[1].document.encode(), reverse=True)
    scores: dict[str, float] = {}
    for script, line in sorted(named, key=lambda pair: -np.float32(pair[1].score)):
        # A script may stand there under its id and under the one at its source.
        scores.setdefault(script, line.score)
    ranks = {script: rank for rank, script in enumerate(scores, start=1) if script in graded}
    first = tuple(scores)[:DEPTH]
    lowered = fusion.falling(np.array([scores[script] for script in first], np.float32))
    return Found(first, tuple(map(float, lowered)), (None,) * len(first), len(scores), ranks)
