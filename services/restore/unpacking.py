"""The files of a backup, verified one by one, in a new folder."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from services.backup import NOT_KEPT
from services.errors import InvalidBackup, StorageFailed
from services.ground import files
from services.ground.progress import Report
from services.restore import repositories
from services.restore.reading import ELSEWHERE, Backup, shown
from services.restore.repositories import GIT, MOST, Repositories

# What a disk says to a name that it cannot have, or that is another file's on it.
_NAMES = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}


def unpack(backup: Backup, folder: Path, report: Report) -> tuple[str, ...]:
    """Write every file into an empty folder; what was left out, for it would be a danger to whoever runs git there.

    Raises:
        InvalidBackup: a file is damaged, or this disk cannot hold it under its name.
        StorageFailed: the disk is full, or says no for another reason.
    """
    _check_room(sum(one.size for one in backup.kept.values()), folder.parent)
    found = Repositories.among(backup.kept, folds=_check_reserved(backup, folder))
    left_out: dict[str, None] = {}
    for number, name in enumerate(backup.kept, start=1):
        kept, told = found.keeps(name, lambda name=name: _first(backup, name))  # type: ignore[misc]
        if told:
            left_out[told] = None
        _unpack_one(backup, name, folder / name if kept else None)
        report("Verifying", number, len(backup.kept))
    for repository in found.named:
        _settle(backup, repository, folder, found, left_out)
    return tuple(left_out)


def settle_on_disk(folder: Path) -> None:
    """What was unpacked lasts through a power cut before it replaces anything."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _check_room(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StorageFailed(
            f"Its files need {needed / 1e6:,.0f} MB, and the disk has {free / 1e6:,.0f} MB left.",
            "Nothing was changed. Free some space and try again.",
        )


def _check_reserved(backup: Backup, folder: Path) -> bool:
    """Whether this disk takes .GIT for .git; refuses names that it takes for what a backup may not have.

    Only the disk itself knows all spellings that it takes for one name.
    """
    reserved = [folder / name for name in (GIT, *NOT_KEPT)]
    with files.storage_errors(folder):
        for path in reserved:
            path.mkdir()
        taken = [
            top for name in backup.kept if (top := name.partition("/")[0]) != GIT and os.path.lexists(folder / top)
        ]
        folds = os.path.lexists(folder / GIT.upper())
        for path in reserved:
            path.rmdir()
    if taken:
        raise InvalidBackup(f"'{shown(taken[0])}' is a name that the workbench or git uses on this disk.", ELSEWHERE)
    return folds


def _first(backup: Backup, name: str) -> bytes:
    with contextlib.closing(backup.pieces(name)) as pieces:
        return next(pieces, b"")[:MOST]


def _unpack_one(backup: Backup, name: str, target: Path | None) -> None:
    """Verify a file, and write it where it is wanted."""
    if target is None:
        for _ in backup.pieces(name):
            pass
        return
    with _names(name):
        target.parent.mkdir(parents=True, exist_ok=True)
        out = target.open("xb")
    with files.storage_errors(target), out:
        for piece in backup.pieces(name):
            out.write(piece)


@contextlib.contextmanager
def _names(name: str) -> Iterator[None]:
    try:
        with files.storage_errors(Path(name)):
            yield
    except StorageFailed as error:
        said = error.__cause__
        if isinstance(said, OSError) and said.errno in _NAMES:
            raise InvalidBackup(f"'{shown(name)}' cannot be a file on this disk: {said.strerror}.", ELSEWHERE) from None
        raise


def _settle(backup: Backup, repository: str, folder: Path, found: Repositories, left_out: dict[str, None]) -> None:
    """Make a repository of what was brought back of one: with settings of its own and the folders that git wants."""
    if not (folder / repository).is_dir():
        return
    name = f"{repository}/config"
    given = _first(backup, name) if name in backup.kept else b""
    data, whole = repositories.settings(given, folds=found.folds, posix=os.name != "nt")
    if not whole:
        left_out[name] = None
    with files.storage_errors(folder / name):
        (folder / name).write_bytes(data)
        for needed in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (folder / repository / needed).mkdir(parents=True, exist_ok=True)
        head = folder / repository / "HEAD"
        if not head.exists():
            head.write_bytes(b"ref: refs/heads/main\n")
