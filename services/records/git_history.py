"""The history of a workspace as a git repository in its folder. No git is needed; whoever has it may use it there.

What was saved is saved whatever happens here: a commit that fails is told, and the next one tells what it missed.
"""

import contextlib
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dulwich.index import commit_tree
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Commit, ObjectID, ShaFile, Tree
from dulwich.repo import Repo

from services.domain import history
from services.domain.history import Version
from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import NotFound, ScriptoriumError, StorageFailed
from services.ground import files, text
from services.records import git_files, record_format
from services.records.git_log import GitLog
from services.records.git_work import Changes, GitWork, Present

ENVIRONMENT = "SCRIPTORIUM_AUTHOR"
FIRST = "the workspace as it was found"
_BRANCH = b"main"
_COMMIT = re.compile("[0-9a-f]{40}")
_IGNORED = b"/derived/\n/uploads/\n/changing.json\n.writer.lock\n.writer.holder\n.writing-*\n"
# What lies in a repository while somebody merges or rebases: a commit of ours would end that for them.
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_UNREADABLE = "The scripts themselves are unharmed. See what git says: git fsck, in the folder of the workspace."


class GitHistory:
    """The history of one workspace. Safe to use from several threads."""

    def __init__(self, paths: Paths, author: Callable[[], str] = lambda: "") -> None:
        """``author`` says who writes where nobody has signed; empty: whom the environment or git names."""
        self._paths = paths
        self._author = author
        self._lock = threading.RLock()
        self._log = GitLog(paths.derived / "history" / "commits.jsonl")
        self._work = GitWork(paths)
        self._around: str | None = None
        self._lagging = ""

    @property
    def problem(self) -> str:
        """Why nothing is kept here; empty if something is."""
        if (self._paths.root / ".git").exists():
            return ""
        if self._around is None:
            self._around = _repository_around(self._paths)
        return self._around

    @property
    def lagging(self) -> str:
        """Why the last writes are not in it yet; empty if they are."""
        return self._lagging

    def keep(self, purpose: str, present: Present, *, outside: bool = False) -> None:
        """Commit what differs from the last commit, if anything does. Needs the workspace's writer lock.

        ``outside``: it was there before anybody here wrote.
        """
        try:
            # While the model is being changed records are half and half; whoever finishes that commits it.
            if self.problem or self._paths.changing.exists():
                return
            with self._lock, self._opened(create=True) as repo:
                first = outside and git_files.head(repo) is None
                self._commit(repo, FIRST if first else purpose, present, outside=outside)
                self._lagging = ""
        except Exception as error:  # noqa: BLE001  whatever is amiss with a repository, what was saved is saved
            self._work.forget()
            told = str(error) if isinstance(error, ScriptoriumError) else f"{type(error).__name__}: {error}."
            self._lagging = f"It is saved, but the history does not have it yet. {told}"

    def versions(self, script_id: str) -> list[Version]:
        """The versions of a script, the newest first; none where nothing was committed yet.

        Raises:
            StorageFailed: the repository cannot be read.
        """
        with self._lock, self._reading() as repo:
            head = git_files.head(repo) if repo else None
            if repo is None or head is None:
                return []
            touches = self._log.touches(repo, head, script_id)
            found = history.versions(touches, lambda blob: self._log.facts(repo, blob))
            self._log.remember()
            return found

    def record(self, script_id: str, commit: str) -> Record:
        """A script as it was after a commit.

        Raises:
            NotFound: there is no such commit, or the script was not there then.
            InvalidYaml, InvalidRecord: what was committed is no record.
            StorageFailed: the repository cannot be read.
        """
        with self._lock, self._reading() as repo:
            found = _at(repo, script_id, commit) if repo is not None else None
            if found is None:
                raise NotFound(
                    f"The history has no such version of '{script_id[:80]}'.", "Choose one that the list shows."
                )
            path, data = found
        return record_format.decode(data, source=f"{path} of {commit[:8]}")

    @contextlib.contextmanager
    def _opened(self, *, create: bool) -> Iterator[Repo]:
        root = self._paths.root
        if create and not (root / ".git").exists():
            _create(root)
        with contextlib.closing(Repo(str(root))) as repo:
            if repo.object_format.name != "sha1":
                raise StorageFailed(
                    f"The workspace's repository uses {repo.object_format.name}.", "Commit with git instead."
                )
            yield repo

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Repo | None]:
        """The repository, None where there is none; what is wrong with it is said in our words."""
        if not (self._paths.root / ".git").exists():
            yield None
            return
        try:
            with self._opened(create=False) as repo:
                yield repo
        except ScriptoriumError:
            raise
        except Exception as error:
            raise StorageFailed(
                f"The history cannot be read ({type(error).__name__}: {error}).", _UNREADABLE
            ) from error

    def _commit(self, repo: Repo, purpose: str, present: Present, *, outside: bool) -> None:
        head = git_files.head(repo)
        if not self._work.differs(repo, head, present):
            return
        control = Path(os.fsdecode(repo.controldir()))
        if any((control / name).exists() for name in _UNDER_WAY):
            raise StorageFailed("A merge or rebase is under way in the workspace.", "Finish it with git.")
        with git_files.locked(repo, self._work.locks(repo)) as lock:
            now = git_files.head(repo)
            if now != head and not self._work.differs(repo, now, present):
                return
            changes = self._work.read(lambda blobs: git_files.add(repo, blobs))
            tree, new = _tree(repo, now, changes)
            commit = None
            if tree != _tree_of(repo, now):
                commit = _made(tree, now, purpose, self._by(repo, outside=outside))
            git_files.add(repo, [*new, *([commit] if commit else [])])
            # First what is checked out: a kill in between leaves changes to commit, and none that a commit would undo.
            self._work.stage(repo, changes, lock)
            if commit:
                git_files.move_head(repo, now, commit.id)
            self._work.settled(commit.id if commit else now, changes)

    def _by(self, repo: Repo, *, outside: bool) -> str:
        if outside:
            return history.author(history.OUTSIDE)
        return (
            history.signature()
            or history.author(self._author())
            or history.author(os.environ.get(ENVIRONMENT, ""))
            or _configured(repo)
            or history.DEFAULT_AUTHOR
        )


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
        return self._new[name] if name in self._new else self._store[name]

    def add_object(self, obj: ShaFile) -> None:
        self._new[obj.id] = obj


def _made(tree: ObjectID, parent: ObjectID | None, purpose: str, by: str) -> Commit:
    commit = Commit()
    commit.tree = tree
    commit.parents = [parent] if parent else []
    commit.author = commit.committer = by.encode()
    commit.author_time = commit.commit_time = int(time.time())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = purpose.encode() + b"\n"
    return commit


def _create(root: Path) -> None:
    """Make the repository: it appears whole or not at all."""
    unfinished = root / f"{files.TEMPORARY_PREFIX}git"
    with files.storage_errors(root / ".git"):
        shutil.rmtree(unfinished, ignore_errors=True)
        Repo.init(str(unfinished), mkdir=True, default_branch=_BRANCH).close()
        if not (root / ".gitignore").exists():
            files.write_atomically(root / ".gitignore", _IGNORED)
        os.replace(unfinished / ".git", root / ".git")  # noqa: PTH105
        unfinished.rmdir()


def _repository_around(paths: Paths) -> str:
    """Why a workspace has no repository of its own: one around it keeps it already. Empty where none does."""
    root = paths.root.resolve()
    outer = next((folder for folder in root.parents if (folder / ".git").exists()), None)
    if outer is None:
        return ""
    try:
        with contextlib.closing(Repo(str(outer))) as repo:
            kept = paths.settings.resolve().relative_to(outer).as_posix().encode() in repo.open_index()
    except Exception as error:  # noqa: BLE001  dulwich raises what it likes at what it does not know
        return f"The repository around the workspace cannot be read ({error})."
    told = f"The workspace belongs to the repository {outer.name}, which keeps its history: look there with git."
    return told if kept else ""


def _configured(repo: Repo) -> str:
    """Whom git would name; empty where nobody told it."""
    config = repo.get_config_stack()
    try:
        name, address = (config.get((b"user",), key).decode("utf-8", "replace") for key in (b"name", b"email"))
    except KeyError:
        return ""
    return history.author(f"{name} <{address}>")


def _tree(repo: Repo, head: ObjectID | None, changes: Changes) -> tuple[ObjectID, list[ShaFile]]:
    """The tree of a commit with these changes, and the objects that are new with it."""
    adding = _Adding(repo)
    there = [(change.path.encode(), change.blob, change.mode) for change in changes.now]
    before = _tree_of(repo, head)
    if before is None:
        return commit_tree(adding, there), adding.all  # type: ignore[arg-type]  # it needs no more of a store
    gone = [(path.encode(), None, None) for path in changes.gone]
    entries = [*((path, mode, blob) for path, blob, mode in there), *gone]
    return commit_tree_changes(adding, before, entries), adding.all  # type: ignore[arg-type]  # as above


def _tree_of(repo: Repo, commit: ObjectID | None) -> ObjectID | None:
    found = repo.object_store[commit] if commit and commit in repo.object_store else None
    return found.tree if isinstance(found, Commit) else None


def _at(repo: Repo, script_id: str, commit: str) -> tuple[str, bytes] | None:
    """Where a script was after a commit, and its bytes."""
    if not (text.is_slug(script_id) and _COMMIT.fullmatch(commit)):
        return None
    name = ObjectID(commit.encode())
    file = f"{script_id}.yaml".encode()
    for section in _entries(repo, _entries(repo, _tree_of(repo, name)).get(b"records")).items():
        blob = _entries(repo, section[1]).get(file)
        if blob is not None:
            path = f"records/{section[0].decode('utf-8', 'replace')}/{script_id}.yaml"
            return path, repo.object_store[blob].as_raw_string()
    return None


def _entries(repo: Repo, tree: ObjectID | None) -> dict[bytes, ObjectID]:
    found = repo.object_store[tree] if tree else None
    return {entry.path: entry.sha for entry in found.iteritems()} if isinstance(found, Tree) else {}
