"""The history of a workspace as a git repository in its folder. No git is needed; whoever has it may use it there.

What was saved is saved whatever happens here: a commit that fails is told, and the next one tells what it missed.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from dulwich.objects import ObjectID
from dulwich.repo import Repo

from services.domain import history
from services.domain.history import Looked
from services.domain.settings import Paths
from services.errors import ScriptoriumError, StorageFailed
from services.records import git_borrowed, git_files, git_judged, git_repository, git_trees
from services.records.git_reading import GitReading
from services.records.git_trees import Step
from services.records.git_work import Changes, GitWork, Present

ENVIRONMENT = "SCRIPTORIUM_AUTHOR"
FIRST = history.FIRST
# What lies in a repository while somebody merges or rebases: a commit of ours would end that for them.
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_Steps = Callable[[ObjectID | None, Changes], list[Step]]
MISSING = "Parts of the history are missing."


class GitHistory(GitReading):
    """The history of one workspace. Safe to use from several threads."""

    def __init__(self, paths: Paths, author: Callable[[], str] = lambda: "") -> None:
        """``author`` says who writes where nobody has signed; empty: whom the environment or git names."""
        super().__init__(paths)
        self._author = author
        self._work = GitWork(paths)
        self._lagging = ""

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
