"""What a health check says: one row a collection, one cell a check. Frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.domain.model_digest import Stamp, State
from services.domain.scripts import BrokenRecord
from services.domain.trust import Measured


class Check(StrEnum):
    """The checks, in the order of the matrix."""

    MODEL = "model"
    CANARIES = "canaries"
    EVIDENCE = "evidence"
    AGREEMENT = "agreement"
    PREPARATION = "preparation"
    VECTORS = "vectors"
    INDEX = "index"
    UNREAD = "unread"
    RANKINGS = "rankings"
    SHIFT = "shift"


class Mend(StrEnum):
    """What mends a finding."""

    NOTHING = ""
    CHECK = "check"
    REBUILD = "rebuild"
    EMBED = "embed"
    # Also scripts whose stamp says that they need it not.
    EMBED_ALL = "embed-all"
    ACCEPT = "accept"


@dataclass(frozen=True)
class Cell:
    """One check of one collection. ``state`` is None where the check says nothing here."""

    check: Check
    state: State | None
    # A few words or a number for the matrix.
    short: str
    # What was compared with what, in a sentence.
    compared: str
    # What it means for whoever retrieves; empty where all is well.
    means: str = ""
    mend: Mend = Mend.NOTHING

    @property
    def fine(self) -> bool:
        """Whether nothing is to be done."""
        return self.state is None or self.state is State.MATCH


@dataclass(frozen=True, eq=False)
class CollectionHealth:
    """One row of the matrix."""

    section: str
    state: State
    # Whether what it returns is random.
    random: bool
    reason: str
    recorded: Stamp | None
    query: Stamp
    records: int
    passages: int
    in_sync: bool
    cells: tuple[Cell, ...] = ()
    findings: tuple[str, ...] = ()
    # What was measured by asking the model; None where that was not done for this collection as it is recorded.
    measured: Measured | None = None
    # Scripts looked at whose vectors another model made.
    foreign: tuple[str, ...] = ()
    canary_min_cosine: float | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that could be trusted or not."""
        return not (self.records or self.passages)

    @property
    def fine(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.empty or (self.state is State.MATCH and self.in_sync and all(cell.fine for cell in self.cells))

    def cell(self, check: Check) -> Cell | None:
        """The cell of this check."""
        return next((cell for cell in self.cells if cell.check is check), None)

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "section": self.section,
            "state": self.state.value,
            "random": self.random,
            "reason": self.reason,
            "model": self.recorded.model_name if self.recorded else None,
            "recorded_digest": self.recorded.model_digest if self.recorded else None,
            "query_digest": self.query.model_digest,
            "recipe_digest": self.recorded.recipe_digest if self.recorded else None,
            "query_recipe_digest": self.query.recipe_digest,
            "canary_min_cosine": _rounded(self.canary_min_cosine),
            "evidence": self._evidence_json(),
            "records": self.records,
            "passages": self.passages,
            "in_sync": self.in_sync,
            "checks": {cell.check.value: _cell_json(cell) for cell in self.cells},
            "findings": list(self.findings),
        }

    def _evidence_json(self) -> dict[str, Any] | None:
        if self.measured is None or not self.measured.evidence.cosines:
            return None
        evidence = self.measured.evidence
        looked = len(evidence.cosines)
        return {
            "min_cosine": _rounded(evidence.min_cosine),
            "scripts_looked_at": looked,
            "scripts": evidence.scripts,
            "passages": evidence.passages,
            "foreign_share": round(len(self.foreign) / looked, 4),
            "foreign": list(self.foreign),
        }


@dataclass(frozen=True)
class Health:
    """Can this workspace be trusted?"""

    collections: tuple[CollectionHealth, ...]
    index: str
    generation: str
    # When the model was asked last, in UTC; empty where it never was.
    checked: str = ""
    # Why it could not be asked then.
    failure: str = ""
    broken: tuple[BrokenRecord, ...] = ()
    # Scripts that are kept but not in the index, with the reason.
    left_out: Mapping[str, str] = field(default_factory=dict)
    # What is wrong with the workspace as a whole, with the next step.
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """``ok``, ``attention``, or ``broken`` where some collection's answers are random."""
        if any(collection.random for collection in self.collections):
            return "broken"
        return "ok" if self.trusted else "attention"

    @property
    def trusted(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.broken or self.left_out or self.problems or self.failure) and all(
            collection.fine for collection in self.collections
        )

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "state": self.state,
            "index": self.index,
            "generation": self.generation,
            "checked": self.checked,
            "failure": self.failure,
            "collections": [collection.as_json() for collection in self.collections],
            "broken": [{"path": b.path, "cause": b.cause, "next_step": b.next_step} for b in self.broken],
            "left_out": [{"id": script, "reason": reason} for script, reason in self.left_out.items()],
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "state": cell.state.value if cell.state else None,
        "short": cell.short,
        "compared": cell.compared,
        "means": cell.means,
        "mend": cell.mend.value,
    }


def _rounded(cosine: float | None) -> float | None:
    return None if cosine is None else round(cosine, 6)
