"""Uploaded files on the disk for as long as they are read: numbered, private, and gone afterwards."""

import contextlib
import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Protocol, Self

from services.domain.drafts import Draft, Item, refused
from services.errors import InvalidInput
from services.ground import text
from services.ground.files import storage_errors
from services.ground.progress import Report

_PREFIX = "scriptorium-upload-"
# What a killed process left behind is deleted by the next upload; nobody reads for a day.
_STALE_SECONDS = 86_400
_MAX_NAME = 200
_ENDING = re.compile(r"\.[a-z0-9]{1,10}")


class Look(Protocol):
    """What a table shows at first sight."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""

    @property
    def samples(self) -> tuple[tuple[str, ...], ...]:
        """A few rows."""

    @property
    def rows(self) -> int:
        """How many there are."""


@dataclass(frozen=True)
class Reading:
    """How files become drafts: readers that the composition root names."""

    file: Callable[[Path, str], Iterator[Item]]
    is_table: Callable[[Path], bool]
    look: Callable[[Path, str], Look]
    guess: Callable[[Sequence[str], Sequence[Sequence[str]]], Mapping[str, str]]
    table: Callable[[Path, str, Mapping[str, str]], Iterator[Item]]


@dataclass(frozen=True)
class StagedFile:
    """An uploaded file where it lies, and the name that it came with, which is shown and never a path."""

    path: Path
    name: str


@dataclass(frozen=True)
class Table:
    """A table whose columns do not bear the names of our fields. ``guess`` has the likely column of each field."""

    file: StagedFile
    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    rows: int
    guess: Mapping[str, str]


@dataclass(frozen=True)
class Staged:
    """Files that were uploaded, until they are read."""

    folder: Path
    files: tuple[StagedFile, ...]
    tables: tuple[Table, ...] = ()

    def close(self) -> None:
        """Delete them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        """The files themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete them."""
        self.close()


def stage(files: Sequence[tuple[str, bytes]], sections: Sequence[str], reading: Reading) -> Staged:
    """Write files to a private folder. Of their names only a known ending and a section's name become part of a path.

    Raises:
        StorageFailed: the disk is full.
    """
    _sweep()
    with storage_errors(Path(tempfile.gettempdir())):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with storage_errors(folder):
            written = tuple(_written(folder, number, file, sections) for number, file in enumerate(_shown(files)))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    staged = Staged(folder, written, tuple(_tables(written, reading)))
    # Whoever leaves without a word leaves nothing behind.
    weakref.finalize(staged, shutil.rmtree, folder, ignore_errors=True)
    return staged


def read(staged: Staged, reading: Reading, mappings: Mapping[str, Mapping[str, str]], report: Report) -> Iterator[Item]:
    """What the files hold. ``mappings``: the columns that were chosen for a table, by the name of its file."""
    for done, file in enumerate(staged.files):
        report("Reading the files", done, len(staged.files))
        try:
            chosen = mappings.get(file.name)
            found = reading.table(file.path, file.name, chosen) if chosen else reading.file(file.path, file.name)
            for item in found:
                yield _titled(item, file) if isinstance(item, Draft) else item
        except InvalidInput as error:
            yield refused(file.name, error)


def _sweep() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _shown(files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Each under a name of its own, on one line."""
    taken: set[str] = set()
    for name, data in files:
        base = text.one_line(name)[-_MAX_NAME:] or "A file without a name"
        shown, number = base, 1
        while shown in taken:
            number += 1
            shown = f"{base} ({number})"
        taken.add(shown)
        yield shown, data


def _written(folder: Path, number: int, file: tuple[str, bytes], sections: Sequence[str]) -> StagedFile:
    name, data = file
    given = PurePosixPath(name.replace("\\", "/"))
    ending = re.sub(r" \(\d+\)$", "", given.suffix).lower()
    parent = given.parent.name.lower()
    place = folder / str(number) / (parent if parent in sections else "upload")
    place.mkdir(parents=True)
    path = place / f"{number}{ending if _ENDING.fullmatch(ending) else ''}"
    path.write_bytes(data)
    return StagedFile(path, name)


def _tables(files: Sequence[StagedFile], reading: Reading) -> Iterator[Table]:
    """Those whose columns a person should look at; what cannot be read at all says so when it is read."""
    for file in files:
        if not reading.is_table(file.path):
            continue
        try:
            seen = reading.look(file.path, file.name)
        except InvalidInput:
            continue
        if "text" not in [column.strip().lower() for column in seen.columns]:
            yield Table(file, seen.columns, seen.samples, seen.rows, reading.guess(seen.columns, seen.samples))


def _titled(draft: Draft, file: StagedFile) -> Draft:
    """With the title that the file's own name gives, where its number would be one."""
    if draft.fallback_title != file.path.stem:
        return draft
    stem = PurePosixPath(file.name.replace("\\", "/")).stem
    return replace(draft, fallback_title=text.one_line(re.sub(r"[-_]+", " ", stem)).capitalize())
