"""Generations of a Chroma index: each a folder of its own, ``CURRENT`` names the one in use.

A generation is opened by one process at a time, which holds its ``OWNER.lock``; a second process would read rows that
are gone and miss rows that are there. A rebuild fills a new folder, proves it, closes it, and flips ``CURRENT``.
"""

import contextlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from services.domain.model_change import Contents, Generation
from services.errors import IndexBroken, IndexOwned, StorageFailed
from services.ground import files
from services.indexes import probe
from services.ports import VectorIndex

if TYPE_CHECKING:
    from services.indexes.chroma import ChromaIndex

_CURRENT = "CURRENT"
_CHROMA = "chroma"
_SEAL = "seal.json"
_FILLED = "contents.json"
_SERVED = "SERVED"
_NAME = re.compile(r"[0-9A-Za-z-]+")


@dataclass(frozen=True)
class _Opened:
    name: str
    index: "ChromaIndex"
    lock: FileLock


class Generations:
    """The keeper of the Chroma index below ``folder``."""

    note = ""

    def __init__(self, folder: Path, card: str) -> None:
        self._folder = folder
        self._card = card
        self._opened: _Opened | None = None

    @property
    def generation(self) -> str:
        """Name of the open generation."""
        return self._opened.name if self._opened else ""

    def open(self) -> VectorIndex | None:
        """The current index; None where there is none yet or the folder is damaged.

        Raises:
            IndexOwned: another process has it open.
        """
        current = self._current()
        if self._opened is not None and self._opened.name == current:
            return self._opened.index
        self.close()
        if current and (self._folder / current / _CHROMA).is_dir():
            self._opened = self._open(current, _own(self._folder / current))
        return self._opened.index if self._opened else None

    def build(self, fill: Callable[[VectorIndex], Contents]) -> Callable[[], VectorIndex]:
        """Fill a new generation; calling what is returned flips to it.

        Raises what ``fill`` raises, and ``StorageFailed``.
        """
        name = f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(3)}"
        folder = self._folder / name
        with files.storage_errors(folder):
            (folder / _CHROMA).mkdir(parents=True)
        lock = _own(folder)
        try:
            index = self._chroma(folder)
            try:
                contents = fill(index)
            finally:
                index.close()
            _write_contents(folder, contents)
            _write_seal(folder)
        except BaseException:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return partial(self._flip, name, lock, index)

    def _flip(self, name: str, lock: FileLock, filled: "ChromaIndex") -> VectorIndex:
        """Open the new generation, then name it: it is owned throughout, so that nobody can come in between."""
        previous = self._current()
        self.close()
        opened = self._open(name, lock)
        if opened is None:
            raise IndexBroken("The new index could not be opened.", "Rebuild it again.")
        self._opened = opened
        opened.index.take_over(filled)
        try:
            # Written in the new folder: what a kill leaves half-written there is removed with it.
            files.write_atomically(self._folder / name / _CURRENT, f"{name}\n".encode())
            files.move(self._folder / name / _CURRENT, self._folder / _CURRENT)
        except StorageFailed:
            self.close()
            raise
        if previous:
            # Only what once was in use is worth going back to; what a kill left built and unused is not.
            with contextlib.suppress(OSError):
                (self._folder / previous / _SERVED).touch()
        self._remove_all_but({name, previous, self._of_another_model(name)})
        return opened.index

    def generations(self) -> list[Generation]:
        """Those that are or were in use, the newest first."""
        current = self._current()
        folders = [p for p in self._folder.glob("*/") if _NAME.fullmatch(p.name)]
        names = [p.name for p in sorted(folders, key=_age, reverse=True)]
        return [
            Generation(name, _read_contents(self._folder / name), _made(name), name == current)
            for name in names
            if name == current or (self._folder / name / _SERVED).exists()
        ]

    def settled(self) -> None:
        """Seal what the folder holds now, so that the next start trusts it without a trial."""
        if self._opened is not None:
            _write_seal(self._folder / self._opened.name)

    def close(self) -> None:
        """Close the open generation and give up its ownership."""
        if self._opened is not None:
            opened, self._opened = self._opened, None
            opened.index.close()
            _write_seal(self._folder / opened.name)
            opened.lock.release()

    def _current(self) -> str:
        """The name in ``CURRENT``; empty where there is none, or it is no name."""
        try:
            name = (self._folder / _CURRENT).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return name if _NAME.fullmatch(name) else ""

    def _open(self, name: str, lock: FileLock) -> _Opened | None:
        """The generation, owned by ``lock``, which is let go where it cannot be opened."""
        folder = self._folder / name
        try:
            # A folder that is as it was left is trusted; any other is first opened by a child, which may die of it.
            if _read_seal(folder) != _contents(folder) and not probe.survives(folder / _CHROMA):
                lock.release()
                return None
            index = self._chroma(folder)
        except IndexBroken:
            lock.release()
            return None
        except BaseException:
            lock.release()
            raise
        _write_seal(folder)
        return _Opened(name, index, lock)

    def _chroma(self, folder: Path) -> "ChromaIndex":
        # Imported late: Chroma takes as long as all the rest, and what needs no index is shown before that.
        from services.indexes.chroma import ChromaIndex  # noqa: PLC0415

        return ChromaIndex(folder / _CHROMA, self._card)

    def _of_another_model(self, name: str) -> str:
        """The newest that another model than this one's made; empty where there is none."""
        model = _model(_read_contents(self._folder / name))
        others = (g.name for g in self.generations() if g.contents and _model(g.contents) != model)
        return next(others, "")

    def _remove_all_but(self, keep: set[str]) -> None:
        """Older generations go, but none that a process still has open."""
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name not in keep:
                with contextlib.suppress(IndexOwned, StorageFailed):
                    lock = _own(folder)
                    lock.release()
                    shutil.rmtree(folder, ignore_errors=True)


def _own(folder: Path) -> FileLock:
    lock = FileLock(folder / "OWNER.lock", thread_local=False)
    with files.storage_errors(folder):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise IndexOwned(
                "Another process has the index open.", "Nothing is wrong; this process answers from the records."
            ) from None
    return lock


def _age(folder: Path) -> tuple[str, int]:
    """Sorts by when it was built: by the second in its name, then by when it was filled."""
    try:
        filled = (folder / _FILLED).stat().st_mtime_ns
    except OSError:
        filled = 0
    return folder.name[:15], filled


def _made(name: str) -> str:
    """When a generation was built, by its name."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.strptime(name[:15], "%Y%m%dT%H%M%S"))
    except ValueError:
        return ""


def _model(contents: Contents | None) -> str:
    return contents.model_digest if contents else ""


def _read_contents(folder: Path) -> Contents | None:
    try:
        return Contents(**json.loads((folder / _FILLED).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write_contents(folder: Path, contents: Contents) -> None:
    with files.storage_errors(folder / _FILLED):
        (folder / _FILLED).write_text(json.dumps(asdict(contents)), "utf-8")


def _contents(folder: Path) -> dict[str, list[int]]:
    chroma = folder / _CHROMA
    found = ((path, path.stat()) for path in sorted(chroma.rglob("*")) if path.is_file())
    return {str(path.relative_to(chroma)): [stat.st_size, stat.st_mtime_ns] for path, stat in found}


def _read_seal(folder: Path) -> object:
    try:
        return json.loads((folder / _SEAL).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _write_seal(folder: Path) -> None:
    # Derived and repeatable: a seal that cannot be written costs the next start a trial, nothing else.
    with contextlib.suppress(OSError):
        (folder / _SEAL).write_text(json.dumps(_contents(folder)), "utf-8")
