"""Commits and their trees: what one is made of, and what lies in it."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dulwich.index import commit_tree
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.repo import Repo

from services.ground import text
from services.records import git_files
from services.records.git_work import Changes

# A path, how it is written and what it holds; without the two it goes.
Entry = tuple[bytes, int | None, ObjectID | None]
_COMMIT = re.compile("[0-9a-f]{40}")
_RECORDS = b"records"


@dataclass(frozen=True)
class Step:
    """What one commit changes, and by whom; ``blobs`` lie nowhere else."""

    by: str
    purpose: str
    entries: Sequence[Entry]
    blobs: Sequence[Blob] = ()


class _Adding:
    """A store of objects that writes nothing yet: all are written at once, or none."""

    def __init__(self, repo: Repo) -> None:
        self._store = repo.object_store
        self._new: dict[ObjectID, ShaFile] = {}

    @property
    def all(self) -> list[ShaFile]:
        """What is to be written."""
        return list(self._new.values())

    def __getitem__(self, name: ObjectID) -> ShaFile:
        # A copy: dulwich changes a tree in its place, and the one before is of a commit of its own.
        return self._new[name].copy() if name in self._new else self._store[name]

    def add_object(self, obj: ShaFile) -> None:
        self._new[obj.id] = obj


def made(tree: ObjectID, parent: ObjectID | None, purpose: str, by: str) -> Commit:
    """A commit by this person."""
    commit = Commit()
    commit.tree = tree
    commit.parents = [parent] if parent else []
    commit.author = commit.committer = by.encode()
    commit.author_time = commit.commit_time = int(time.time())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = purpose.encode() + b"\n"
    return commit


def line(repo: Repo, head: ObjectID | None, steps: Sequence[Step]) -> tuple[Commit | None, list[ShaFile]]:
    """A commit a step, each on the one before; the last one, None where nothing differs, and all new objects."""
    adding, before, last = _Adding(repo), tree_of(repo, head), None
    for step in steps:
        for blob in step.blobs:
            adding.add_object(blob)
        tree = _tree(adding, before, step.entries)
        if tree != before:
            last = made(tree, last.id if last else head, step.purpose, step.by)
            adding.add_object(last)
        before = tree
    return last, adding.all


def entries(changes: Changes) -> list[Entry]:
    """What is to be committed, as a tree is changed by it."""
    there: list[Entry] = [(change.path.encode(), change.mode, change.blob) for change in changes.now]
    return [*there, *((path.encode(), None, None) for path in changes.gone)]


def _tree(adding: _Adding, before: ObjectID | None, changed: Sequence[Entry]) -> ObjectID:
    if before is None:
        there = [(path, blob, mode) for path, mode, blob in changed if blob is not None and mode is not None]
        return commit_tree(adding, there)  # type: ignore[arg-type]  # it needs no more of a store
    return commit_tree_changes(adding, before, changed)  # type: ignore[arg-type]  # as above


def blob_at(repo: Repo, commit: ObjectID | None, path: bytes) -> ObjectID | None:
    """What a file of a folder held after a commit; None where it was not there."""
    folder, _, name = path.rpartition(b"/")
    return _entries(repo, _entries(repo, tree_of(repo, commit)).get(folder)).get(name)


def tree_of(repo: Repo, commit: ObjectID | None) -> ObjectID | None:
    """The tree of a commit; None where it is none."""
    found = repo.object_store[commit] if commit and commit in repo.object_store else None
    return found.tree if isinstance(found, Commit) else None


def at(repo: Repo, script_id: str, commit: str) -> tuple[str, bytes] | None:
    """Where a script was after a commit, and its bytes."""
    if not (text.is_slug(script_id) and _COMMIT.fullmatch(commit)):
        return None
    name = ObjectID(commit.encode())
    file = f"{script_id}.yaml".encode()
    for section in _entries(repo, _entries(repo, tree_of(repo, name)).get(_RECORDS)).items():
        blob = _entries(repo, section[1]).get(file)
        if blob is not None:
            path = f"records/{section[0].decode('utf-8', 'replace')}/{script_id}.yaml"
            return path, repo.object_store[blob].as_raw_string()
    return None


def _entries(repo: Repo, tree: ObjectID | None) -> dict[bytes, ObjectID]:
    found = git_files.read(repo, tree) if tree else None
    return {entry.path: entry.sha for entry in found.iteritems()} if isinstance(found, Tree) else {}


def newest(repo: Repo, head: ObjectID | None) -> int | None:
    """When a script was changed last, in seconds since 1970; None where no commit has one."""
    later: Commit | None = None
    records: ObjectID | None = None
    for commit in _line(repo, head):
        now = _records(repo, commit)
        if later is not None and now != records:
            return int(later.commit_time)
        later, records = commit, now
    return int(later.commit_time) if later is not None and records is not None else None


def _line(repo: Repo, head: ObjectID | None) -> Iterator[Commit]:
    """A commit and those before it, by the first parent of each."""
    while head:
        try:
            found = git_files.read(repo, head)
        except KeyError:
            return
        if not isinstance(found, Commit):
            return
        yield found
        head = found.parents[0] if found.parents else None


def _records(repo: Repo, commit: Commit) -> ObjectID | None:
    return _entries(repo, commit.tree).get(_RECORDS)
