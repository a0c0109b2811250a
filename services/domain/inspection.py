"""What is found in a store that somebody else made, and what is said of it. Frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.domain.model_digest import State
from services.domain.scripts import Vectors

# As many names as a sentence carries.
_NAMES = 5
# Enough to tell 0.9999 from 0.999, and no more than float32 knows.
_DIGITS = 6
# What is called half where it is not exactly that.
_HALF = 0.05


@dataclass(frozen=True)
class StoredCollection:
    """A collection of a Chroma folder, or a table with a vector column, as its store describes it.

    ``distance`` is ``cosine``, ``l2``, ``ip`` or empty where the store names none. ``claims`` is what the store says of
    the model that made the vectors, by where it says so (``embedding_function``, ``metadata.model``, …).
    """

    name: str
    count: int
    dimensions: int
    distance: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class StoredRows:
    """Rows of a collection: ``vectors`` is ``float32[n, d]``, row i belongs to ``ids[i]`` and ``documents[i]``.

    A document that is missing or no text is None; a vector that is missing is NaN throughout.
    """

    ids: tuple[str, ...]
    documents: tuple[str | None, ...]
    vectors: Vectors
    metadatas: tuple[Mapping[str, str], ...]

    @property
    def passages(self) -> bool:
        """Whether these are scripts cut into passages, as an index holds them that Scriptorium built."""
        pieces = zip((told.get("script", "") for told in self.metadatas), self.ids, strict=True)
        return bool(self.ids) and all(script and row_id.rpartition("#")[0] == script for script, row_id in pieces)


class Origin(StrEnum):
    """Who made the vectors of a collection, as far as the sample tells."""

    ONE = "one model"
    NEAR = "nearly one model"
    MIXED = "mixed"
    NONE = "none of the models"
    UNKNOWN = "not compared"
    EMPTY = "empty"


@dataclass(frozen=True)
class Comparison:
    """A collection's stored vectors beside those that one embedder makes of the same documents.

    ``lowest`` and ``median`` are cosines, None where nothing was compared; ``reason`` says why.
    """

    embedder: str
    model: str
    compared: int = 0
    # Those whose cosine is at least ``cosine_attention``.
    same: int = 0
    lowest: float | None = None
    median: float | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        return {
            "embedder": self.embedder,
            "model": self.model,
            "compared": self.compared,
            "same": self.same,
            "lowest": _rounded(self.lowest),
            "median": _rounded(self.median),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class ClaimInspection:
    """What a store says of the model, and whether that is so: ``holds`` is None where it cannot be checked.

    ``model`` is the model that is meant, by a name short enough to read: never a whole digest.
    """

    where: str
    says: str
    holds: bool | None
    reason: str = ""
    model: str = ""

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        return {"where": self.where, "says": self.says, "holds": self.holds, "reason": self.reason}


@dataclass(frozen=True)
class Finding:
    """Something about a collection that is worth knowing; ``attention`` where it makes retrieval worse.

    ``kind`` is one of ``comparison``, ``claim``, ``mixture``, ``documents``, ``vectors``, ``length``, ``duplicates``,
    ``bunching``, ``unread``.
    """

    kind: str
    text: str
    attention: bool = False


@dataclass(frozen=True)
class CollectionInspection:
    """One collection, inspected."""

    name: str
    state: State
    origin: Origin
    dimensions: int
    # How many rows the collection holds, and at how many of them it was looked.
    documents: int
    looked_at: int
    distance: str
    # None where no vector can be measured.
    normalised: bool | None
    # The model and the embedder's name of ``origin``; of a mixture those that made most of it. Else empty.
    model: str = ""
    embedder: str = ""
    comparisons: tuple[Comparison, ...] = ()
    claims: tuple[ClaimInspection, ...] = ()
    # Of a mixture: how large a part of what was compared that model made, between 0 and 1.
    share: float | None = None
    # Of a mixture: the model that made the rest, where one that is configured did.
    other: str = ""
    # Of a mixture: ids of rows that ``model`` did not make, 20 at most, and how many such rows were found.
    strangers: tuple[str, ...] = ()
    stranger_count: int = 0
    # Whether it holds scripts cut into passages, as an index does that Scriptorium built.
    passages: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def matches(self) -> Mapping[str, float]:
        """The lowest cosine by embedder, of those that could be compared."""
        return {c.embedder: c.lowest for c in self.comparisons if c.lowest is not None}

    @property
    def attention(self) -> bool:
        """Whether anything here is not as it should be. An empty collection is."""
        sound = self.state is State.MATCH or self.origin is Origin.EMPTY
        return not sound or any(finding.attention for finding in self.findings)

    @property
    def false_claims(self) -> tuple[ClaimInspection, ...]:
        """What the store says of the model and is not so."""
        return tuple(claim for claim in self.claims if claim.holds is False)

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        return {
            "name": self.name,
            "state": self.state.value,
            "origin": self.origin.value,
            "model": self.model,
            "embedder": self.embedder,
            "dimensions": self.dimensions,
            "documents": self.documents,
            "looked_at": self.looked_at,
            "matches": {name: round(cosine, _DIGITS) for name, cosine in self.matches.items()},
            "comparisons": [comparison.as_json() for comparison in self.comparisons],
            "claims": [claim.as_json() for claim in self.claims],
            "share": _rounded(self.share),
            "strangers": list(self.strangers),
            "normalised": self.normalised,
            "distance": self.distance,
            "attention": self.attention,
            "findings": [finding.text for finding in self.findings],
        }


@dataclass(frozen=True)
class Inspection:
    """A store that somebody else made, inspected. ``kind`` says what it is, as ``StrangerStore.kind``."""

    kind: str
    collections: tuple[CollectionInspection, ...]

    @property
    def attention(self) -> bool:
        """Whether anything is not as it should be, or there is nothing to judge by."""
        full = [c for c in self.collections if c.origin is not Origin.EMPTY]
        return not full or any(collection.attention for collection in full)

    @property
    def verdict(self) -> str:
        """One sentence in plain words for the whole store."""
        if not self.collections:
            return f"The {self.kind} holds no collection."
        by_ending: dict[tuple[str, str], list[str]] = {}
        # What is broken comes first.
        for collection in sorted(self.collections, key=lambda found: found.origin is not Origin.MIXED):
            by_ending.setdefault(_ending(collection), []).append(collection.name)
        parts = [_part(names, *endings) for endings, names in by_ending.items()]
        told = f"{'; '.join(parts)}."
        # A name stays as its store writes it.
        mixed = any(collection.origin is Origin.MIXED for collection in self.collections)
        return f"{told[0].upper()}{told[1:]}" if mixed else told

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        return {
            "verdict": self.verdict,
            "kind": self.kind,
            "attention": self.attention,
            "collections": [collection.as_json() for collection in self.collections],
        }


def _part(names: Sequence[str], one: str, many: str) -> str:
    """A sentence of the verdict: what is said of several in one breath starts with their names."""
    if not many:
        return one
    return f"{listed(names)} {one if len(names) == 1 else many}"


def _ending(collection: CollectionInspection) -> tuple[str, str]:
    """How the verdict goes on after the name of one collection, and after those of several.

    Of a mixture it is the whole sentence, and nothing for several.
    """
    said = {
        Origin.ONE: f"embedded by {collection.model}",
        Origin.NEAR: f"embedded by something close to {collection.model}, but not by it",
        Origin.NONE: "embedded by none of the configured models",
    }
    if collection.origin is Origin.MIXED:
        return mixture(collection), ""
    endings = {
        Origin.UNKNOWN: ("could not be checked", "could not be checked"),
        Origin.EMPTY: ("is empty", "are empty"),
        **{origin: (f"was {words}", f"were {words}") for origin, words in said.items()},
    }
    one, many = endings[collection.origin]
    if not collection.false_claims:
        return one, many
    claimed = listed(list(dict.fromkeys(claim.model for claim in collection.false_claims)))
    return f"{one}, though it claims {claimed}", f"{many}, though they claim {claimed}"


def mixture(collection: CollectionInspection) -> str:
    """In plain words how much of a mixture another model made, and which where that is known."""
    whose = f": {collection.other} instead of {collection.model}" if collection.other else f" than {collection.model}"
    return f"{fraction(1 - (collection.share or 0))} of {collection.name} was embedded by another model{whose}"


def fraction(share: float) -> str:
    """A share of a mixture as people say it: half where it is about that."""
    if abs(share - 0.5) > _HALF:
        return portion(share)
    return "half" if share == 0.5 else "about half"  # noqa: PLR2004


def portion(share: float) -> str:
    """A share of a mixture in words, never rounded to all of it or nothing."""
    if share > 0.99:  # noqa: PLR2004
        return "more than 99%"
    return "less than 1%" if share < 0.01 else f"about {share:.0%}"  # noqa: PLR2004


def listed(known: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c', and of more than a few only how many more there are."""
    shown = known if len(known) <= _NAMES else [*known[: _NAMES - 1], f"{len(known) - _NAMES + 1} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
