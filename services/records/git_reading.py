"""What the history of a workspace tells: the part of it that writes nothing."""

import contextlib
import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from dulwich.objects import ObjectID
from dulwich.repo import Repo

from services.domain import history
from services.domain.between import Between
from services.domain.history import Commit, Lost, Version
from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import NotFound, ScriptoriumError, StorageFailed
from services.ground.progress import Report, silent
from services.ports import Catalogue
from services.records import git_between, git_files, git_repository, git_trees, record_format
from services.records.git_log import GitLog

_UNREADABLE = "The scripts themselves are unharmed. See what git says: git fsck, in the folder of the workspace."
_NONE = "This workspace has no history yet."


class GitReading:
    """What the history of one workspace tells. Safe to use from several threads."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._lock = threading.RLock()
        self._log = GitLog(paths.derived / "history" / "commits.jsonl")
        self._around: str | None = None

    @property
    def problem(self) -> str:
        """Why nothing is kept here; empty if something is."""
        if (self._paths.root / ".git").exists():
            return ""
        if self._around is None:
            self._around = git_repository.around(self._paths)
        return self._around

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

    def commits(self) -> list[Commit]:
        """Every commit, the newest first and none before one that follows from it; none where nothing was committed.

        Remembered for the last commit; until then it takes as long as reading all commits.

        Raises:
            StorageFailed: the repository cannot be read.
        """
        with self._lock, self._committed() as (repo, head):
            if repo is None or head is None:
                return []
            found = self._log.commits(repo, head)
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

    def between(self, before: str, after: str) -> Between:
        """Which scripts differ between two commits; where that cannot be told, why. Cheap unless many differ."""
        try:
            with self._lock, self._reading() as repo:
                if repo is None:
                    return Between(problem=self.problem or _NONE)
                found = git_between.between(repo, before, after, self._log)
                self._log.remember()
                return found
        except StorageFailed as error:
            return Between(problem=error.cause)

    def records_at(self, commit: str, report: Report = silent) -> Catalogue:
        """All records as they were after a commit, with their vectors, and the files that were none.

        Raises:
            NotFound: there is no such commit.
            StorageFailed: the repository cannot be read.
        """
        # Nothing that is remembered is touched: a save need not wait for ten thousand records.
        with self._reading() as repo:
            if repo is None:
                raise NotFound(self.problem or _NONE, "Save a script: its history begins with that.")
            return git_between.records_at(repo, commit, report)

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
