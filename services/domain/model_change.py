"""What a change of the model costs, how far it is, and what it moved. Frozen; shapes in ``docs/formats.md``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.domain.model_digest import Stamp
from services.domain.reports import Rebuilt
from services.domain.settings import EmbedderSettings

# Vectors of one text whose cosine is at least this come from one space: what is left between two answers is noise.
SAME_SPACE = 0.999


@dataclass(frozen=True)
class Price:
    """What a provider asks for a model, by its price list of a day."""

    dollars_per_million_tokens: float
    # When the list was read, for people.
    as_of: str


@dataclass(frozen=True)
class Cost:
    """What embedding the scripts with a model would take, counted before anything is sent."""

    stamp: Stamp
    # Tokens of a text that the model reads.
    window: int
    # Whether the model runs on this machine; else every passage is sent to a server.
    local: bool
    scripts: int
    passages: int
    tokens: int
    # Passages among them that were paid for before, and those that the model has to be asked for.
    cached: int
    to_embed: int
    tokens_to_embed: int
    requests: int
    # None where the price, or the time, is not known.
    dollars: float | None
    priced: str
    seconds: float | None

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "model": self.stamp.model_name,
            "model_digest": self.stamp.model_digest,
            "dimensions": self.stamp.dimensions,
            "local": self.local,
            "scripts": self.scripts,
            "passages": self.passages,
            "tokens": self.tokens,
            "cached": self.cached,
            "to_embed": self.to_embed,
            "tokens_to_embed": self.tokens_to_embed,
            "requests": self.requests,
            "dollars": None if self.dollars is None else round(self.dollars, 6),
            "priced": self.priced,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
        }


@dataclass(frozen=True)
class Begun:
    """A change of the model that was begun and has not come to its end."""

    target: EmbedderSettings
    stamp: Stamp
    # Every record, not only those whose vectors were made in another way.
    everything: bool
    # In UTC, as ISO 8601.
    started: str
    # Why it stopped; empty while it is under way, and where its process was killed.
    stopped: str = ""
    # Name of the cache's space that holds the new vectors; empty where those of the records were enough.
    space: str = ""
    # Whether vectors that records carried before may be used.
    of_records: bool = False
    # What the workspace asked with before.
    before: EmbedderSettings | None = None

    def as_json(self) -> dict[str, Any]:
        """Every field under its name."""
        return asdict(self)

    @classmethod
    def of_json(cls, value: Any) -> "Begun":
        """What ``as_json`` made. Raises ``KeyError`` or ``TypeError`` where it is something else."""
        given = dict(value)
        before = EmbedderSettings(**given["before"]) if given.get("before") else None
        target, stamp = EmbedderSettings(**given["target"]), Stamp(**given["stamp"])
        return cls(**{**given, "target": target, "stamp": stamp, "before": before})


@dataclass(frozen=True)
class Moved:
    """Where an expected script came before and after; None: nowhere."""

    questionnaire: str
    section: str
    script: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Comparison:
    """How the answers to the saved questionnaires moved with the model."""

    before: str
    after: str
    top_k: int
    questionnaires: int = 0
    # Mean share of the first ``top_k`` scripts that both models name, by section.
    overlap: Mapping[str, float] = field(default_factory=dict)
    expected: Sequence[Moved] = ()
    # Why the two could not be compared, where they could not.
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {**asdict(self), "overlap": dict(self.overlap), "expected": [asdict(moved) for moved in self.expected]}

    @classmethod
    def of_json(cls, value: Any) -> "Comparison":
        """What ``as_json`` made. Raises ``KeyError`` or ``TypeError`` where it is something else."""
        given = dict(value)
        return cls(**{**given, "expected": tuple(Moved(**moved) for moved in given["expected"])})


@dataclass(frozen=True)
class Outcome:
    """The last change of the model: from what, to what, when, and how the answers moved."""

    before: EmbedderSettings
    after: EmbedderSettings
    finished: str
    rebuilt: Rebuilt
    comparison: Comparison | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "before": asdict(self.before),
            "after": asdict(self.after),
            "finished": self.finished,
            "rebuilt": asdict(self.rebuilt),
            "comparison": self.comparison.as_json() if self.comparison else None,
        }

    @classmethod
    def of_json(cls, value: Any) -> "Outcome":
        """What ``as_json`` made. Raises ``KeyError`` or ``TypeError`` where it is something else."""
        compared = value["comparison"]
        return cls(
            EmbedderSettings(**value["before"]),
            EmbedderSettings(**value["after"]),
            str(value["finished"]),
            Rebuilt(**value["rebuilt"]),
            None if compared is None else Comparison.of_json(compared),
        )


@dataclass(frozen=True)
class Contents:
    """What a generation of the index was filled with."""

    model_name: str
    model_digest: str
    passages: int


@dataclass(frozen=True)
class Generation:
    """One complete build of the stored index."""

    name: str
    # None where it was built before this was written down.
    contents: Contents | None
    # In local time, as ISO 8601 without a zone.
    made: str
    current: bool = False

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        contents = asdict(self.contents) if self.contents else {"model_name": "", "model_digest": "", "passages": None}
        return {"name": self.name, **contents, "made": self.made, "current": self.current}
