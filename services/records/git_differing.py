"""Which files of scripts differ between two trees of a repository, read no further than they do."""

from collections.abc import Iterator
from functools import lru_cache

from dulwich.objects import Commit, ObjectID, Tree
from dulwich.repo import Repo

from services.records import git_files

# What a path held before and after, as names of blobs; None where it was not there.
Change = tuple[str | None, str | None]
# The folders that hold files of scripts.
_FOLDERS = (b"records", b"bin")
_DIRECTORY = 0o040000


class Trees:
    """Trees of one repository; neighbours share most of theirs."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self.entries = lru_cache(maxsize=64)(self._entries)
        self.commit = lru_cache(maxsize=64)(self._commit)

    def differing(self, old: ObjectID | None, new: ObjectID | None, folder: str = "") -> Iterator[tuple[str, Change]]:
        """The files that differ between two trees, each with what it held."""
        before, after = (dict(self.entries(tree)) if tree else {} for tree in (old, new))
        for name in {name for name, _ in before.items() ^ after.items()}:
            if not folder and name not in _FOLDERS:
                continue
            path = f"{folder}{name.decode('utf-8', 'replace')}"
            was, now = before.get(name), after.get(name)
            trees = [entry[1] if entry and entry[0] == _DIRECTORY else None for entry in (was, now)]
            if any(trees):
                yield from self.differing(trees[0], trees[1], f"{path}/")
            blobs = [entry[1].decode() if entry and entry[0] != _DIRECTORY else None for entry in (was, now)]
            # A mode that changed is no change of what is there.
            if blobs[0] != blobs[1]:
                yield path, (blobs[0], blobs[1])

    def _commit(self, name: ObjectID) -> Commit | None:
        try:
            found = git_files.read(self._repo, name)
        except KeyError:
            return None
        return found if isinstance(found, Commit) else None

    def _entries(self, tree: ObjectID) -> tuple[tuple[bytes, tuple[int, ObjectID]], ...]:
        found = git_files.read(self._repo, tree)
        if not isinstance(found, Tree):
            raise TypeError(f"{tree.decode()} is no tree")
        return tuple((entry.path, (entry.mode, entry.sha)) for entry in found.iteritems())
