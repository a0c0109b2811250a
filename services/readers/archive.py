"""A zip file: each of its members read as if it lay in a folder. Nothing is ever unpacked to a place that it names.

What an archive says of itself may be a lie, so that everything is counted while it is unpacked.
"""

import contextlib
import errno
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from services.domain.drafts import Draft, Item, Reader, refused
from services.domain.reports import Rejected
from services.errors import InvalidInput, StorageFailed
from services.readers import members, walk
from services.readers.decoding import MAX_FILE

# Vectors of a whole corpus among them.
_MAX_UNPACKED = 4 * 1024**3
_BLOCK = 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


@dataclass
class _Budget:
    """How many bytes may still be unpacked."""

    left: int = _MAX_UNPACKED


def read(path: Path, source: str, readers: Mapping[str, Reader]) -> Iterator[Item]:
    """What its members hold, in the order of their names, and each member that is refused with the reason.

    Raises:
        InvalidInput: it is no zip file, is damaged, or has more members than a corpus.
        StorageFailed: there is no room to unpack a member.
    """
    with _opened(path, source) as archive:
        found = members.wanted(archive, source)
        refusals = members.refusals(found)
        budget = _Budget()
        with tempfile.TemporaryDirectory(prefix="scriptorium-zip-", ignore_cleanup_errors=True) as room:
            for name, member in found:
                called = f"{source}: {name}"
                reason = refusals.get(id(member), "")
                yield from (
                    [Rejected(called, reason)]
                    if reason
                    else _read(archive, member, PurePosixPath(name), called, Path(room), readers, budget)
                )


def unpacked(path: Path, source: str, formats: Collection[str]) -> Iterator[tuple[str, Path]]:
    """The members of these formats, each under the name that messages give it, and where it lies until the next one.

    What is refused or cannot be unpacked is passed over: reading the archive names it. Raises as ``read`` does.
    """
    with _opened(path, source) as archive:
        found = members.wanted(archive, source)
        refusals, budget = members.refusals(found), _Budget()
        with tempfile.TemporaryDirectory(prefix="scriptorium-zip-", ignore_cleanup_errors=True) as room:
            for name, member in found:
                if id(member) in refusals or walk.format_of(PurePosixPath(name).name) not in formats:
                    continue
                called, target = f"{source}: {name}", Path(room) / f"member{PurePosixPath(name).suffix.lower()}"
                with contextlib.suppress(InvalidInput):
                    _unpack(archive, member, target, called, budget)
                    yield called, target
                target.unlink(missing_ok=True)


def _opened(path: Path, source: str) -> zipfile.ZipFile:
    members.check_directory(path, source)
    try:
        return zipfile.ZipFile(path)
    except (*_BROKEN, OSError):
        raise InvalidInput(
            f"{source} cannot be unpacked: it is damaged, or no zip file.", "Make the zip file again."
        ) from None


def _read(  # noqa: PLR0913, PLR0917  a member, its names, and what is shared by all of them
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    name: PurePosixPath,
    called: str,
    room: Path,
    readers: Mapping[str, Reader],
    budget: _Budget,
) -> Sequence[Item]:
    format_name = walk.format_of(name.name)
    if format_name == "archive" or format_name not in readers:
        reason = "It is a zip file within a zip file. Unpack it, and import what it holds."
        return [Rejected(called, reason if format_name == "archive" else walk.unknown(name.name))]
    # The ending is one that is known; nothing else of the name is taken.
    target = room / f"member{name.suffix.lower()}"
    try:
        _unpack(archive, member, target, called, budget)
        items = list(readers[format_name](target, called))
    except InvalidInput as error:
        return [refused(called, error)]
    finally:
        target.unlink(missing_ok=True)
    return [replace(item, folder=name.parent.name) if isinstance(item, Draft) else item for item in items]


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, called: str, budget: _Budget) -> None:
    """Write a member's bytes to the target, as long as there are not too many."""
    try:
        size = 0
        with archive.open(member) as packed, target.open("wb") as file:
            while block := packed.read(_BLOCK):
                size += len(block)
                budget.left -= len(block)
                if size > MAX_FILE:
                    raise InvalidInput(f"{called} unpacks to more than 64 MB.", "Split it.")
                if budget.left < 0:
                    raise InvalidInput(f"{called} is beyond the first 4 GB of the zip file.", "Split the zip file.")
                file.write(block)
    except _BROKEN:
        raise InvalidInput(f"{called} cannot be unpacked: it is damaged.", "Make the zip file again.") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFailed(
                "There is no room to unpack the zip file.", "Free some space, or set TMPDIR to a larger disk."
            ) from error
        raise InvalidInput(
            f"{called} cannot be unpacked: the disk does not take it.", "Free some space, and try it again."
        ) from None
