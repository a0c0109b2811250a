"""Edits under way as files: ``editing/<key>.json``, one an edit. Git passes over the folder."""

import contextlib
import json
import re
import stat
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard

from services.domain.unsaved import FIELDS, Unsaved, Value, is_key
from services.errors import InvalidInput, StorageFailed
from services.ground import files

FORMAT = "scriptorium-editing/1"
_LISTS = ("focus_areas", "techniques")
# No browser sends as much; whatever is larger is nobody's typing.
_MOST_BYTES = 256 << 20
# Not only in the workspace's own list: an older history has one without it, a repository around has none of ours.
_PASSED_OVER = b"*\n"
# Half of a character: no browser takes it.
_HALF = re.compile("[\ud800-\udfff]")


class UnsavedFiles:
    """Keeps edits under way. Fulfils ``ports.UnsavedStore``. Needs no writer lock: every file has one edit.

    ``before`` is where an earlier version kept them: what lies there is taken over. Safe to use from several threads.
    """

    def __init__(self, folder: Path, before: Path | None = None) -> None:
        self._folder, self._before = folder, before
        self._lock = threading.RLock()
        self._read: dict[str, tuple[files.Mark, Unsaved | None]] = {}

    def keep(self, edit: Unsaved, known: Unsaved | None = None) -> bool:
        """Store it atomically, unless something else than ``known`` is kept under its key.

        Raises ``StorageFailed``.
        """
        stated = {
            "format": FORMAT,
            **{name: getattr(edit, name) for name in ("key", "script", "base", "typed", "window", "by")},
            "began": dict(edit.began),
            "fields": dict(edit.fields),
        }
        data = json.dumps(stated, ensure_ascii=False, indent=1).encode()
        with self._lock:
            if self.get(edit.key) not in (None, known):
                return False
            self._prepare()
            files.write_atomically(self._path(edit.key), data)
        return True

    def get(self, key: str) -> Unsaved | None:
        """The edit of this key; None where there is none, or what is there is none."""
        if not is_key(key):
            return None
        with self._lock:
            self._take_over()
            try:
                mark = files.mark(self._path(key).lstat())
                if key not in self._read or self._read[key][0] != mark:
                    self._read[key] = (mark, _edit(self._path(key), key))
                return self._read[key][1]
            except OSError:
                return None

    def all(self) -> Sequence[Unsaved]:
        """Every edit that is kept, the last typed first."""
        with self._lock:
            self._take_over()
            keys = {path.stem for path in self._folder.glob("*.json")}
            self._read = {key: read for key, read in self._read.items() if key in keys}
            found = [edit for edit in map(self.get, keys) if edit]
        return sorted(found, key=lambda edit: (datetime.fromisoformat(edit.typed), edit.key), reverse=True)

    def forget(self, known: Unsaved) -> bool:
        """It was saved or given up: delete it, unless something else is kept by now. Raises ``StorageFailed``."""
        with self._lock:
            if self.get(known.key) not in (None, known):
                return False
            with files.storage_errors(self._path(known.key)), contextlib.suppress(FileNotFoundError):
                self._path(known.key).unlink()
        return True

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise InvalidInput(f"'{key[:40]}' is no key of an edit.", "Use 16 hexadecimal digits.")
        return self._folder / f"{key}.json"

    def _prepare(self) -> None:
        if not (self._folder / ".gitignore").exists():
            files.write_atomically(self._folder / ".gitignore", _PASSED_OVER)

    def _take_over(self) -> None:
        """Once, as long as the disk lets us: what cannot be moved stays where it is until the next start."""
        before, self._before = self._before, None
        if before is None or not before.is_dir():
            return
        with contextlib.suppress(OSError, StorageFailed):
            for path in before.glob("*.json"):
                if is_key(path.stem) and not self._path(path.stem).exists():
                    self._prepare()
                    files.move(path, self._path(path.stem))


def _edit(path: Path, key: str) -> Unsaved | None:
    """What a file holds; None where that is no edit. Raises ``OSError``."""
    found = path.lstat()
    # A pipe would never end.
    if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
        return None
    try:
        return _parsed(json.loads(path.read_bytes()), key)
    except (ValueError, OverflowError, RecursionError):
        return None


def _parsed(stated: Any, key: str) -> Unsaved | None:
    """Raises ``ValueError`` where a time is none."""
    if not isinstance(stated, dict) or stated.get("format") != FORMAT or stated.get("key") != key:
        return None
    texts = [stated.get(name, "") for name in ("script", "base", "typed", "window", "by")]
    began, fields = _fields(stated.get("began")), _fields(stated.get("fields"))
    if began is None or fields is None or not all(_is_text(text) for text in texts):
        return None
    script, base, typed, window, by = texts
    if datetime.fromisoformat(typed).tzinfo is None:
        return None
    return Unsaved(key, script, base, began, fields, typed, window, by)


def _fields(stated: Any) -> dict[str, Value] | None:
    """The fields of a form; None where one is missing or of another kind."""
    if not isinstance(stated, dict):
        return None
    found: dict[str, Value] = {}
    for name in FIELDS:
        value = stated.get(name)
        if name in _LISTS and isinstance(value, list) and all(_is_text(label) for label in value):
            found[name] = tuple(value)
        elif name not in _LISTS and _is_text(value):
            found[name] = value
        else:
            return None
    return found


def _is_text(value: Any) -> TypeGuard[str]:
    """Whether it is text that a page can show."""
    return isinstance(value, str) and not _HALF.search(value)
