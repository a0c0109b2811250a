"""A workspace as one file: everything that is canonical, and a list of the digests of all that is in it.

The same workspace gives the same file. ``services/restore.py`` brings it back.
"""

import contextlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from blake3 import blake3

from services.errors import InvalidInput
from services.ground import files
from services.ground.progress import Report, silent

FORMAT = "scriptorium-backup/1"
LIST = "backup.json"
# What is derived, or of one moment: never taken along, and refused on the way back.
NOT_KEPT = ("derived", ".writer.lock", ".writer.holder")
# Folders of the first level whose YAML files are scripts.
_RECORDS = "records"
_ODD = "backup.odd/"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20


@dataclass(frozen=True)
class Kept:
    """One file of a backup: its size in bytes and its BLAKE3 digest."""

    size: int
    digest: str
    # What it is called in the file, where its own name cannot stand there; else empty.
    member: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the list states it."""
        return {"size": self.size, "digest": self.digest, **({"member": self.member} if self.member else {})}


@dataclass(frozen=True)
class BackedUp:
    """A backup that was written, or brought back."""

    records: int
    # BLAKE3 of the file's bytes.
    digest: str
    file: str
    files: int
    # Of a backup: links and the like, which are not followed. Of a restore: what git would run or read elsewhere.
    left_out: tuple[str, ...] = ()
    # Where the workspace lies that was there before a restore; empty where there was none.
    before: str = ""
    # Why the history is not whole in it, as a sentence; of a restore: why it was left out. Empty if it is whole.
    history: str = ""

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "records": self.records,
            "digest": self.digest,
            "file": self.file,
            "files": self.files,
            "left_out": list(self.left_out),
            "before": self.before,
            "history": self.history,
        }


def backup(root: Path, out: Path, report: Report = silent) -> BackedUp:
    """Write the workspace to ``out``; an old file there is replaced at once or not at all.

    To be called while the writer lock is held.

    Raises:
        InvalidInput: ``out`` lies in the workspace, or is a folder, a device or a pipe.
        StorageFailed: the disk said no.
    """
    told, out = out, files.led_to(out)
    if out.is_relative_to(root.resolve()):
        raise InvalidInput(f"{told.name} would lie inside the workspace.", "Name a file outside of it.")
    with files.storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=files.TEMPORARY_PREFIX, dir=out.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                kept, left_out = _write(root, file, report)
                file.flush()
                os.fsync(file.fileno())
            digest = digest_of(Path(temporary))
            os.replace(temporary, out)  # noqa: PTH105
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
            raise
        files.fsync_folder(out.parent)
    return BackedUp(records_in(kept), digest, str(told), len(kept), left_out)


def digest_of(path: Path) -> str:
    """BLAKE3 of a file's bytes."""
    hasher = blake3()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            hasher.update(piece)
    return hasher.hexdigest()


def records_in(names: Iterable[str]) -> int:
    """How many of the files are records."""
    paths = (name.split("/") for name in names)
    return sum(1 for p in paths if len(p) == 3 and p[0] == _RECORDS and p[2].endswith(".yaml"))  # noqa: PLR2004


def questionnaires_in(names: Iterable[str]) -> int:
    """How many of the files are questionnaires."""
    paths = (name.split("/") for name in names)
    return sum(1 for p in paths if len(p) == 2 and p[0] == "questionnaires" and p[1].endswith(".yaml"))  # noqa: PLR2004


def _write(root: Path, file: IO[bytes], report: Report) -> tuple[dict[str, Kept], tuple[str, ...]]:
    paths, left_out = _canonical(root)
    kept: dict[str, Kept] = {}
    with zipfile.ZipFile(file, "w") as archive:
        for number, name in enumerate(paths, start=1):
            # A checkout from outside takes no lock: what it has just taken away is not there any more.
            with contextlib.suppress(FileNotFoundError):
                kept[name] = _add(archive, _odd(name, number), name, root / name)
            report("Backing up", number, len(paths))
        listed = {name: one.as_json() for name, one in kept.items()}
        data = json.dumps({"format": FORMAT, "records": records_in(kept), "files": listed}, indent=1)
        with archive.open(_member(LIST), "w") as member:
            member.write(data.encode("utf-8"))
    return kept, left_out


def _odd(name: str, number: int) -> str:
    """What a file is called in a ZIP that cannot hold its name, or needs that for something else; else empty."""
    try:
        name.encode("utf-8")
        fits = not (name == LIST or name.startswith(_ODD) or "\\" in name)
    except UnicodeEncodeError:  # bytes that are no text, which some systems take
        fits = False
    return "" if fits else f"{_ODD}{number}"


def _add(archive: zipfile.ZipFile, odd: str, name: str, path: Path) -> Kept:
    hasher, size = blake3(), 0
    with path.open("rb") as source, archive.open(_member(odd or name), "w", force_zip64=True) as member:
        while piece := source.read(_PIECE):
            member.write(piece)
            hasher.update(piece)
            size += len(piece)
    return Kept(size, hasher.hexdigest(), odd)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _ZIP_TIME)
    # Else the bytes would tell on which system they were written.
    member.create_system = 3
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _canonical(root: Path) -> tuple[list[str], tuple[str, ...]]:
    """The files by their paths with ``/``, sorted, and what is neither file nor folder."""
    found: list[str] = []
    left_out: list[str] = []
    for entry in _walk(root):
        name = Path(entry.path).relative_to(root).as_posix()
        (found if entry.is_file(follow_symlinks=False) else left_out).append(name)
    return sorted(found), tuple(sorted(left_out))


def _walk(folder: Path, *, top: bool = True) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            half_written = entry.name.startswith(files.TEMPORARY_PREFIX)
            if half_written or (top and entry.name in NOT_KEPT):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), top=False)
            else:
                yield entry
