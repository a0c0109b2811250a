"""Rankings and judgements as files of the Text REtrieval Conference, which every tool of the field reads.

The rankings of a run and the judgements that it was measured by, written here, give the same figures anywhere.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades, Outcome, Run
from services.domain.topics import Documents, Homes, Topics, fitting
from services.ground import digests, files, text
from services.ports import Catalogue

Questionnaires = Mapping[str, Questionnaire]
_MEASURED = (Outcome.ANSWERED, Outcome.NOTHING_FOUND)


def write_run(path: Path, run: Run, catalogue: Catalogue, questionnaires: Questionnaires, grades: Grades) -> str:
    """Write a run's rankings to a file; the BLAKE3 of its bytes. Raises ``StorageFailed``."""
    data = trec_run(run, catalogue, questionnaires, grades)
    files.write_named(path, data)
    return digests.of_bytes(data)


def trec_run(run: Run, catalogue: Catalogue, questionnaires: Questionnaires, grades: Grades) -> bytes:
    """The rankings: topic, ``Q0``, document, rank, score and tag.

    A questionnaire with a plain topic has the ranking of that section, and those in which the run found it judged; any
    other one those of all sections. ``grades``: the judgements of now, by which topics are named.
    """
    ranked = {script for answer in run.answers for found in answer.sections.values() for script in found.scripts}
    named = _Names(catalogue, questionnaires, grades, ranked, {a.questionnaire for a in run.answers}, run.asked)
    tag = text.slug(run.name or run.setup.method.name, otherwise="scriptorium")
    out = io.StringIO(newline="")
    for answer in run.answers:
        home = named.homes.of(answer.questionnaire)
        wanted = {home, *fitting(run.grades.get(answer.questionnaire, {}))} if home else answer.sections
        for section, found in answer.sections.items():
            if section not in wanted:
                continue
            topic = named.topic(answer.questionnaire, section)
            for rank, (script, score) in enumerate(zip(found.scripts, found.scores, strict=True), start=1):
                out.write(f"{topic} Q0 {named.documents.name(script)} {rank} {float(score)!r} {tag}\n")
    return out.getvalue().encode()


def qrels_of_run(run: Run, catalogue: Catalogue, questionnaires: Questionnaires, grades: Grades) -> bytes:
    """The judgements that a run was measured by, named as ``trec_run`` names its rankings.

    Those of questionnaires that failed or were not run, and of sections that were refused, are no part of its figures.
    """
    ended = {answer.questionnaire for answer in run.answers if answer.outcome in _MEASURED}
    asked = run.asked
    within = {q: {s: graded for s, graded in by.items() if s in asked} for q, by in run.grades.items() if q in ended}
    return trec_qrels(within, catalogue, questionnaires, grades)


def trec_qrels(judged: Grades, catalogue: Catalogue, questionnaires: Questionnaires, grades: Grades) -> bytes:
    """The judgements: topic, 0, document and grade, with those of grade 0; of ``measured`` sections only.

    ``grades``: all judgements of now, by which topics are named.
    """
    scripts = {script for of_q in judged.values() for of_section in of_q.values() for script in of_section}
    sections = {section for of_q in judged.values() for section in of_q}
    named = _Names(catalogue, questionnaires, grades, scripts, set(judged), sections)
    lines = []
    for questionnaire, of_q in sorted(measured(judged).items()):
        for section, graded in of_q.items():
            topic = named.topic(questionnaire, section)
            lines += [f"{topic} 0 {named.documents.name(script)} {grade}\n" for script, grade in sorted(graded.items())]
    return "".join(lines).encode()


def measured(grades: Grades) -> Grades:
    """The grades without the sections in which nothing fits a questionnaire.

    It is not measured there, and tools would count 0.
    """
    kept = {q: {section: of_q[section] for section in fitting(of_q)} for q, of_q in grades.items()}
    return {q: of_q for q, of_q in kept.items() if of_q}


class _Names:
    """What everything is called; what is gone by its id, which nothing else may have as its name."""

    def __init__(  # noqa: PLR0913, PLR0917  the workspace, and what is named of it
        self,
        catalogue: Catalogue,
        questionnaires: Questionnaires,
        grades: Grades,
        scripts: set[str],
        asked: set[str],
        sections: Iterable[str],
    ) -> None:
        known = [record.script for record in catalogue.records.values()]
        self.documents = Documents(known, scripts - catalogue.records.keys())
        every = {*sections, *catalogue.sizes}
        self._topics = Topics(questionnaires.values(), every, asked - questionnaires.keys())
        self.homes = Homes(questionnaires.values(), grades, {script.section for script in known})

    def topic(self, questionnaire: str, section: str) -> str:
        """The topic of one section of a questionnaire."""
        return self._topics.name(questionnaire, "" if section == self.homes.of(questionnaire) else section)
