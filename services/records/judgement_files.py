"""Judgements as YAML files: ``judgements/<questionnaire>.yaml``, what everybody said of scripts as answers to it."""

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from services.domain.judgements import Judgement, checked
from services.domain.scripts import BrokenRecord
from services.errors import InvalidInput, InvalidQuestionnaire, InvalidYaml
from services.ground import files, text, yaml_text

FORMAT = "scriptorium-judgements/1"
SUFFIX = ".yaml"
_KEYS = {"format", "questionnaire", "judgements"}
_TEXTS = ("script", "judge", "note", "time")
_ENTRY = {*_TEXTS, "grade"}
_NEXT_STEP = "Mend it, or bring it back with git or from a backup; deleted, what was judged there is lost."
_Given = tuple[Judgement, ...]
_Found = tuple[Mapping[str, _Given], tuple[BrokenRecord, ...]]


class YamlJudgementStore:
    """The judgements of one workspace. Canonical: they can be had from nowhere else. Safe to use from several threads.

    Fulfils ``ports.JudgementStore``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = threading.Lock()
        self._read: dict[Path, tuple[files.Mark, _Given | BrokenRecord]] = {}
        self._unlisted: tuple[BrokenRecord, ...] = ()
        self._found: _Found = ({}, ())

    def all(self) -> _Found:
        """Judgements by questionnaire, and the files that are none. Reads only what changed since the last call."""
        with self._reading:
            paths, unlisted = self._list()
            read = {path: item for path in paths if (item := self._current(path)) is not None}
            if read != self._read or unlisted != self._unlisted:
                self._read, self._unlisted = read, unlisted
                items = {path.stem: item for path, (_, item) in read.items()}
                good = {name: item for name, item in items.items() if not isinstance(item, BrokenRecord)}
                broken = tuple(item for item in items.values() if isinstance(item, BrokenRecord))
                self._found = good, (*broken, *unlisted)
            return self._found

    def put(self, questionnaire: str, *judgements: Judgement) -> None:
        """Keep them, each in the place of what this judge said of this script. Raises as ``JudgementStore.put``."""
        given = {(j.script, j.judge): j for j in judgements}
        self._write(questionnaire, {**self._present(questionnaire), **given})

    def remove(self, questionnaire: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Take back what was said of these scripts by these judges. Raises as ``JudgementStore.remove``."""
        gone = set(pairs)
        present = self._present(questionnaire)
        if gone & present.keys():
            self._write(questionnaire, {pair: item for pair, item in present.items() if pair not in gone})

    def _present(self, questionnaire: str) -> dict[tuple[str, str], Judgement]:
        """What the file says at this moment, by script and judge. Raises ``InvalidYaml`` where it cannot be read."""
        path = self._path(questionnaire)
        with self._reading:
            found = self._current(path)
        if found is None:
            return {}
        if isinstance(found[1], BrokenRecord):
            # What it held would be lost.
            raise InvalidYaml(found[1].cause, found[1].next_step)
        return {(judgement.script, judgement.judge): judgement for judgement in found[1]}

    def _write(self, questionnaire: str, judgements: Mapping[tuple[str, str], Judgement]) -> None:
        path = self._path(questionnaire)
        if judgements:
            files.write_atomically(path, encode(questionnaire, judgements.values()))
            return
        with files.storage_errors(path):
            path.unlink(missing_ok=True)
            files.fsync_folder(path.parent)

    def _list(self) -> tuple[list[Path], tuple[BrokenRecord, ...]]:
        """The files, and the folder where it cannot be listed."""
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(entry.name for entry in entries)
        except FileNotFoundError:
            return [], ()
        except OSError as error:
            cause = f"The folder judgements cannot be read ({error.strerror})."
            return [], (BrokenRecord("judgements", cause, "Check its permissions."),)
        return [self._folder / name for name in names if name.endswith(SUFFIX) and not name.startswith(".")], ()

    def _current(self, path: Path) -> tuple[files.Mark, _Given | BrokenRecord] | None:
        """What the file says now; None where there is none."""
        mark = files.mark_of(path)
        if mark is None:
            # A link to nothing is there and cannot be read, which reading it says.
            return (files.NO_MARK, _read(path)) if path.is_symlink() else None
        known = self._read.get(path)
        return known if known is not None and known[0] == mark else (mark, _read(path))

    def _path(self, questionnaire: str) -> Path:
        if not text.is_slug(questionnaire):
            raise InvalidQuestionnaire(f"'{questionnaire[:80]}' is no questionnaire's id.", "Name one by its id.")
        return self._folder / f"{questionnaire}{SUFFIX}"


def _read(path: Path) -> _Given | BrokenRecord:
    source = f"judgements/{path.name}"
    try:
        questionnaire, judgements = decode(path.read_bytes(), source=source)
    except InvalidInput as error:
        return BrokenRecord(source, error.cause, error.next_step)
    except OSError as error:
        return BrokenRecord(source, f"{source} cannot be read ({error.strerror}).", "Check its permissions.")
    if questionnaire != path.stem:
        cause = f"{source} holds judgements of '{questionnaire[:80]}'."
        return BrokenRecord(source, cause, f"Name it {questionnaire}{SUFFIX}.")
    return judgements


def encode(questionnaire: str, judgements: Iterable[Judgement]) -> bytes:
    """The bytes of a file, sorted by script and judge."""
    entries = [
        {
            "script": j.script,
            "judge": j.judge,
            "grade": j.grade,
            **({"note": j.note} if j.note else {}),
            **({"time": j.time} if j.time else {}),
        }
        for j in sorted(judgements, key=lambda j: (j.script, j.judge))
    ]
    return yaml_text.dump({"format": FORMAT, "questionnaire": questionnaire, "judgements": entries})


def decode(data: bytes, *, source: str) -> tuple[str, _Given]:
    """The questionnaire's id and its judgements. Raises ``InvalidYaml``."""
    value = yaml_text.load(data, source=source)
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) != _KEYS:
        raise InvalidYaml(f"{source} does not begin with 'format: {FORMAT}', or has other keys.", _NEXT_STEP)
    questionnaire, entries = value["questionnaire"], value["judgements"]
    if not isinstance(questionnaire, str) or not text.is_slug(questionnaire) or not isinstance(entries, list):
        raise InvalidYaml(f"{source} does not name a questionnaire and list what was judged.", _NEXT_STEP)
    found: dict[tuple[str, str], Judgement] = {}
    for number, entry in enumerate(entries, start=1):
        judgement = _judgement(entry, f"{source}, entry {number}")
        if (judgement.script, judgement.judge) in found:
            raise InvalidYaml(f"{source}: {judgement.judge} judges '{judgement.script}' twice.", "Keep one of the two.")
        found[judgement.script, judgement.judge] = judgement
    return questionnaire, tuple(found.values())


def _judgement(entry: Any, where: str) -> Judgement:
    if not isinstance(entry, dict) or not {"script", "judge", "grade"} <= set(entry) <= _ENTRY:
        raise InvalidYaml(f"{where} does not say script, judge and grade, or says something else.", _NEXT_STEP)
    if not all(isinstance(item, str) for item in entry.values()):
        raise InvalidYaml(f"{where} has something that is not text.", _NEXT_STEP)
    grade = entry["grade"]
    if len(grade) != 1 or grade not in "0123":
        raise InvalidYaml(f"{where} has the grade '{grade[:20]}'.", "Grades go from 0 to 3.")
    try:
        return checked(grade=int(grade), **{key: entry[key] for key in _TEXTS if key in entry})
    except InvalidInput as error:
        raise InvalidYaml(f"{where}: {error.cause}", error.next_step) from None
