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

# Lines until progress is told again, and a stop is heard.
_AT_A_TIME = 50_000
# Lines of a file that are named one by one because they judge what is judged already.
_MOST_NAMED = 20


@dataclass
class _Read:
    """The grades of files by questionnaire and script, and what of the files is not among them.

    Of lines that stand for nothing here nothing is held but their number: a file may be of any length.
    """

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    # The line that judges a script for a questionnaire.
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    unknown: Unknown = field(default_factory=Unknown)
    # Lines that judge what is judged already.
    again: int = 0

    def take_over(self, file: "_Read") -> None:
        """What was read of one more file."""
        for questionnaire, grades in file.grades.items():
            self.grades.setdefault(questionnaire, {}).update(grades)
        self.said |= file.said
        self.rejected += file.rejected


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
    known = questionnaires.all()[0]
    read = _read(files, Naming(store.catalogue(), known, settings.sections, grades), report)
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


def _read(files: Mapping[str, Iterable[JudgedLine | Rejected]], naming: Naming, report: Report) -> _Read:
    """Line by line. Of a file that cannot be read to its end nothing is taken."""
    read = _Read()
    for name, lines in files.items():
        try:
            read.take_over(_read_file(name, lines, naming, read.said, report))
        except InvalidInput as error:
            read.rejected.append(Rejected(name, str(error)))
    return read


def _read_file(
    name: str,
    lines: Iterable[JudgedLine | Rejected],
    naming: Naming,
    said: Mapping[tuple[str, str], str],
    report: Report,
) -> _Read:
    file = _Read()
    for number, line in enumerate(lines):
        if not number % _AT_A_TIME:
            report(f"Reading {name}, line {number + 1:,}", 0, 0)
        if isinstance(line, Rejected):
            file.rejected.append(line)
        else:
            _take(line, naming, file, said)
    if file.again > _MOST_NAMED:
        reason = f"{count(file.again - _MOST_NAMED, 'further line')} judge what is judged already. Keep one of them."
        file.rejected.append(Rejected(name, reason))
    file.rejected += file.unknown.told(name)
    return file


def _take(line: JudgedLine, naming: Naming, file: _Read, said: Mapping[tuple[str, str], str]) -> None:
    topic = naming.topics.find(line.topic)
    if topic is None:
        file.unknown.topics.add(line.topic)
        return
    found = naming.scripts(topic, line.document)
    if len(found) != 1:
        (file.unknown.ambiguous if found else file.unknown.documents).add(line.document)
        return
    pair = topic.questionnaire, found[0]
    # This file, another one, or another name of the same script.
    first = said.get(pair) or file.said.get(pair)
    if first:
        file.again += 1
        if file.again <= _MOST_NAMED:
            reason = (
                f"It judges '{found[0]}' for '{topic.questionnaire}', as {first} does already. Keep one of the two."
            )
            file.rejected.append(Rejected(line.source, reason))
        return
    file.said[pair] = line.source
    file.grades.setdefault(topic.questionnaire, {})[found[0]] = line.grade


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
