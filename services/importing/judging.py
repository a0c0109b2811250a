"""Judgements of a TREC file: what fits is expected from then on, and what does not is kept as a judgement.

What the file does not judge stays as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.domain.judgements import IMPORTED, Judgement, checked
from services.domain.questionnaires import Expected, Questionnaire, make_questionnaire
from services.domain.reports import Imported, Rejected
from services.domain.runs import Grades
from services.domain.settings import Settings
from services.domain.trec import JudgedLine
from services.domain.words import count
from services.errors import InvalidInput
from services.ground.clock import now
from services.ground.progress import Report
from services.importing.naming import Naming, Unknown
from services.ports import JudgementStore, QuestionnaireStore, RecordStore


@dataclass
class _Read:
    """The grades of the files by questionnaire and script, and what of the files is not among them."""

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


def import_judgements(  # noqa: PLR0913  the stores that it touches, and the lines
    files: Mapping[str, Iterable[JudgedLine | Rejected]],
    *,
    settings: Settings,
    grades: Grades,
    store: RecordStore,
    questionnaires: QuestionnaireStore,
    judgements: JudgementStore,
    report: Report,
    dry_run: bool = False,
) -> Imported:
    """Take over the judgements of these files, by their names; ``dry_run`` only says what would happen.

    Raises:
        WorkspaceBusy, StorageFailed: what was stored before is unharmed; import again for the rest.
    """
    report("Reading", 0, 0)
    known = questionnaires.all()[0]
    read = _read(files, Naming(store.catalogue(), known, settings.sections, grades))
    stored = list(read.grades)
    if not dry_run and stored:
        with store.writing("importing judgements"):
            stored = _store(read, questionnaires, judgements, report)
    taken = sum(len(read.grades[questionnaire]) for questionnaire in stored)
    return Imported(
        rejected=tuple(read.rejected),
        questionnaires=len(stored),
        judgements=taken,
        dry_run=dry_run,
        notes=tuple(_outranked(read, judgements)),
    )


def _read(files: Mapping[str, Iterable[JudgedLine | Rejected]], naming: Naming) -> _Read:
    read = _Read()
    said: dict[tuple[str, str], str] = {}
    for name, lines in files.items():
        unknown = Unknown()
        for line in lines:
            if isinstance(line, Rejected):
                read.rejected.append(line)
            else:
                _take(line, naming, read, unknown, said)
        read.rejected += unknown.told(name)
    return read


def _take(line: JudgedLine, naming: Naming, read: _Read, unknown: Unknown, said: dict[tuple[str, str], str]) -> None:
    topic = naming.topics.find(line.topic)
    if topic is None:
        unknown.topics.add(line.topic)
        return
    found = naming.scripts(topic, line.document)
    if len(found) != 1:
        (unknown.ambiguous if found else unknown.documents).add(line.document)
        return
    # Another file, or another name of the same script.
    first = said.setdefault((topic.questionnaire, found[0]), line.source)
    if first != line.source:
        reason = f"It judges '{found[0]}' for '{topic.questionnaire}', as {first} does already. Keep one of the two."
        read.rejected.append(Rejected(line.source, reason))
        return
    read.grades.setdefault(topic.questionnaire, {})[found[0]] = line.grade


def _store(read: _Read, questionnaires: QuestionnaireStore, judgements: JudgementStore, report: Report) -> list[str]:
    """Store what was read; the questionnaires that it was stored of."""
    known, earlier, stored = questionnaires.all()[0], judgements.all()[0], []
    for done, (name, grades) in enumerate(read.grades.items()):
        report("Storing judgements", done, len(read.grades))
        if name not in known:
            reason = f"The questionnaire '{name}' was deleted by somebody else during the import. Import it again."
            read.rejected.append(Rejected(name, reason))
            continue
        try:
            keep(name, grades, earlier.get(name, ()), judgements)
            made = expecting(known[name], grades)
            if made != known[name]:
                questionnaires.put(made)
        except InvalidInput as error:
            read.rejected.append(Rejected(name, str(error)))
        else:
            stored.append(name)
    return stored


def keep(
    questionnaire: str, grades: Mapping[str, int], earlier: Iterable[Judgement], judgements: JudgementStore
) -> None:
    """Keep which scripts do not fit, by the grades of a file; what an earlier file said of the others goes.

    ``earlier``: what is kept of the questionnaire. Raises as ``JudgementStore.put`` does.
    """
    said = {j.script for j in earlier if j.judge == IMPORTED}
    unfit = {script for script, grade in grades.items() if not grade}
    if gone := sorted((grades.keys() - unfit) & said):
        judgements.remove(questionnaire, [(script, IMPORTED) for script in gone])
    if new := sorted(unfit - said):
        at = now()
        judgements.put(questionnaire, *(checked(script=s, judge=IMPORTED, grade=0, time=at) for s in new))


def expecting(questionnaire: Questionnaire, grades: Mapping[str, int]) -> Questionnaire:
    """The questionnaire, expecting what fits by these grades and not what does not; the rest stays."""
    expected = {**{e.script: e.grade for e in questionnaire.expected}, **grades}
    kept = tuple(Expected(script, grade) for script, grade in expected.items() if grade)
    return make_questionnaire(**{**vars(questionnaire), "expected": kept})


def _outranked(read: _Read, judgements: JudgementStore) -> list[str]:
    by_people = {
        (questionnaire, judgement.script)
        for questionnaire, given in judgements.all()[0].items()
        for judgement in given
        if judgement.judge != IMPORTED
    }
    both = sum((q, script) in by_people for q, grades in read.grades.items() for script in grades)
    if not both:
        return []
    return [f"{count(both, 'judgement')} of the files on what people here have judged as well: their grades count."]
