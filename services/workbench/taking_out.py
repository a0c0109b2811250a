"""What goes out: exports and backups; and the way back of a backup."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from services import backup, exporting, restore, wiring
from services.backup import BackedUp
from services.domain.reports import Exported
from services.errors import StorageFailed
from services.ground.progress import Report, deaf, silent
from services.restore import Verified
from services.workbench.opened import Opened


class TakingOut(Opened):
    """What goes out of an open workspace, and a whole one that comes back."""

    def export(self, out: Path, format: str, *, ids: Sequence[str] = (), sections: Sequence[str] = ()) -> Exported:  # noqa: A002
        """Write scripts to one file. Raises as ``services.exporting.export`` does."""
        return exporting.export(
            out,
            format,
            catalogue=self.catalogue,
            settings=self.settings,
            encode=wiring.encode_record,
            ids=ids,
            sections=sections,
        )

    def export_bytes(self, format: str, *, ids: Sequence[str] = (), report: Report = silent) -> bytes:  # noqa: A002
        """The same file as bytes, for a download. Raises ``InvalidInput``, ``NotFound``."""
        records = exporting.chosen(self.catalogue, self.settings, ids, ())
        told = partial(report, "Writing the file")
        return exporting.as_bytes(records, format, wiring.encode_record, told)

    def backup(self, out: Path, report: Report | None = None) -> BackedUp:
        """Write the whole workspace to one file. Raises as ``services.backup.backup`` does, and ``WorkspaceBusy``."""
        self._settled()
        # What an earlier version kept in what is derived is taken over, and so is in the file.
        self.unsaved.all()
        # Where this process may not write, no thread of it does either.
        held = self.records.writing("backing up") if self.writable else contextlib.nullcontext()
        with held:
            history = self.past.gather(write=self.writable)
            return replace(backup.backup(self.paths.root, out, report or silent), history=history)

    def newest(self) -> str:
        """When a script was saved last, as its history tells; empty where it does not, or cannot be read."""
        # A history that is damaged is a reason for a backup, and none to refuse one.
        try:
            return self.past.newest()
        except StorageFailed:
            return ""

    def verify_backup(self, source: Path, report: Report | None = None) -> Verified:
        """Verify a backup wholly, and change nothing. Raises as ``services.restore.verify`` does."""
        return restore.verify(source, self.paths.root, wiring.look, report or silent)

    def replace_all(self, source: Path, report: Report | None = None) -> BackedUp:
        """Replace the workspace by its backup, and go on with that one. Raises as ``services.restore.restore`` does.

        What the stores remember is of files that are elsewhere now: there are new ones afterwards.
        """
        told = report or silent
        done = restore.restore(source, self.paths.root, self._let_go, wiring.look, told)
        with self._lock:
            self.past = wiring.history(self.paths, lambda: self.author)
            self._reread_settings()
            self._open_stores()
        self.refresh(deaf(told))
        return done

    @contextlib.contextmanager
    def _let_go(self, purpose: str) -> Iterator[None]:
        """Hold the writer lock, with the index closed: some systems move no folder in which a file is open.

        Not by way of the store, which would tell the history of the new workspace what the old one held.
        """
        with wiring.writer_lock(self.paths, purpose):
            self._index.close()
            yield
