"""Questionnaires as YAML files: ``questionnaires/<id>.yaml``."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.domain.questionnaires import Expected, Questionnaire, make_questionnaire
from services.domain.scripts import BrokenRecord
from services.errors import InvalidInput, InvalidQuestionnaire, NotFound
from services.ground import files, text, yaml_text

_TEXTS = ("id", "title", "focus_area", "challenge_context", "desired_feeling", "query", "source_id")
_KEYS = {*_TEXTS, "expected"}


class YamlQuestionnaireStore:
    """The questionnaires of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = threading.Lock()
        self._read: dict[Path, tuple[files.Mark, Questionnaire | BrokenRecord]] = {}

    def all(self) -> tuple[Mapping[str, Questionnaire], tuple[BrokenRecord, ...]]:
        """Questionnaires by id, and the files that are none. Reads only what changed since the last call."""
        with self._reading:
            paths, unlisted = self._list()
            self._read = {path: item for path in paths if (item := self._current(path)) is not None}
            items = [item for _, item in self._read.values()]
        good = {item.id: item for item in items if isinstance(item, Questionnaire)}
        return good, (*(item for item in items if isinstance(item, BrokenRecord)), *unlisted)

    def put(self, questionnaire: Questionnaire) -> None:
        """Store one atomically. Raises ``StorageFailed``."""
        files.write_atomically(self._path(questionnaire.id), encode(questionnaire))

    def remove(self, questionnaire_id: str) -> None:
        """Delete one. Raises ``NotFound``."""
        path = self._path(questionnaire_id)
        with files.storage_errors(path):
            try:
                path.unlink()
            except FileNotFoundError:
                raise NotFound(
                    f"There is no questionnaire '{questionnaire_id}'.", "It may have been deleted."
                ) from None

    def _list(self) -> tuple[list[Path], tuple[BrokenRecord, ...]]:
        """The files, and the folder where it cannot be listed."""
        try:
            # Not ``glob``, to which a folder that may not be read is an empty one.
            with os.scandir(self._folder) as entries:
                names = sorted(entry.name for entry in entries)
        except FileNotFoundError:
            return [], ()
        except OSError as error:
            cause = f"The folder questionnaires cannot be read ({error.strerror})."
            return [], (BrokenRecord("questionnaires", cause, "Check its permissions."),)
        return [self._folder / name for name in names if name.endswith(".yaml") and not name.startswith(".")], ()

    def _current(self, path: Path) -> tuple[files.Mark, Questionnaire | BrokenRecord] | None:
        """What the file says now; None where it was deleted since the folder was listed."""
        mark = files.mark_of(path)
        if mark is None:
            # A link to nothing is there and cannot be read, which reading it says.
            return (files.NO_MARK, _read(path)) if path.is_symlink() else None
        known = self._read.get(path)
        return known if known is not None and known[0] == mark else (mark, _read(path))

    def _path(self, questionnaire_id: str) -> Path:
        if not text.is_slug(questionnaire_id):
            raise InvalidQuestionnaire(f"'{questionnaire_id[:80]}' cannot be an id.", "Use a slug.")
        return self._folder / f"{questionnaire_id}.yaml"


def _read(path: Path) -> Questionnaire | BrokenRecord:
    source = f"questionnaires/{path.name}"
    try:
        questionnaire = decode(path.read_bytes(), source=source)
    except InvalidInput as error:
        return BrokenRecord(source, error.cause, error.next_step)
    except OSError as error:
        return BrokenRecord(source, f"{source} cannot be read ({error.strerror}).", "Check its permissions.")
    if questionnaire.id != path.stem:
        return BrokenRecord(source, f"{source} has the id '{questionnaire.id}'.", f"Name it {questionnaire.id}.yaml.")
    return questionnaire


def encode(questionnaire: Questionnaire) -> bytes:
    """The bytes of a questionnaire's file."""
    return yaml_text.dump({key: value for key, value in questionnaire.as_json().items() if value})


def decode(data: bytes, *, source: str) -> Questionnaire:
    """The questionnaire in a file's bytes.

    Raises:
        InvalidYaml: see ``yaml_text.load``.
        InvalidQuestionnaire: a key that is missing, unknown or of the wrong kind.
    """
    value = yaml_text.load(data, source=source)
    if not isinstance(value, dict) or "id" not in value:
        raise InvalidQuestionnaire(f"{source} is not a questionnaire: it has no 'id'.", "See docs/formats.md.")
    for key, item in value.items():
        if key not in _KEYS:
            raise InvalidQuestionnaire(f"{source} has the unknown key '{key[:80]}'.", "Remove it.")
        if key != "expected" and not isinstance(item, str):
            raise InvalidQuestionnaire(f"{source}: '{key}' is not text.", "Write it as text.")
    try:
        texts = {key: value[key] for key in _TEXTS if key in value}
        return make_questionnaire(**texts, expected=_expected(value.get("expected", []), source))
    except InvalidQuestionnaire as error:
        raise InvalidQuestionnaire(f"{source}: {error.cause}", error.next_step) from None


def _expected(value: Any, source: str) -> tuple[Expected, ...]:
    try:
        return tuple(Expected(_name(item["script"]), int(item["grade"])) for item in value)
    except (TypeError, ValueError, KeyError):
        raise InvalidQuestionnaire(
            f"{source}: 'expected' is not a list of 'script' and 'grade'.", "See docs/formats.md."
        ) from None


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
