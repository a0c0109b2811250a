"""A workspace from its backup: unpacked beside the present one, verified file by file, and then swapped in at once."""

import ctypes
import json
import os
import re
import secrets
import shutil
import sys
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from blake3 import blake3

from services.backup import FORMAT, LIST, NOT_KEPT, BackedUp, Kept, digest_of, records_in
from services.domain.settings import Paths, read_settings
from services.errors import InvalidBackup, InvalidSettings, NotFound, StorageFailed
from services.ground import files
from services.ground.progress import Report, silent

Lock = Callable[[str], AbstractContextManager[object]]
_MOST_LIST = 256 << 20
_PIECE = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
# Names that Windows would not take, or would take for something else.
_ODD = re.compile(r'[\x00-\x1f\\:*?"<>|]')
_AT_FDCWD, _EXCHANGE = -100, 2
_DAMAGED = "Nothing was changed. Use another copy of the backup."
# What reading a damaged member ends in.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True)
class _Backup:
    """An open backup and what its list says."""

    archive: zipfile.ZipFile
    kept: dict[str, Kept]


def restore(source: Path, root: Path, lock: Lock, report: Report = silent) -> BackedUp:
    """Bring a backup back as the workspace ``root``; what is there stays beside it as ``NAME.before-restore-TIME``.

    ``lock`` holds the writer lock of the workspace that is there, while it is swapped. Whoever is killed leaves the old
    workspace or the new one.

    Raises:
        NotFound: there is no such file.
        InvalidBackup: it is no backup, of another format, damaged or cut short; nothing was changed.
        InvalidSettings: the folder has files in it and is no workspace.
        WorkspaceBusy, StorageFailed: nothing was changed.
    """
    root = root.resolve()
    settle(root)
    _check_target(root)
    unfinished = root.with_name(f".{root.name}-{secrets.token_hex(4)}")
    try:
        with files.storage_errors(root):
            root.parent.mkdir(parents=True, exist_ok=True)
        done = _unpack(source, unfinished, report)
        report("Swapping", 0, 0)
        before = _swap_in(unfinished, root, lock)
    finally:
        # Only ever what was unpacked: the old workspace is never called so.
        shutil.rmtree(unfinished, ignore_errors=True)
    return replace(done, before=str(before) if before else "")


def settle(root: Path) -> None:
    """Finish a restore that was killed between two renames, on systems that cannot exchange two folders at once.

    Then nothing stands at ``root``, and what is verified stands beside it.
    """
    ready = _ready(root)
    if ready.exists() and not root.exists():
        with files.storage_errors(root):
            ready.rename(root)


def _ready(root: Path) -> Path:
    return root.with_name(f".{root.name}.verified")


def _check_target(root: Path) -> None:
    if root.is_file():
        raise NotFound(f"{root} is a file, not a folder.", "Name the folder of a workspace, or a new one.")
    if root.is_dir() and any(root.iterdir()) and not Paths(root).settings.exists():
        raise InvalidSettings(
            f"{root} has files in it and is no workspace.", "Name a workspace, or a folder that is empty or new."
        )


def _unpack(source: Path, folder: Path, report: Report) -> BackedUp:
    """Every file of the backup, verified, in a new folder and on the disk."""
    if not source.is_file():
        raise NotFound(f"There is no file {source}.", "Name the file that `backup` wrote.")
    try:
        archive = zipfile.ZipFile(source)
    except _UNREADABLE as error:
        raise InvalidBackup(f"{source.name} is no backup, damaged, or cut short ({error}).", _DAMAGED) from None
    with archive:
        opened = _Backup(archive, _listed(archive))
        _check_room(sum(one.size for one in opened.kept.values()), folder.parent)
        with files.storage_errors(folder):
            folder.mkdir()
        for number, (name, kept) in enumerate(opened.kept.items(), start=1):
            _unpack_one(archive, name, kept, folder)
            report("Verifying", number, len(opened.kept))
    _settle_on_disk(folder)
    try:
        read_settings(Paths(folder))
    except (NotFound, InvalidSettings) as error:
        raise InvalidBackup(f"What is in {source.name} is no workspace: {error.cause}", _DAMAGED) from error
    return BackedUp(records_in(opened.kept), digest_of(source), str(source), len(opened.kept))


def _listed(archive: zipfile.ZipFile) -> dict[str, Kept]:
    """What the list says, where it fits the file: the same names, each safe and once, and the same sizes."""
    members = archive.infolist()
    sizes = {member.filename: member.file_size for member in members}
    if LIST not in sizes:
        raise InvalidBackup(f"It holds no {LIST}: it is no backup of Scriptorium.", _DAMAGED)
    if sizes[LIST] > _MOST_LIST:
        raise InvalidBackup(f"{LIST} is too large to be a list of files.", _DAMAGED)
    kept = _parse(_read(archive, LIST))
    if len(sizes) != len(members):
        raise InvalidBackup("A name is in it twice.", _DAMAGED)
    for name in sizes.keys() ^ {*kept, LIST}:
        where = "is not in it" if name in kept else f"is in it and not in {LIST}"
        raise InvalidBackup(f"'{name[:120]}' {where}: it is damaged or was changed.", _DAMAGED)
    _check_names(kept)
    for name, one in kept.items():
        if sizes[name] != one.size:
            raise InvalidBackup(f"'{name[:120]}' has not the size that {LIST} states: it is damaged.", _DAMAGED)
    return kept


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            data = member.read(_MOST_LIST + 1)
    except _UNREADABLE as error:
        raise InvalidBackup(f"'{name}' in it is damaged ({error}).", _DAMAGED) from None
    if len(data) > _MOST_LIST:
        raise InvalidBackup(f"{name} is too large to be a list of files.", _DAMAGED)
    return data


def _parse(data: bytes) -> dict[str, Kept]:
    try:
        value: Any = json.loads(data)
        stated = value["format"]
        if stated == FORMAT:
            return {name: _kept(one) for name, one in value["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InvalidBackup(f"{LIST} in it is damaged.", _DAMAGED) from None
    raise InvalidBackup(
        f"Its format is '{str(stated)[:40]}', and this version reads {FORMAT}.", "Restore it with the version of it."
    )


def _kept(value: Any) -> Kept:
    size, digest = value["size"], value["digest"]
    if not isinstance(size, int) or size < 0 or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ValueError
    return Kept(size, digest)


def _check_names(kept: dict[str, Kept]) -> None:
    """No name leads out of the folder, nor to where another one lies on some system."""
    seen: dict[str, str] = {}
    for name in kept:
        parts = PurePosixPath(name).parts
        safe = bool(parts) and "/".join(parts) == name and not _ODD.search(name)
        if not safe or any(p in {".", ".."} or p != p.rstrip(" .") for p in parts) or parts[0] in NOT_KEPT:
            raise InvalidBackup(f"'{name[:120]}' is no path that a backup may have.", _DAMAGED)
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise InvalidBackup(f"'{name[:120]}' and '{seen[folded][:120]}' are one file on some systems.", _DAMAGED)
        seen[folded] = name


def _check_room(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StorageFailed(
            f"Its files need {needed / 1e6:,.0f} MB, and the disk has {free / 1e6:,.0f} MB left.",
            "Nothing was changed. Free some space and try again.",
        )


def _unpack_one(archive: zipfile.ZipFile, name: str, kept: Kept, folder: Path) -> None:
    hasher, size, target = blake3(), 0, folder / name
    with files.storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        out = target.open("xb")
    with out:
        for piece in _pieces(archive, name):
            hasher.update(piece)
            size += len(piece)
            if size > kept.size:
                break
            with files.storage_errors(target):
                out.write(piece)
    if (size, hasher.hexdigest()) != (kept.size, kept.digest):
        raise InvalidBackup(f"'{name}' in it is damaged: its digest is another.", _DAMAGED)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as member:
            while piece := member.read(_PIECE):
                yield piece
    except _UNREADABLE as error:
        raise InvalidBackup(f"'{name}' in it is damaged ({error}).", _DAMAGED) from None


def _settle_on_disk(folder: Path) -> None:
    """What was unpacked lasts through a power cut before it replaces anything."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _swap_in(new: Path, root: Path, lock: Lock) -> Path | None:
    """Put the new folder in place; where the old one lies now."""
    with files.storage_errors(root), ExitStack() as held:
        if not root.exists() or not any(root.iterdir()):
            if root.exists():
                root.rmdir()
            new.rename(root)
            files.fsync_folder(root.parent)
            return None
        held.enter_context(lock("restoring a backup"))
        before = _free_name(root)
        # Under the name that the old one will have: after the exchange nothing is left to do.
        new.rename(before)
        if not _exchanged(before, root):
            before.rename(_ready(root))
            root.rename(before)
            settle(root)
        files.fsync_folder(root.parent)
        return before


def _free_name(root: Path) -> Path:
    base = f"{root.name}.before-restore-{time.strftime('%Y%m%dT%H%M%S')}"
    candidate, number = root.with_name(base), 1
    while candidate.exists():
        number += 1
        candidate = root.with_name(f"{base}-{number}")
    return candidate


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step of the file system; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    return bool(library.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0)
