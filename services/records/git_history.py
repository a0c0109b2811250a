"""The history of a workspace as a git repository in its folder. No git is needed; whoever has it may use it there.

What was saved is saved whatever happens here: a commit that fails is told, and the next one tells what it missed.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dulwich.objects import ObjectID
from dulwich.repo import Repo

from services.domain import history
from services.domain.history import Looked, Lost, Version
from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import NotFound, ScriptoriumError, StorageFailed
from services.records import git_borrowed, git_files, git_judged, git_repository, git_trees, record_format
from services.records.git_log import GitLog
from services.records.git_trees import Step
from services.records.git_work import Changes, GitWork, Present

ENVIRONMENT = "SCRIPTORIUM_AUTHOR"
FIRST = history.FIRST
# What lies in a repository while somebody merges or rebases: a commit of ours would end that for them.
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_Steps = Callable[[ObjectID | None, Changes], list[Step]]
_UNREADABLE = "The scripts themselves are unharmed. See what git says: git fsck, in the folder of the workspace."


MISSING = "Parts of the history are missing."


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
            self._around = git_repository.around(self._paths)
        return self._around

    @property
    def lagging(self) -> str:
        """Why the last writes are not in it yet; empty if they are."""
        return self._lagging

    @property
    def signer(self) -> str:
        """Whose name stands on what this thread writes; empty where nobody has given one."""
        with contextlib.suppress(StorageFailed), self._reading() as repo:
            by = self._by(repo, outside=False)
            return "" if by == history.DEFAULT_AUTHOR else by.rpartition(" <")[0]
        # It cannot be read, which whoever looks at the history is told.
        return ""

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
                if outside and self._work.waiting:
                    self._commit_judged(repo, present)
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
        with self._lock, self._committed() as (repo, head):
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
            found = git_trees.at(repo, script_id, commit) if repo is not None else None
            if found is None:
                raise NotFound(
                    f"The history has no such version of '{script_id[:80]}'.", "Choose one that the list shows."
                )
            path, data = found
        return record_format.decode(data, source=f"{path} of {commit[:8]}")

    def lost(self, here: Collection[str]) -> list[Lost]:
        """The scripts that are not among these ids and that nobody has put into the bin, the last deleted first.

        Remembered for the last commit; until then it takes as long as reading all commits.

        Raises:
            StorageFailed: the repository cannot be read.
        """
        with self._lock, self._committed() as (repo, head):
            if repo is None or head is None:
                return []
            found = self._log.last_places(repo, head)
            self._log.remember()
            lost = [one for script_id, one in found.items() if script_id not in here]
        return sorted(lost, key=lambda one: (not one.time, one.time, one.id), reverse=True)

    def has_read(self) -> bool:
        """Whether every commit was read, so that asking what is lost costs nothing. Raises ``StorageFailed``."""
        with self._committed() as (_, head):
            return head is None or self._log.has_read(head)

    def title(self, lost: Lost) -> str:
        """What a lost script was called; empty where that cannot be read. Raises ``StorageFailed``."""
        with self._lock, self._reading() as repo:
            return self._log.title(repo, lost.blob) if repo is not None else ""

    @property
    def commit(self) -> str:
        """The last commit, as hexadecimal digits; empty where there is none. Raises ``StorageFailed``."""
        with self._committed() as (_, head):
            return "" if head is None else head.decode("ascii")

    def newest(self) -> str:
        """When a script was changed last, in UTC as ISO 8601; empty where nothing tells. Raises ``StorageFailed``."""
        with self._lock, self._committed() as (repo, head):
            seconds = git_trees.newest(repo, head) if repo else None
        return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")

    def look(self) -> Looked:
        """What it tells, and whether it is whole; of a repository that may be anybody's, so within bounds."""
        try:
            git_borrowed.check_sizes(self._paths.root / ".git")
            with self._lock, self._committed() as (repo, head):
                if repo is None or head is None:
                    return Looked()
                return Looked(amiss=MISSING) if git_borrowed.lacks(repo, head) else Looked(self.newest())
        except StorageFailed as error:
            return Looked(amiss=error.cause)

    def gather(self, *, write: bool) -> str:
        """Take over what is borrowed from another repository, so that a copy of the folder has the whole history.

        Needs the workspace's writer lock. Why a copy would not have it, as a sentence; empty if it would.
        """
        own = self._paths.root / ".git"
        if own.is_symlink() or own.is_file():
            return history.KEPT_ELSEWHERE
        try:
            with self._lock, self._committed() as (repo, head):
                if repo is not None and head is not None and git_borrowed.borrows(repo):
                    if write:
                        git_borrowed.gather(repo, head)
                    return MISSING if git_borrowed.lacks(repo, head) else ""
        except StorageFailed as error:
            return error.cause
        return ""

    @contextlib.contextmanager
    def _opened(self, *, create: bool) -> Iterator[Repo]:
        root = self._paths.root
        if create and not (root / ".git").exists():
            git_repository.create(root)
        with contextlib.closing(Repo(str(root))) as repo:
            # What a branch names is on the disk before the branch names it; packs are dulwich's to write.
            repo.object_store.fsync_object_files = True
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

    @contextlib.contextmanager
    def _committed(self) -> Iterator[tuple[Repo | None, ObjectID | None]]:
        """The repository, and its last commit; None of what is not there."""
        with self._reading() as repo:
            yield repo, git_files.head(repo) if repo else None

    def _commit(self, repo: Repo, purpose: str, present: Present, *, outside: bool) -> None:
        def steps(_: ObjectID | None, changes: Changes) -> list[Step]:
            return [Step(self._by(repo, outside=outside), purpose, git_trees.entries(changes))]

        self._move_on(repo, present, steps, judged=False if outside else None)

    def _commit_judged(self, repo: Repo, present: Present) -> None:
        """What was judged since, under the names of those who judged: nobody else's commit has it."""

        def steps(head: ObjectID | None, changes: Changes) -> list[Step]:
            return git_judged.steps(repo, head, changes)

        self._move_on(repo, present, steps, judged=True)

    def _move_on(self, repo: Repo, present: Present, steps: _Steps, *, judged: bool | None) -> None:
        head = git_files.head(repo)
        if not self._work.differs(repo, head, present, judged=judged):
            return
        control = Path(os.fsdecode(repo.controldir()))
        if any((control / name).exists() for name in _UNDER_WAY):
            raise StorageFailed("A merge or rebase is under way in the workspace.", "Finish it with git.")
        with git_files.locked(repo, self._work.locks(repo)) as lock:
            now = git_files.head(repo)
            if now != head and not self._work.differs(repo, now, present, judged=judged):
                return
            changes = self._work.read(lambda blobs: git_files.add(repo, blobs))
            commit, new = git_trees.line(repo, now, steps(now, changes))
            git_files.add(repo, new)
            # First what is checked out: a kill in between leaves changes to commit, and none that a commit would undo.
            self._work.stage(repo, changes, lock)
            if commit:
                git_files.move_head(repo, now, commit.id)
            self._work.settled(commit.id if commit else now, changes)

    def _by(self, repo: Repo | None, *, outside: bool) -> str:
        if outside:
            return history.author(history.OUTSIDE)
        return (
            history.signature()
            or history.author(self._author())
            or history.author(os.environ.get(ENVIRONMENT, ""))
            or git_repository.configured(repo)
            or history.DEFAULT_AUTHOR
        )
