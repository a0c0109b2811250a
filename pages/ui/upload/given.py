"""Files that a visitor has given, kept until they are read to the end: what fails can be tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pages.ui import words
from services.ground.progress import Report
from services.upload import Review, Staged
from services.workbench import Workbench

_MOST_NAMED = 3


@dataclass(frozen=True)
class Asked:
    """There are tables whose columns a person has to look at first."""


@dataclass
class Given:
    """Files from the box. Once they are ``staged`` they lie on the disk, and are there though the box is gone."""

    files: Sequence[tuple[str, bytes]] = field(repr=False)
    staged: Staged | None = None
    # Whether the columns of its tables are asked about, and what was chosen last, by the name of the table.
    asked: bool = False
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of files."""
        return len(self.staged.files if self.staged else self.files)

    @property
    def named(self) -> str:
        """Their names; of many the first."""
        names = [file.name for file in self.staged.files] if self.staged else [name for name, _ in self.files]
        more = len(names) - _MOST_NAMED
        return words.listed(names) if more <= 0 else f"{', '.join(names[:_MOST_NAMED])} and {more:,} more"

    def reviewed(
        self, workbench: Workbench, mappings: Mapping[str, Mapping[str, str]], report: Report
    ) -> Review | Asked:
        """Read them; or ask about columns first. Raises as ``stage`` and ``review_upload`` of the workbench do."""
        if self.staged is None:
            self.staged = workbench.stage(self.files, report)
            self.files = ()
        if self.staged.tables and not self.asked:
            self.asked = True
            return Asked()
        self.chosen = mappings
        return workbench.review_upload(self.staged, mappings, report)

    def close(self) -> None:
        """Delete them."""
        if self.staged is not None:
            self.staged.close()
