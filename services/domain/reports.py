"""What the other use cases report: a sync, a rebuild, an import, an export. Frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


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
    # Queries of the sources that are questionnaires now, new or known; or those that judgements or rankings are of.
    questionnaires: int = 0
    # Judgements of the sources that are kept now, new or known.
    judgements: int = 0
    # The ids of the runs that rankings became.
    runs: tuple[str, ...] = ()
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
            "judgements": self.judgements,
            "runs": list(self.runs),
            "dry_run": self.dry_run,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Exported:
    """A file that an export wrote."""

    scripts: int
    file: str
    # BLAKE3 of the file's bytes; of a folder, a chain over those of its files.
    digest: str
    # Files among the records that cannot be read, and so are not in the export.
    left_out: tuple[str, ...] = ()
    # Of a test collection.
    questionnaires: int = 0
    judgements: int = 0
    # What a person may want to know, such as what the format cannot hold.
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "scripts": self.scripts,
            "file": self.file,
            "digest": self.digest,
            "left_out": list(self.left_out),
            "questionnaires": self.questionnaires,
            "judgements": self.judgements,
            "notes": list(self.notes),
        }


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
