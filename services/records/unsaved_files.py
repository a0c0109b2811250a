"""Edits under way as files: ``derived/editing/<key>.json``, one an edit."""

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from services.domain.unsaved import FIELDS, Unsaved, Value, is_key
from services.ground.files import storage_errors, write_atomically

FORMAT = "scriptorium-editing/1"
_LISTS = ("focus_areas", "techniques")


class UnsavedFiles:
    """Keeps edits under way. Fulfils ``ports.UnsavedStore``. Needs no writer lock: every file has one edit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, edit: Unsaved) -> None:
        """Store it atomically, instead of what this edit had typed before. Raises ``StorageFailed``."""
        stated = {
            "format": FORMAT,
            **{name: getattr(edit, name) for name in ("key", "script", "base", "typed", "window")},
            "began": dict(edit.began),
            "fields": dict(edit.fields),
        }
        write_atomically(self._path(edit.key), json.dumps(stated, ensure_ascii=False, indent=1).encode())

    def get(self, key: str) -> Unsaved | None:
        """The edit of this key; None where there is none, or what is there is none."""
        if not is_key(key):
            return None
        try:
            return _parsed(json.loads(self._path(key).read_bytes()), key)
        except (OSError, ValueError, RecursionError):
            return None

    def all(self) -> Sequence[Unsaved]:
        """Every edit that is kept, the last typed first."""
        found = (self.get(path.stem) for path in self._folder.glob("*.json"))
        return sorted((edit for edit in found if edit), key=lambda edit: (edit.typed, edit.key), reverse=True)

    def forget(self, key: str) -> None:
        """It was saved or given up. Raises ``StorageFailed``."""
        if is_key(key):
            with storage_errors(self._path(key)), contextlib.suppress(FileNotFoundError):
                self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _parsed(stated: Any, key: str) -> Unsaved | None:
    if not isinstance(stated, dict) or stated.get("format") != FORMAT or stated.get("key") != key:
        return None
    texts = [stated.get(name) for name in ("script", "base", "typed", "window")]
    began, fields = _fields(stated.get("began")), _fields(stated.get("fields"))
    if began is None or fields is None or not all(isinstance(text, str) for text in texts):
        return None
    script, base, typed, window = map(str, texts)
    if datetime.fromisoformat(typed).tzinfo is None:
        return None
    return Unsaved(key, script, base, began, fields, typed, window)


def _fields(stated: Any) -> dict[str, Value] | None:
    """The fields of a form; None where one is missing or of another kind."""
    if not isinstance(stated, dict):
        return None
    found: dict[str, Value] = {}
    for name in FIELDS:
        value = stated.get(name)
        if name in _LISTS and isinstance(value, list) and all(isinstance(label, str) for label in value):
            found[name] = tuple(value)
        elif name not in _LISTS and isinstance(value, str):
            found[name] = value
        else:
            return None
    return found
