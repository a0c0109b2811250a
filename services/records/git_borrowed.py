"""What of a history is not in its own repository: borrowed from another one, left where it is from, or lost."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID, ShaFile
from dulwich.repo import Repo

from services.records import git_files, git_reach, git_stored

# Bytes of any file of a repository that is no object and no log, and of its list of what is checked out, which has a
# hundred or so for each file.
_MOST, _MOST_INDEX = 8 << 20, 64 << 20
# So many objects that were borrowed are held in memory, and make a pack.
_AT_ONCE = 500


def check_sizes(own: Path) -> None:
    """Refuse a repository that would fill the memory as soon as it is opened. Raises ``StorageFailed``."""
    for folder, folders, names in os.walk(own):
        if Path(folder) == own:
            folders[:] = [name for name in folders if name not in {"objects", "logs"}]
        for name in names:
            if (Path(folder) / name).lstat().st_size > (_MOST_INDEX if name == "index" else _MOST):
                raise git_stored.too_large()


def lacks(repo: Repo, head: ObjectID) -> bool:
    """Whether something that a commit leads to is not in the repository itself."""
    common = Path(os.fsdecode(repo.commondir()))
    try:
        with git_stored.Stored([common / "objects"]) as stored:
            for _ in git_reach.reached(stored, head, git_reach.shallow(common)):
                pass
    except KeyError:
        return True
    return False


def borrows(repo: Repo) -> bool:
    """Whether objects of it may lie in another repository: one beside it, or the one that it was cloned from."""
    return any(_lenders(repo.object_store)) or any((git_files.objects(repo) / "pack").glob("*.promisor"))


def gather(repo: Repo, name: ObjectID) -> None:
    """Take over what a commit leads to and the repository borrows from others, as far as it is there.

    Raises ``StorageFailed`` where an object is damaged.
    """
    own = git_files.objects(repo)
    lent = [Path(os.fsdecode(store.path)) for store in _lenders(repo.object_store)]
    held = list[ShaFile]()
    short = git_reach.shallow(Path(os.fsdecode(repo.commondir())))
    with git_stored.Stored([own]) as ours, git_stored.Stored([own, *lent]) as both, contextlib.suppress(KeyError):
        for found in git_reach.reached(both, name, short):
            if found not in ours:
                kind, content = both.read(found)
                held.append(ShaFile.from_raw_string(git_files.NUMBERS[kind], content, found))
            if len(held) >= _AT_ONCE:
                git_files.pack(repo, held)
                held = []
        git_files.pack(repo, held)


def _lenders(store: object, depth: int = 5) -> Iterator[DiskObjectStore]:
    """The stores that a store borrows from, and those that these borrow from, as deep as git goes."""
    for lender in store.alternates if isinstance(store, DiskObjectStore) and depth else ():
        if isinstance(lender, DiskObjectStore):
            yield lender
            yield from _lenders(lender, depth - 1)
