"""A workspace from its backup: unpacked beside the present one, verified file by file, and then swapped in at once."""

import contextlib
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from services.backup import BackedUp, digest_of, questionnaires_in, records_in
from services.domain.history import KEPT_ELSEWHERE, Looked
from services.domain.settings import Paths, read_settings
from services.errors import InvalidBackup, InvalidSettings, NotFound
from services.ground import files
from services.ground.progress import Report, silent
from services.restore import beside, reading, repositories, swapping, unpacking
from services.restore.swapping import Lock, settle

__all__ = ["Lock", "Look", "Verified", "restore", "settle", "verify"]


# Looks into the history of a workspace.
Look = Callable[[Path], Looked]


@dataclass(frozen=True)
class Verified:
    """What is in a backup, every file of which has been verified."""

    name: str
    records: int
    questionnaires: int
    # When a script was saved last, in UTC as ISO 8601; empty where its history does not tell.
    newest: str
    # BLAKE3 of the file's bytes.
    digest: str
    # What would not be brought back.
    left_out: tuple[str, ...] = ()
    # Why its history is not whole, as a sentence; then it would not be brought back. Empty if it is.
    history: str = ""


def restore(source: Path, root: Path, lock: Lock, look: Look, report: Report = silent) -> BackedUp:
    """Bring a backup back as the workspace ``root``; what is there stays beside it as ``NAME.before-restore-TIME``.

    ``lock`` holds the writer lock of the workspace that is there, while it is swapped; ``look`` looks into the history
    of a workspace: one that is not whole is not brought back, and a new one begins. Whoever is killed leaves the old
    workspace or the new one.

    Raises:
        NotFound: there is no such file.
        InvalidBackup: it is no backup, of another format, damaged or cut short; nothing was changed.
        InvalidSettings: the folder has files in it and is no workspace.
        WorkspaceBusy, StorageFailed: nothing was changed.
    """
    root = root.resolve()
    settle(root)
    swapping.check_target(root)
    with _unpacked(source, root, report) as (folder, done):
        report("Looking into the history", 0, 0)
        history = _looked(look(folder), done.left_out).amiss
        if history:
            _without_history(folder)
        unpacking.settle_on_disk(folder)
        report("Swapping", 0, 0)
        before = swapping.swap_in(folder, root, lock)
    return replace(done, before=str(before) if before else "", history=history)


def verify(source: Path, root: Path, look: Look, report: Report = silent) -> Verified:
    """Verify a backup wholly, as ``restore`` does before it replaces anything, and tell what is in it.

    Raises as ``restore`` does.
    """
    root = root.resolve()
    swapping.check_target(root)
    with _unpacked(source, root, report) as (folder, done):
        questionnaires = questionnaires_in(p.relative_to(folder).as_posix() for p in folder.glob("questionnaires/*"))
        report("Looking into the history", 0, 0)
        told = _looked(look(folder), done.left_out)
        return Verified(source.name, done.records, questionnaires, told.newest, done.digest, done.left_out, told.amiss)


@contextlib.contextmanager
def _unpacked(source: Path, root: Path, report: Report) -> Iterator[tuple[Path, BackedUp]]:
    """Every file of the backup, verified, in a new folder beside the workspace, which goes unless it is moved away."""
    with reading.opened(source) as backup, beside.unpacking(root) as folder:
        left_out = unpacking.unpack(backup, folder, report)
        try:
            read_settings(Paths(folder))
        except (NotFound, InvalidSettings) as error:
            raise InvalidBackup(f"What is in {source.name} is no workspace: {error.cause}", reading.DAMAGED) from error
        yield folder, BackedUp(records_in(backup.kept), digest_of(source), str(source), len(backup.kept), left_out)


def _looked(told: Looked, left_out: Collection[str]) -> Looked:
    """What a look told, unless all that there was is the way to a history elsewhere."""
    return Looked(amiss=KEPT_ELSEWHERE) if repositories.GIT in left_out else told


def _without_history(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name.lower() == repositories.GIT:
            with files.storage_errors(path):
                shutil.rmtree(path)
