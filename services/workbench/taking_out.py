"""What goes out: exports and backups."""

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from services import backup, exporting, wiring
from services.backup import BackedUp
from services.domain.reports import Exported
from services.ground.progress import Report, silent
from services.workbench.opened import Opened


class TakingOut(Opened):
    """What goes out of an open workspace."""

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

    def export_bytes(self, format: str, *, ids: Sequence[str] = ()) -> bytes:  # noqa: A002
        """The same file as bytes, for a download. Raises ``InvalidInput``, ``NotFound``."""
        records = exporting.chosen(self.catalogue, self.settings, ids, ())
        return exporting.as_bytes(records, format, wiring.encode_record)

    def backup(self, out: Path, report: Report | None = None) -> BackedUp:
        """Write the whole workspace to one file. Raises as ``services.backup.backup`` does, and ``WorkspaceBusy``."""
        self._settled()
        # Where this process may not write, no thread of it does either.
        held = self.records.writing("backing up") if self.writable else contextlib.nullcontext()
        with held:
            return backup.backup(self.paths.root, out, report or silent)

    def backup_bytes(self) -> bytes:
        """The same file as bytes, for a download. Raises as ``backup`` does."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "backup.zip"
            self.backup(out)
            return out.read_bytes()
