"""The few writes that keep a git repository sane: git's own locks, objects, and the branch.

Whoever is killed in the middle leaves nothing that stops the next one: a lock says whose it is, an object is whole.
"""

import contextlib
import os
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tag, Tree
from dulwich.refs import HEADREF, DiskRefsContainer, check_ref_format
from dulwich.repo import Repo

from services.errors import StorageFailed, WorkspaceBusy
from services.ground import files
from services.records import git_stored

# How long git may be at it before we say so.
PATIENCE_SECONDS = 2.0
# More new objects than these are written as one pack: ten thousand small files would take minutes.
_LOOSE = 200
# Vectors hardly get smaller by trying harder.
_COMPRESSION = 1
NUMBERS = {kind.type_name: kind.type_num for kind in (Blob, Commit, Tree, Tag)}


@contextlib.contextmanager
def locked(repo: Repo, target: Path, patience: float = PATIENCE_SECONDS) -> Iterator[Path]:
    """Hold git's lock on a file; yields where its new content is to be written, for ``publish``.

    The lock is a second name of a file of ours, so that one which a kill left is known as ours and taken away. Needs
    the workspace's writer lock.

    Raises:
        WorkspaceBusy: git holds it, or was killed while it did.
    """
    lock = target.with_name(f"{target.name}.lock")
    ours = Path(os.fsdecode(repo.controldir())) / "scriptorium" / target.name
    ours.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if ours.samefile(lock):
            lock.unlink()
    ours.unlink(missing_ok=True)
    ours.touch()
    try:
        _take(ours, lock, patience)
        try:
            yield lock
        finally:
            lock.unlink(missing_ok=True)
    finally:
        ours.unlink(missing_ok=True)


def _take(ours: Path, lock: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            os.link(ours, lock)
        except FileExistsError:
            if time.monotonic() > until:
                raise WorkspaceBusy(
                    f"git holds {lock.name} in the workspace.",
                    f"If no git is at work there, it was killed: delete {lock}.",
                ) from None
            time.sleep(0.05)
        except OSError:
            # A disk without second names: a lock that a kill leaves there has to be deleted by hand.
            lock.open("xb").close()
            return
        else:
            return


def publish(lock: Path, target: Path, data: bytes) -> None:
    """Write through a lock that is held, or another name."""
    with lock.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(lock, target)  # noqa: PTH105


def read(repo: Repo, name: ObjectID) -> ShaFile:
    """An object. Raises ``KeyError`` where it is not there, ``StorageFailed`` where it is damaged or too large."""
    # One of its own file first: dulwich looks for new packs each time, and a history has thousands of objects.
    spelled = name.decode("ascii")
    try:
        kind, content = git_stored.loose(objects(repo) / spelled[:2] / spelled[2:])
    except FileNotFoundError:
        return repo.object_store[name]
    return ShaFile.from_raw_string(NUMBERS[kind], content, name)


def add(repo: Repo, new: Iterable[ShaFile]) -> None:
    """Store objects, on disk when this returns: few as files of their own, many as a pack."""
    missing = {obj.id: obj for obj in new if obj.id not in repo.object_store}
    if len(missing) <= _LOOSE:
        for obj in missing.values():
            _add_loose(repo, obj)
        return
    pack(repo, list(missing.values()))


def _add_loose(repo: Repo, obj: ShaFile) -> None:
    # Not by dulwich, which leaves a lock on the very object where it is killed; and by one name only, so that kills do
    # not pile up.
    name, own = obj.id.decode("ascii"), objects(repo)
    path, unfinished = own / name[:2] / name[2:], own.parent / "scriptorium" / "object"
    if not path.parent.exists():
        path.parent.mkdir(exist_ok=True)
        files.fsync_folder(own)
    unfinished.parent.mkdir(exist_ok=True)
    publish(unfinished, path, zlib.compress(_header(obj) + obj.as_raw_string(), _COMPRESSION))
    files.fsync_folder(path.parent)


def pack(repo: Repo, new: Sequence[ShaFile]) -> None:
    """Store objects as one pack, on disk when this returns."""
    if new:
        repo.object_store.add_objects([(obj, None) for obj in new])
        files.fsync_folder(objects(repo) / "pack")


def objects(repo: Repo) -> Path:
    """The folder of the objects that are its own."""
    return Path(os.fsdecode(repo.commondir())) / "objects"


def _header(obj: ShaFile) -> bytes:
    return obj.type_name + b" " + str(obj.raw_length()).encode("ascii") + b"\0"


def head(repo: Repo) -> ObjectID | None:
    """The commit that the workspace stands on; None before the first."""
    return repo.refs.follow(HEADREF)[1]


def move_head(repo: Repo, before: ObjectID | None, now: ObjectID) -> None:
    """Let the branch that is checked out, or a bare HEAD, name another commit.

    Raises:
        WorkspaceBusy: somebody else has moved it.
    """
    if not isinstance(repo.refs, DiskRefsContainer):
        raise StorageFailed("The workspace's repository keeps its branches in a reftable.", "Commit with git instead.")
    branch = repo.refs.follow(HEADREF)[0][-1]
    # What it leads to is a path: of a repository that somebody has tampered with it may be any.
    if branch != HEADREF and not (branch.startswith(b"refs/") and check_ref_format(branch)):
        raise StorageFailed("HEAD in the workspace's repository names no branch.", "Mend it: git switch main")
    target = Path(os.fsdecode(repo.refs.refpath(branch)))
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(repo, target) as lock:
        if head(repo) != before:
            raise WorkspaceBusy("Somebody else has just committed in the workspace.", "The next save tells the rest.")
        publish(lock, target, now + b"\n")
        files.fsync_folder(target.parent)
