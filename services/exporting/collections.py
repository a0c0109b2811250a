"""A workspace as a test collection, or the judgements of one: what other people's tools measure with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.domain.questionnaires import Questionnaire
from services.domain.reports import Exported
from services.domain.runs import Grades
from services.domain.scripts import Record, Status
from services.domain.settings import Settings
from services.domain.words import count
from services.errors import InvalidInput
from services.exporting import beir, chosen, trec
from services.ground import digests, files
from services.ports import Catalogue

FORMATS = ("beir", "trec-qrels")


@dataclass(frozen=True, eq=False)
class Workspace:
    """What is exported of."""

    settings: Settings
    catalogue: Catalogue
    questionnaires: Mapping[str, Questionnaire]
    grades: Grades


def export(
    out: Path, format_name: str, of: Workspace, *, ids: Sequence[str] = (), sections: Sequence[str] = ()
) -> Exported:
    """Write it, of the scripts that have one of the ids and lie in one of the sections; empty means all.

    Raises:
        InvalidInput: an unknown format, or a folder that holds other things.
        NotFound: an id or a section that does not exist.
        StorageFailed: it could not be written.
    """
    if format_name not in FORMATS:
        raise InvalidInput(f"There is no format '{format_name[:40]}'.", f"Use one of: {', '.join(FORMATS)}.")
    records = chosen(of.catalogue, of.settings, ids, sections)
    return _beir(out, of, records, named=bool(ids)) if format_name == "beir" else _qrels(out, of, records)


def _beir(out: Path, of: Workspace, records: Sequence[Record], *, named: bool) -> Exported:
    """Only approved scripts, which can be found, where none was named: the format does not tell them from others."""
    kept = [r for r in records if named or r.script.status is Status.APPROVED]
    made = beir.contents(kept, of.questionnaires, of.grades, of.settings.query_template)
    notes = list(made.notes)
    if len(kept) < len(records):
        notes.append(f"{count(len(records) - len(kept), 'script')} left out: they are drafts, or retired.")
    digest = beir.write(out, made)
    return Exported(len(kept), str(out), digest, _damaged(of), made.queries, made.judgements, tuple(notes))


def _qrels(out: Path, of: Workspace, records: Sequence[Record]) -> Exported:
    chosen_grades = _of_scripts(of.grades, {record.script.id for record in records})
    grades = trec.measured(chosen_grades)
    data = trec.trec_qrels(grades, of.catalogue, of.questionnaires, of.grades)
    files.write_named(out, data)
    lines, notes = len(_judged(grades)), []
    if left_out := len(_judged(chosen_grades)) - lines:
        notes.append(
            f"{count(left_out, 'judgement')} left out: in their sections nothing fits the questionnaire, which is not "
            "measured there, and tools would count it as 0."
        )
    scripts = len(set(_judged(grades)))
    return Exported(scripts, str(out), digests.of_bytes(data), _damaged(of), len(grades), lines, tuple(notes))


def _judged(grades: Grades) -> list[str]:
    """The script of each judgement."""
    return [script for of_q in grades.values() for of_section in of_q.values() for script in of_section]


def _of_scripts(grades: Grades, scripts: Collection[str]) -> Grades:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for questionnaire, of_q in grades.items():
        for section, graded in of_q.items():
            if kept := {script: grade for script, grade in graded.items() if script in scripts}:
                found.setdefault(questionnaire, {})[section] = kept
    return found


def _damaged(of: Workspace) -> tuple[str, ...]:
    return tuple(broken.path for broken in of.catalogue.broken)
