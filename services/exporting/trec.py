"""Rankings and judgements as files of the Text REtrieval Conference, which every tool of the field reads.

The rankings of a run and the judgements that it was measured by, written here, give the same figures anywhere.
"""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades, Run
from services.domain.topics import Documents, Topics, fitting
from services.ground import digests, files, text
from services.ports import Catalogue

Questionnaires = Mapping[str, Questionnaire]


def write_run(path: Path, run: Run, catalogue: Catalogue, questionnaires: Questionnaires) -> str:
    """Write a run's rankings to a file; the BLAKE3 of its bytes. Raises ``StorageFailed``."""
    data = trec_run(run, catalogue, questionnaires)
    files.write_atomically(path, data)
    return digests.of_bytes(data)


def trec_run(run: Run, catalogue: Catalogue, questionnaires: Questionnaires) -> bytes:
    """The rankings: topic, ``Q0``, document, rank, score and tag.

    A questionnaire that one section has fitting scripts for has the ranking of that section; any other one those of
    all, each under a topic of its own.
    """
    ranked = {script for answer in run.answers for found in answer.sections.values() for script in found.scripts}
    sections = {section for answer in run.answers for section in answer.sections}
    documents, topics = _names(catalogue, questionnaires, ranked, {a.questionnaire for a in run.answers}, sections)
    tag = text.slug(run.name or run.setup.method.name, otherwise="scriptorium")
    out = io.StringIO(newline="")
    for answer in run.answers:
        for section, topic in _topics(answer.questionnaire, answer.sections, run.grades, topics):
            found = answer.sections[section]
            for rank, (script, score) in enumerate(zip(found.scripts, found.scores, strict=True), start=1):
                out.write(f"{topic} Q0 {documents.name(script)} {rank} {float(score)!r} {tag}\n")
    return out.getvalue().encode()


def _topics(
    questionnaire: str, answered: Mapping[str, object], grades: Grades, topics: Topics
) -> Iterator[tuple[str, str]]:
    """The sections whose rankings are written, each with its topic."""
    judged = fitting(grades.get(questionnaire, {}))
    if len(judged) == 1:
        if judged[0] in answered:
            yield judged[0], topics.name(questionnaire)
        return
    for section in answered:
        yield section, topics.name(questionnaire, section)


def trec_qrels(grades: Grades, catalogue: Catalogue, questionnaires: Questionnaires) -> bytes:
    """The judgements: topic, 0, document and grade, with those of grade 0; of ``measured`` sections only."""
    judged = {script for of_q in grades.values() for of_section in of_q.values() for script in of_section}
    sections = {section for of_q in grades.values() for section in of_q}
    documents, topics = _names(catalogue, questionnaires, judged, set(grades), sections)
    lines = []
    for questionnaire, of_q in sorted(measured(grades).items()):
        for section, graded in of_q.items():
            topic = topics.name(questionnaire, section if len(of_q) > 1 else "")
            lines += [f"{topic} 0 {documents.name(script)} {grade}\n" for script, grade in sorted(graded.items())]
    return "".join(lines).encode()


def measured(grades: Grades) -> Grades:
    """The grades without the sections in which nothing fits a questionnaire.

    It is not measured there, and tools would count 0.
    """
    kept = {q: {section: of_q[section] for section in fitting(of_q)} for q, of_q in grades.items()}
    return {q: of_q for q, of_q in kept.items() if of_q}


def _names(
    catalogue: Catalogue, questionnaires: Questionnaires, scripts: set[str], asked: set[str], sections: set[str]
) -> tuple[Documents, Topics]:
    """What everything is called; what is gone by its id, which nothing else may have as its name."""
    known = [record.script for record in catalogue.records.values()]
    documents = Documents(known, scripts - catalogue.records.keys())
    topics = Topics(questionnaires.values(), sections | catalogue.sizes.keys(), asked - questionnaires.keys())
    return documents, topics
