"""A backup as it is read: its list, which files it holds, and where they would lie."""

import contextlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

from services.backup import FORMAT, LIST, NOT_KEPT, Kept
from services.errors import InvalidBackup, NotFound

DAMAGED = "Nothing was changed. Use another copy of the backup."
ELSEWHERE = "Nothing was changed. Bring it back on a system like the one that it was made on."
# Bytes of the list and of the settings; characters of a path and of one name in it, and how many names it has.
_MOST_LIST, _MOST_SETTINGS, _MOST_PATH, _MOST_NAME, _MOST_DEEP = 64 << 20, 1 << 20, 4_096, 255, 200
_SETTINGS = "workspace.yaml"
# What stands between values in JSON: nine for each file of an honest list, and more for what its name may hold.
_MARKS, _MARKS_EACH = b"[]{},:", 32
# Folders in all paths, for each file: an honest backup has four or so.
_FOLDERS_EACH, _SLACK = 8, 10_000
# Of other kinds four thousand bytes can become a gigabyte at one step.
_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
# Names that Windows would not take, or would take for something else; other systems take them as they are.
_ON_WINDOWS = re.compile(r'[\x00-\x1f\\:*?"<>|]|[ .](/|$)|(?i:(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?(/|$))')
# What reading a damaged member ends in.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True)
class Backup:
    """An open backup and what its list says, by path."""

    archive: zipfile.ZipFile
    kept: Mapping[str, Kept]

    def pieces(self, name: str) -> Generator[bytes, None, None]:
        """The bytes of a file, piece by piece, verified when the last one has come. Raises ``InvalidBackup``."""
        kept, hasher, size = self.kept[name], blake3(), 0
        try:
            with self.archive.open(kept.member or name) as member:
                while size <= kept.size and (piece := member.read(_PIECE)):
                    hasher.update(piece)
                    size += len(piece)
                    yield piece
        except _UNREADABLE as error:
            raise InvalidBackup(f"'{shown(name)}' in it is damaged ({error}).", DAMAGED) from None
        if (size, hasher.hexdigest()) != (kept.size, kept.digest):
            raise InvalidBackup(f"'{shown(name)}' in it is damaged: its digest is another.", DAMAGED)


@contextlib.contextmanager
def opened(source: Path) -> Iterator[Backup]:
    """Open a backup and check its list.

    Raises:
        NotFound: there is no such file.
        InvalidBackup: it is none, or its list does not fit it.
    """
    if not source.is_file():
        raise NotFound(f"There is no file {source}.", "Name the file that `backup` wrote.")
    try:
        archive = zipfile.ZipFile(source)
    except _UNREADABLE as error:
        raise InvalidBackup(f"{source.name} is no backup, damaged, or cut short ({error}).", DAMAGED) from None
    with archive:
        yield Backup(archive, _listed(archive))


def shown(name: str) -> str:
    """A path that somebody else chose, in a sentence: what cannot be printed is spelled out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name[:120])


def _listed(archive: zipfile.ZipFile) -> Mapping[str, Kept]:
    """What the list says, where it fits the file: the same members, each once, of the same sizes, with safe paths."""
    infos = archive.infolist()
    sizes = {member.filename: member.file_size for member in infos}
    if LIST not in sizes:
        raise InvalidBackup(f"It holds no {LIST}: it is no backup of Scriptorium.", DAMAGED)
    if sizes[LIST] > _MOST_LIST:
        raise InvalidBackup(f"{LIST} is too large to be a list of files.", DAMAGED)
    if any(member.compress_type not in _KINDS for member in infos):
        raise InvalidBackup("It is packed in another way than a backup of Scriptorium.", DAMAGED)
    kept = _parse(_read(archive, LIST), len(infos))
    members = {one.member or name: name for name, one in kept.items()}
    if len(sizes) != len(infos) or len(members) != len(kept):
        raise InvalidBackup("A name is in it twice.", DAMAGED)
    for member in sizes.keys() ^ {*members, LIST}:
        where = "is not in it" if member in members else f"is in it and not in {LIST}"
        raise InvalidBackup(f"'{shown(members.get(member, member))}' {where}: it is damaged or was changed.", DAMAGED)
    for name, one in kept.items():
        _check_path(name)
        if sizes[one.member or name] != one.size:
            raise InvalidBackup(f"'{shown(name)}' has not the size that {LIST} states: it is damaged.", DAMAGED)
        if name == _SETTINGS and one.size > _MOST_SETTINGS:
            raise InvalidBackup(f"{_SETTINGS} in it is too large to be settings.", DAMAGED)
    if sum(name.count("/") for name in kept) > _FOLDERS_EACH * len(kept) + _SLACK:
        raise InvalidBackup("It has more folders than a workspace can have.", DAMAGED)
    return kept


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            data = member.read(_MOST_LIST + 1)
    except _UNREADABLE as error:
        raise InvalidBackup(f"'{name}' in it is damaged ({error}).", DAMAGED) from None
    if len(data) > _MOST_LIST:
        raise InvalidBackup(f"{name} is too large to be a list of files.", DAMAGED)
    return data


def _parse(data: bytes, members: int) -> Mapping[str, Kept]:
    # Ten bytes of JSON can take a kilobyte of memory: what cannot be the list of so many files is not read.
    if sum(data.count(mark) for mark in _MARKS) > _MARKS_EACH * members + _SLACK:
        raise InvalidBackup(f"{LIST} in it is damaged.", DAMAGED)
    try:
        value: Any = json.loads(data)
        stated = value["format"]
        if stated == FORMAT:
            return {name: _kept(one) for name, one in value["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InvalidBackup(f"{LIST} in it is damaged.", DAMAGED) from None
    raise InvalidBackup(
        f"Its format is '{shown(str(stated)[:40])}', and this version reads {FORMAT}.",
        "Restore it with the version that made it.",
    )


def _kept(value: Any) -> Kept:
    size, digest, member = value["size"], value["digest"], value.get("member", "")
    if not isinstance(size, int) or size < 0 or not isinstance(digest, str) or not isinstance(member, str):
        raise ValueError
    if not _DIGEST.fullmatch(digest) or member == LIST:
        raise ValueError
    return Kept(size, digest, member)


def _check_path(name: str) -> None:
    """Refuse a path that leads out of the folder or into what is derived, and one that this system cannot have."""
    _check_length(name)
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\0" in name or parts[0] in NOT_KEPT:
        raise InvalidBackup(f"'{shown(name)}' is no path that a backup may have.", DAMAGED)
    try:
        os.fsencode(name)
        here = os.name != "nt" or not _ON_WINDOWS.search(name)
    except UnicodeEncodeError:
        here = False
    if not here:
        raise InvalidBackup(f"No file can be called '{shown(name)}' on this system.", ELSEWHERE)


def _check_length(name: str) -> None:
    """Refuse a path that no disk takes, whatever it counts in, or with more folders than anybody makes."""
    if len(name) <= _MOST_PATH:
        parts = name.split("/")
        if len(parts) <= _MOST_DEEP and max(map(len, parts)) <= _MOST_NAME:
            return
    raise InvalidBackup(f"'{shown(name)}' is too long for a path.", DAMAGED)
