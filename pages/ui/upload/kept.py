"""Reviews that are under way, on the server: a reload of the page goes on where it was, by a key in the address."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.domain.scripts import Status
from services.jobs import Job
from services.upload import Edit, Review

# Each holds the texts of its upload and their vectors: a few, and nobody comes back after a day.
_MOST = 6
_SECONDS = 86_400


@dataclass(eq=False)
class Kept:
    """A review, and what its person has done with it so far."""

    review: Review
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    edits: dict[int, Edit] = field(default_factory=dict)
    ticks: dict[int, bool] = field(default_factory=dict)
    # The section of the workspace for a name that files use for one; empty leaves it to the neighbours.
    sections: dict[str, str] = field(default_factory=dict)
    status: Status = Status.APPROVED
    # The table is drawn anew where something other than a hand in it has changed it.
    turns: int = 0
    # Its scripts are being added.
    job: Job[object] | None = None
    seen: float = field(default_factory=time.monotonic)

    def edited(self) -> Mapping[int, Edit]:
        """What is chosen for each row: by hand, else by the name that its file has for the section, else as new."""
        made = dict(self.edits)
        for row in self.review.rows:
            edit = made.get(row.number, Edit())
            section = edit.section or self.sections.get(row.unknown_section) or None
            draft = self.review.drafts[row.number]
            open_status = self.status is not Status.APPROVED and row.stored is None and "status" not in draft.stated
            status = edit.status or (self.status.value if open_status else None)
            if (section, status) != (edit.section, edit.status):
                made[row.number] = replace(edit, section=section, status=status)
        return made


class Reviews:
    """Those of one workspace, by key. Whoever has not the key does not find one. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}

    def keep(self, review: Review) -> Kept:
        """Keep a review from now on; the one that nobody has looked at for longest makes room."""
        kept = Kept(review)
        with self._lock:
            self._sweep()
            self._kept[kept.key] = kept
            for old in sorted(self._kept.values(), key=lambda one: one.seen)[:-_MOST]:
                del self._kept[old.key]
        return kept

    def of(self, key: str) -> Kept | None:
        """The review with this key; None where it is not kept any more."""
        with self._lock:
            self._sweep()
            kept = self._kept.get(key)
            if kept is not None:
                kept.seen = time.monotonic()
            return kept

    def forget(self, kept: Kept) -> None:
        """It is done with."""
        with self._lock:
            self._kept.pop(kept.key, None)

    def _sweep(self) -> None:
        oldest = time.monotonic() - _SECONDS
        for old in [one for one in self._kept.values() if one.seen < oldest]:
            del self._kept[old.key]
