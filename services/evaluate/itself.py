"""Questionnaires that are a script themselves, word for word, as in public collections whose queries are documents too.

There a query's own document is no answer to it, and published figures leave it out (``ignore_identical_ids`` of BEIR).
"""

from collections.abc import Mapping
from dataclasses import replace

from services.domain.runs import DEPTH, Found
from services.evaluate.subject import Subject
from services.ground import text


def own_scripts(subject: Subject) -> Mapping[str, frozenset[str]]:
    """By questionnaire, the scripts of the same name at their source and of the same words; of most there are none.

    One that somebody judged or expects is an answer like any other.
    """
    asked = {q.source_id or q.id: q for q in subject.questionnaires.values() if q.query}
    found: dict[str, frozenset[str]] = {}
    for record in subject.catalogue.records.values():
        script = record.script
        one = asked.get(script.source_id or script.id)
        if one is None or script.id in subject.grades.get(one.id, {}).get(script.section, {}):
            continue
        if text.one_line(script.text) == text.one_line(one.query):
            found[one.id] = found.get(one.id, frozenset()) | {script.id}
    return found


def without(found: Found, own: frozenset[str]) -> Found:
    """The ranking as if those were not there; all of them are among ``found.ranks`` where they were ranked."""
    places = sorted(found.ranks[script] for script in own if script in found.ranks)
    kept = [i for i, script in enumerate(found.scripts) if script not in own][:DEPTH]
    return replace(
        found,
        scripts=tuple(found.scripts[i] for i in kept),
        scores=tuple(found.scores[i] for i in kept),
        distances=tuple(found.distances[i] for i in kept),
        ranked=found.ranked - len(places),
        ranks={s: rank - sum(p < rank for p in places) for s, rank in found.ranks.items() if s not in own},
    )
