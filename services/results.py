"""What the use cases answer. Frozen; each derived number belongs to the object it is derived from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from services.model_digest import Stamp, State
from services.passages import Passage
from services.questionnaires import Questionnaire
from services.scripts import BrokenRecord, Script, Vectors


@dataclass(frozen=True)
class PassageHit:
    """One passage and its cosine distance from the query."""

    script: str
    ordinal: int
    distance: float


@dataclass(frozen=True, eq=False)
class Scores:
    """Exact distances of one section.

    ``passage_distances`` is ``float32[n]`` over all passages; those of ``scripts[i]`` begin at ``starts[i]``.
    """

    scripts: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    passage_distances: Vectors

    @cached_property
    def distances(self) -> Vectors:
        """``float32[s]``: each script's distance, that of its nearest passage."""
        if not self.scripts:
            return np.zeros(0, np.float32)
        return np.minimum.reduceat(self.passage_distances, self.starts)

    def nearest_passage(self, position: int) -> int:
        """The ordinal, within its script, of the passage that makes the distance of ``scripts[position]``."""
        start = self.starts[position]
        last = position + 1 == len(self.starts)
        end = len(self.passage_distances) if last else self.starts[position + 1]
        return int(np.argmin(self.passage_distances[start:end]))


@dataclass(frozen=True)
class Hit:
    """A retrieved script, with the passage that came nearest."""

    rank: int
    script: Script
    distance: float
    passage: Passage
    passage_text: str


@dataclass(frozen=True)
class ExpectedRank:
    """Where a script that the questionnaire expects came; ``rank`` is None where it was not among the scored."""

    script: str
    title: str
    grade: int
    rank: int | None
    distance: float | None
    # Why it has no rank: "filtered out", "not in the corpus", "not in the index".
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Ranking:
    """One section's answer to a questionnaire."""

    section: str
    state: State
    hits: tuple[Hit, ...] = ()
    # Every scored script by id, nearest first, and its distance.
    scored: tuple[str, ...] = ()
    distances: Vectors = field(default_factory=lambda: np.zeros(0, np.float32))
    expected: tuple[ExpectedRank, ...] = ()
    # Why the section was not asked, where it was not.
    refusal: str = ""
    next_step: str = ""

    @property
    def answered(self) -> bool:
        """Whether the section was asked."""
        return not self.refusal

    @property
    def empty(self) -> bool:
        """Whether the section holds nothing that could have been asked."""
        return self.answered and self.state is State.UNVERIFIED and not self.scored


@dataclass(frozen=True)
class Retrieval:
    """The answer to a questionnaire, section by section."""

    questionnaire: Questionnaire
    query: str
    embedder: str
    stamp: Stamp
    index: str
    sections: Mapping[str, Ranking]
    # Scripts that the questionnaire expects and the corpus does not have.
    unknown_expected: tuple[str, ...]
    # Seconds spent on embedding the query, and on everything else.
    embedding_seconds: float
    search_seconds: float

    @property
    def refused(self) -> bool:
        """Whether something was refused and nothing else could answer: a section without scripts is no answer."""
        asked = [ranking for ranking in self.sections.values() if not ranking.empty]
        return bool(asked) and not any(ranking.answered for ranking in asked)

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "query": self.query,
            "embedder": self.embedder,
            "model_digest": self.stamp.model_digest,
            "index": self.index,
            "sections": {name: _ranking_json(ranking) for name, ranking in self.sections.items()},
            "unknown_expected": list(self.unknown_expected),
        }


def _ranking_json(ranking: Ranking) -> dict[str, Any]:
    return {
        "state": ranking.state.value,
        "refusal": ranking.refusal,
        "next_step": ranking.next_step,
        "scripts_scored": len(ranking.scored),
        "hits": [
            {
                "rank": hit.rank,
                "id": hit.script.id,
                "title": hit.script.title,
                "distance": round(hit.distance, 6),
                "passage": hit.passage_text,
            }
            for hit in ranking.hits
        ],
        "expected": [
            {
                "id": e.script,
                "grade": e.grade,
                "rank": e.rank,
                "distance": None if e.distance is None else round(e.distance, 6),
                "reason": e.reason,
            }
            for e in ranking.expected
        ],
        # The verdict on whether a ranking says anything needs a background; it is not computed yet, and never guessed.
        "separation": {"verdict": None, "value": None},
    }


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
    notes: tuple[str, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether every collection that holds anything matches, is in sync, and nothing was found."""
        return not (self.broken or self.left_out) and all(
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
