"""Uploaded files on the disk for as long as they are read: numbered, private, and gone afterwards."""

import contextlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Protocol, Self

from services.domain.drafts import Draft, Item, refused
from services.domain.reports import Rejected
from services.errors import InvalidInput
from services.ground import temporary, text
from services.ground.files import storage_errors
from services.ground.progress import Report

_PREFIX = "scriptorium-upload-"
_MAX_NAME = 200
_NO_SCRIPTS = (
    "It holds questions of a test collection, or judgements of their answers, and no scripts. "
    "Whoever has the command line can import the whole folder there."
)
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


# The column that each field of a table is in, by what messages call the table.
Mappings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Reading:
    """How files become drafts: readers that the composition root names."""

    file: Callable[[Path, str, Mappings], Iterator[Item]]
    # The tables in a file, itself or those of a zip file: what messages call each, and where it lies until the next.
    tables: Callable[[Path, str], Iterator[tuple[str, Path]]]
    look: Callable[[Path, str], Look]
    guess: Callable[[Sequence[str], Sequence[Sequence[str]]], Mapping[str, str]]


@dataclass(frozen=True)
class StagedFile:
    """An uploaded file where it lies, and the name that it came with, which is shown and never a path."""

    path: Path
    name: str


@dataclass(frozen=True)
class Table:
    """A table whose columns do not bear the names of our fields. ``guess`` has the likely column of each field."""

    # What messages call it, and by which its mapping is found.
    name: str
    # What a person calls it: of a table in a zip file, where it lies in there.
    shown: str
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


def stage(files: Sequence[tuple[str, bytes]], sections: Sequence[str], reading: Reading, report: Report) -> Staged:
    """Write files to a private folder. Of their names only a known ending and a section's name become part of a path.

    Raises:
        StorageFailed: the disk is full.
        Whatever ``report`` raises to stop.
    """
    temporary.sweep(_PREFIX)
    with storage_errors(Path(tempfile.gettempdir())):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        written = []
        with storage_errors(folder):
            for number, file in enumerate(_shown(files)):
                report("Taking the files", number, len(files))
                written.append(_written(folder, number, file, sections))
        staged = Staged(folder, tuple(written), tuple(_tables(written, reading, report)))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    # Whoever leaves without a word leaves nothing behind.
    weakref.finalize(staged, shutil.rmtree, folder, ignore_errors=True)
    return staged


def read(staged: Staged, reading: Reading, mappings: Mappings, report: Report) -> Iterator[Item]:
    """What the files hold. ``mappings``: the columns that were chosen, by the name of each table."""
    for done, file in enumerate(staged.files):
        report("Reading the files", done, len(staged.files))
        if _asks(file, staged.files):
            yield Rejected(file.name, _NO_SCRIPTS)
            continue
        try:
            for item in reading.file(file.path, file.name, mappings):
                yield _titled(item, file) if isinstance(item, Draft) else item
        except InvalidInput as error:
            yield refused(file.name, error)


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


def _tables(files: Sequence[StagedFile], reading: Reading, report: Report) -> Iterator[Table]:
    """Those whose columns a person should look at; what cannot be read at all says so when it is read."""
    for done, file in enumerate(files):
        report("Looking for tables", done, len(files))
        if _asks(file, files):
            continue
        with contextlib.suppress(InvalidInput):
            for name, path in reading.tables(file.path, file.name):
                with contextlib.suppress(InvalidInput):
                    seen = reading.look(path, name)
                    if "text" not in [column.strip().lower() for column in seen.columns]:
                        guess = reading.guess(seen.columns, seen.samples)
                        yield Table(name, _called(name, file.name), seen.columns, seen.samples, seen.rows, guess)


def _asks(file: StagedFile, files: Sequence[StagedFile]) -> bool:
    """Whether it is one of those files of a test collection that hold no scripts."""
    given = PurePosixPath(file.name.replace("\\", "/"))
    judged = given.parent.name == "qrels"
    if not judged and given.name != "queries.jsonl":
        return False
    beside = str((given.parent.parent if judged else given.parent) / "corpus.jsonl")
    return any(other.name.replace("\\", "/") == beside for other in files)


def _called(name: str, file: str) -> str:
    return name if name == file else f"{name.removeprefix(f'{file}: ')} in {file}"


def _titled(draft: Draft, file: StagedFile) -> Draft:
    """With the title that the file's own name gives, where its number would be one."""
    if draft.fallback_title != file.path.stem:
        return draft
    stem = PurePosixPath(file.name.replace("\\", "/")).stem
    return replace(draft, fallback_title=text.one_line(re.sub(r"[-_]+", " ", stem)).capitalize())
