"""What lies in a workspace, compared with its last commit without reading what has not changed."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dulwich.index import cleanup_mode
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.repo import Repo

from services.domain.settings import Paths
from services.ground import files
from services.ground.files import Mark
from services.records import git_index
from services.records.git_index import GitIndex, Staged

# The record files by section and id, as the store has just seen them; None where a folder could not be listed.
Present = Mapping[str, Mark] | None

_FILES = ("workspace.yaml", "manifest.yaml", "settled.yaml", ".gitignore")
_RECORDS = "records"
# Beside the records, whose store knows what changed. These hold few files, or none that is read often.
_FOLDERS: Mapping[str, str | tuple[str, ...]] = {
    "bin": ".yaml",
    "questionnaires": ".yaml",
    "judgements": ".yaml",
    "runs": (".json", ".yaml"),
    "canaries": ".yaml",
    "checks": ".jsonl",
}
# A commit a judgement would bury all others: these wait for the next write of anything else, and are committed before.
_WAITING = "judgements/"
# So many files are held in memory, and so many make a pack.
_AT_ONCE = 1_000
# What is in the last commit and not on the disk.
_GONE: Mark = (-1, -1, -1)


@dataclass(frozen=True)
class Changed:
    """A file as it is to be committed."""

    path: str
    blob: ObjectID
    mark: Mark
    stat: os.stat_result

    @property
    def mode(self) -> int:
        """As git writes it."""
        return cleanup_mode(self.stat.st_mode)


@dataclass(frozen=True)
class Changes:
    """What is to be committed: files as they are now, and paths that are gone."""

    now: Sequence[Changed]
    gone: Sequence[str]


class GitWork:
    """The files of one workspace that belong in its history, and how they were at its last commit."""

    def __init__(self, paths: Paths) -> None:
        self._root = paths.root
        self._index = GitIndex()
        # How each committed file looked on the disk; of which commit; and what is different now.
        self._clean: dict[str, Mark] = {}
        self._head: ObjectID | None = None
        self._changed: list[tuple[str, Mark]] = []
        self._gone: list[str] = []
        # Whether what people judge differed at the last look.
        self.waiting = False

    def forget(self) -> None:
        """Compare everything once more at the next look."""
        self._clean, self._head = {}, None

    def locks(self, repo: Repo) -> Path:
        """The file that git locks while somebody commits."""
        return git_index.file_of(repo)

    def differs(self, repo: Repo, head: ObjectID | None, records: Present, *, judged: bool | None = None) -> bool:
        """Whether something is not as it was committed. Reads a file only where its times do not tell.

        ``judged``: only what people judge, or only all else.
        """
        present = self._present(records)
        if head is None or head != self._head:
            self._compare(repo, head, present)
        known = self._clean.get
        self._changed = [(path, mark) for path, mark in present.items() if known(path) != mark]
        missing = (path for path in self._clean if path not in present)
        self._gone = [path for path in missing if records is not None or not path.startswith(f"{_RECORDS}/")]
        self.waiting = any(path.startswith(_WAITING) for path in (*(path for path, _ in self._changed), *self._gone))
        if judged is not None:
            self._changed = [(path, mark) for path, mark in self._changed if path.startswith(_WAITING) == judged]
            self._gone = [path for path in self._gone if path.startswith(_WAITING) == judged]
        return bool(self._changed or self._gone)

    def read(self, add: Callable[[Sequence[Blob]], None]) -> Changes:
        """The changes that ``differs`` found; ``add`` gets their bytes, not all of them at once."""
        now: list[Changed] = []
        held: list[Blob] = []
        for path, mark in self._changed:
            # What is gone since is found so by whoever writes next.
            with contextlib.suppress(FileNotFoundError):
                found = (self._root / path).lstat()
                held.append(Blob.from_string(_bytes(self._root / path, found)))
                now.append(Changed(path, held[-1].id, mark, found))
            if len(held) >= _AT_ONCE:
                add(held)
                held = []
        add(held)
        return Changes(now, self._gone)

    def stage(self, repo: Repo, changes: Changes, lock: Path) -> None:
        """Tell git what is checked out. Needs its lock."""
        staged = [Staged(change.path, change.blob, change.stat) for change in changes.now]
        self._index.update(repo, staged, changes.gone, lock)

    def settled(self, head: ObjectID | None, changes: Changes) -> None:
        """From here on this commit is what is compared with."""
        self._head = head
        self._clean |= {change.path: change.mark for change in changes.now}
        for path in changes.gone:
            self._clean.pop(path, None)

    def _present(self, records: Present) -> dict[str, Mark]:
        found = {f"{_RECORDS}/{name}.yaml": mark for name, mark in (records or {}).items()}
        for name in _FILES:
            with contextlib.suppress(FileNotFoundError):
                found[name] = files.mark(os.lstat(self._root / name))
        for folder, suffix in _FOLDERS.items():
            found |= _files(self._root / folder, f"{folder}/", suffix)
        return found

    def _compare(self, repo: Repo, head: ObjectID | None, present: Mapping[str, Mark]) -> None:
        """Find out what is as it was committed, by git's index where that tells, else by reading."""
        committed = dict(_committed(repo, head))
        self._clean = {path: _GONE for path in committed if path not in present}
        told = self._index.told(repo)
        for path, mark in present.items():
            blob = committed.get(path)
            if blob is not None and blob == (told(path, mark) or _blob(self._root / path)):
                self._clean[path] = mark
        self._head = head


def _committed(repo: Repo, head: ObjectID | None) -> Iterator[tuple[str, ObjectID]]:
    """The files of the last commit that are ours, and what they hold."""
    commit = repo.object_store[head] if head else None
    if isinstance(commit, Commit):
        for path, blob in _walked(repo, commit.tree, ""):
            folder, _, rest = path.partition("/")
            if path in _FILES or (rest and _is_ours(folder, rest)):
                yield path, blob


def _is_ours(folder: str, rest: str) -> bool:
    # Deeper down nobody looks for records.
    deep = folder == _RECORDS and rest.count("/") > 1
    hidden = rest.rpartition("/")[2].startswith(".")
    return not (deep or hidden) and rest.endswith(_FOLDERS.get(folder, ".yaml"))


def _walked(repo: Repo, tree: ObjectID, folder: str) -> Iterator[tuple[str, ObjectID]]:
    found = repo.object_store[tree]
    for entry in found.iteritems() if isinstance(found, Tree) else ():
        path = f"{folder}{os.fsdecode(entry.path)}"
        if stat.S_ISDIR(entry.mode):
            if folder or path == _RECORDS or path in _FOLDERS:
                yield from _walked(repo, entry.sha, f"{path}/")
        else:
            yield path, entry.sha


def _files(folder: Path, prefix: str, suffix: str | tuple[str, ...]) -> dict[str, Mark]:
    found: dict[str, Mark] = {}
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                found |= _files(folder / entry.name, f"{prefix}{entry.name}/", suffix)
            elif entry.name.endswith(suffix):
                with contextlib.suppress(FileNotFoundError):
                    found[f"{prefix}{entry.name}"] = files.mark(entry.stat(follow_symlinks=False))
    return found


def _blob(path: Path) -> ObjectID | None:
    with contextlib.suppress(FileNotFoundError):
        blob: ObjectID = Blob.from_string(_bytes(path, path.lstat())).id
        return blob
    return None


def _bytes(path: Path, found: os.stat_result) -> bytes:
    """What git keeps of a file: of a link, where it leads."""
    return os.fsencode(path.readlink()) if stat.S_ISLNK(found.st_mode) else path.read_bytes()
