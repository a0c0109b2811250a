"""What the other use cases report: a sync, a health check, a rebuild, an import, an export. Frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.model_digest import Stamp, State
from services.scripts import BrokenRecord


@dataclass(frozen=True)
class SyncReport:
    """What ``sync`` did, and what it could not do."""

    upserted: int = 0
    deleted: int = 0
    unchanged: int = 0
    # Scripts left out of the index, with the reason.
    left_out: Mapping[str, str] = field(default_factory=dict)
    # Sections whose collection carries another recipe than its records: only a rebuild mends that.
    to_rebuild: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the index is another than before."""
        return bool(self.upserted or self.deleted)


@dataclass(frozen=True)
class CollectionHealth:
    """One row of the health page."""

    section: str
    state: State
    recorded: Stamp | None
    query: Stamp
    records: int
    passages: int
    in_sync: bool
    findings: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that could be trusted or not."""
        return not (self.records or self.passages)

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "section": self.section,
            "state": self.state.value,
            "model": self.recorded.model_name if self.recorded else None,
            "recorded_digest": self.recorded.model_digest if self.recorded else None,
            "query_digest": self.query.model_digest,
            "recipe_digest": self.recorded.recipe_digest if self.recorded else None,
            "query_recipe_digest": self.query.recipe_digest,
            "canary_min_cosine": None,
            "evidence": None,
            "records": self.records,
            "passages": self.passages,
            "in_sync": self.in_sync,
            "findings": list(self.findings),
        }


@dataclass(frozen=True)
class Health:
    """Can this workspace be trusted?"""

    collections: tuple[CollectionHealth, ...]
    index: str
    generation: str
    broken: tuple[BrokenRecord, ...] = ()
    # Scripts that are kept but not in the index, with the reason.
    left_out: Mapping[str, str] = field(default_factory=dict)
    # What is wrong with the workspace as a whole, with the next step.
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether every collection that holds anything matches, is in sync, and nothing was found."""
        return not (self.broken or self.left_out or self.problems) and all(
            (c.state is State.MATCH or c.empty) and c.in_sync and not c.findings for c in self.collections
        )

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "state": "ok" if self.trusted else "attention",
            "index": self.index,
            "generation": self.generation,
            "collections": [c.as_json() for c in self.collections],
            "broken": [{"path": b.path, "cause": b.cause, "next_step": b.next_step} for b in self.broken],
            "left_out": [{"id": script, "reason": reason} for script, reason in self.left_out.items()],
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild made."""

    records: int
    passages: int
    embedded: int
    generation: str
    seconds: float
    left_out: Mapping[str, str] = field(default_factory=dict)

    def of_generation(self, name: str) -> "Rebuilt":
        """The same, of the generation that it became."""
        return replace(self, generation=name)

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "records": self.records,
            "passages": self.passages,
            "embedded": self.embedded,
            "generation": self.generation,
            "seconds": round(self.seconds, 3),
            "left_out": [{"id": script, "reason": reason} for script, reason in self.left_out.items()],
        }


@dataclass(frozen=True)
class Rejected:
    """Something that was not imported, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """What an import did, or with ``dry_run`` would do."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    # Queries of the sources that are questionnaires now, new or known.
    questionnaires: int = 0
    dry_run: bool = False
    # What a person may want to know and need not mend, such as a script that came twice.
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "created": list(self.created),
            "updated": list(self.updated),
            "unchanged": list(self.unchanged),
            "rejected": [{"source": r.source, "reason": r.reason} for r in self.rejected],
            "questionnaires": self.questionnaires,
            "dry_run": self.dry_run,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Exported:
    """A file that an export wrote."""

    scripts: int
    file: str
    # BLAKE3 of the file's bytes.
    digest: str
    # Files among the records that cannot be read, and so are not in the export.
    left_out: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {"scripts": self.scripts, "file": self.file, "digest": self.digest, "left_out": list(self.left_out)}


@dataclass(frozen=True)
class Initialised:
    """A workspace that was made."""

    workspace: str
    sections: tuple[str, ...]
    embedder: str
    records: int

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "workspace": self.workspace,
            "sections": list(self.sections),
            "embedder": self.embedder,
            "records": self.records,
        }
