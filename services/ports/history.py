"""What everything canonical was, after each write."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.domain.between import Between
from services.domain.history import Commit, Lost, Version
from services.domain.scripts import Record
from services.ground.progress import Report, silent
from services.ports.records import Catalogue


class History(Protocol):
    """Remembers what everything canonical was, after each write of the store of records, which tells it."""

    @property
    def problem(self) -> str:
        """Why nothing is kept here; empty if something is."""

    @property
    def lagging(self) -> str:
        """Why the last writes are not in it yet; empty if they are. Nothing is lost by it."""

    @property
    def signer(self) -> str:
        """Whose name stands on what this thread writes; empty where nobody has given one."""

    def keep(self, purpose: str, present: Mapping[str, tuple[int, int, int]] | None, *, outside: bool = False) -> None:
        """Remember what has changed since it was called last, if anything has. Needs ``writing``; never fails.

        ``present``: the record files by section and id, with what tells one version of a file from another; None where
        a folder cannot be listed. ``outside``: nobody here has done it.
        """

    @property
    def commit(self) -> str:
        """The last commit; empty where there is none. Raises ``StorageFailed``."""

    def versions(self, script_id: str) -> Sequence[Version]:
        """The versions of a script, the newest first, through all sections and the bin. Raises ``StorageFailed``."""

    def commits(self) -> Sequence[Commit]:
        """Every commit, the newest first and none before one that follows from it.

        Remembered for the last commit; until then it takes as long as reading all commits. Raises ``StorageFailed``.
        """

    def record(self, script_id: str, commit: str) -> Record:
        """A script as it was after a commit.

        Raises:
            NotFound: there is no such commit, or the script was not there then.
            InvalidYaml, InvalidRecord: what was kept is no record.
            StorageFailed: the history cannot be read.
        """

    def between(self, before: str, after: str) -> Between:
        """Which scripts differ between two commits; where one of them is not known here, that is said. Never fails."""

    def records_at(self, commit: str, report: Report = silent) -> Catalogue:
        """All records as they were after a commit, with their vectors, and beside them the files that were none.

        Raises:
            NotFound: there is no such commit here.
            StorageFailed: the history cannot be read.
        """

    def lost(self, here: Collection[str]) -> Sequence[Lost]:
        """The scripts that are not among these ids and that nobody has put into the bin, the last deleted first.

        Remembered for the last commit; until then it takes as long as reading all commits. Raises ``StorageFailed``.
        """

    def has_read(self) -> bool:
        """Whether asking what is lost costs nothing just now. Raises ``StorageFailed``."""

    def title(self, lost: Lost) -> str:
        """What a lost script was called; empty where that cannot be read. Raises ``StorageFailed``."""
