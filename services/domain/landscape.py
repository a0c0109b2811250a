"""What can be understood of a map: its clusters, what stands alone or twice, what is missing, where a question lies.

Positions are an impression, as everywhere on a map; every distance is a true one of the full space. Scripts and
questionnaires are named by id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from services.domain.scripts import Vectors
from services.domain.separation import NOT_SCORED, Separation, Verdict

# x and y on the map.
Place = tuple[float, float]


@dataclass(frozen=True)
class Cluster:
    """Scripts that lie together on the map. ``number`` is that of ``Map.clusters``: the largest is 0."""

    number: int
    # What its scripts say more than others do, the most telling word first; none where no word sets them apart.
    words: tuple[str, ...]
    # In the order of the map.
    scripts: tuple[str, ...]
    # How many of them are of which section, the most first.
    sections: Mapping[str, int]
    # In the midst of its scripts.
    centre: Place

    @property
    def size(self) -> int:
        """How many scripts it has."""
        return len(self.scripts)

    @property
    def name(self) -> str:
        """'harbour · tide · rope', or its number from 1 on where it has no words."""
        return " · ".join(self.words) or f"Cluster {self.number + 1}"


@dataclass(frozen=True)
class Outliers:
    """Scripts that stand alone: of no cluster, where there are clusters. In the order of the map."""

    scripts: tuple[str, ...] = ()
    # How many of them are of which section, the most first.
    sections: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.scripts)


@dataclass(frozen=True)
class Joined:
    """Two near-duplicates, both on the map, to be joined by a line. As ``services.nearness.Twin`` has it."""

    one: str
    other: str
    # The share of the shorter one's words that they have in common and in order, 0 to 1.
    words: float
    # The cosine distance of their nearest passages; None where words alone have decided.
    distance: float | None
    ends: tuple[Place, Place]


@dataclass(frozen=True)
class Gap:
    """A saved questionnaire for which a section has nothing near."""

    questionnaire: str
    title: str
    section: str
    # Cosine distance of the nearest approved script of the section, and that of the usual questionnaire: the median.
    distance: float
    usual: float
    # Words of its answers that none of the nearest scripts has, the rarest in the corpus first.
    missing: tuple[str, ...]
    # The nearest approved scripts of the section, the nearest first.
    nearest: tuple[str, ...]
    # Among those scripts; None where none of them is on the map.
    position: Place | None
    # Whether an unrelated question would come as near.
    unrelated: bool = False
    # Whether it is much farther than other saved questionnaires are from this section.
    far: bool = False

    @property
    def reason(self) -> str:
        """Why it is one, as a sentence."""
        if self.unrelated:
            return "An unrelated question would come as near."
        return f"Its nearest script is {self.distance:.2f} away, where {self.usual:.2f} is usual."


@dataclass(frozen=True)
class Landscape:
    """All that is understood of one map."""

    # Of the map that it is about, and of everything that it was computed from.
    map_key: str
    basis: str
    # Largest first.
    clusters: tuple[Cluster, ...] = ()
    # Why there are none, as a sentence; empty where there are.
    without_clusters: str = ""
    outliers: Outliers = field(default_factory=Outliers)
    # Scripts that are the same word for word, as groups of two or more, the largest first.
    same: tuple[tuple[str, ...], ...] = ()
    # The lines: each group one script after the other, then pairs that are nearly the same, the most alike first, of
    # each group one script only beside any other. No two are joined of which somebody has said that both are meant.
    joined: tuple[Joined, ...] = ()
    # Whether there are more pairs that are nearly the same than these, which lie nearest.
    more_joined: bool = False
    # Of very many pairs that lie near, among how many of the nearest these were looked for; 0: among all.
    looked_among: int = 0
    # Those that an unrelated question would reach as well first, then by distance, farthest first.
    gaps: tuple[Gap, ...] = ()
    # Why there are none, as a sentence; empty where there are.
    without_gaps: str = ""
    # How many saved questionnaires asked something.
    asked: int = 0
    # Sections that were not asked because another model made their vectors: nothing can be said of gaps there.
    not_asked: tuple[str, ...] = ()
    # Whether gaps are unknown because the questionnaires could not be asked: another try may find them.
    gaps_failed: bool = False
    # Whether they are unknown because asking them costs something, and nobody has said that they are to be asked.
    gaps_unasked: bool = False

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The name of each cluster by its number."""
        return {cluster.number: cluster.name for cluster in self.clusters}

    @cached_property
    def near(self) -> tuple[Joined, ...]:
        """The pairs that are nearly the same: the lines without those within a group."""
        return self.joined[sum(len(group) - 1 for group in self.same) :]

    @property
    def alike(self) -> int:
        """How many there are to look at: groups of the same words, and pairs that are nearly the same."""
        return len(self.same) + len(self.near)


@dataclass(frozen=True)
class Landing:
    """A hit of a question, with where it lies."""

    rank: int
    script: str
    title: str
    section: str
    # The cosine distance in the full space; None where scripts were found by their words alone.
    distance: float | None
    # None where the script is not on the map.
    position: Place | None
    # The words that it shares with the question, where words count.
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class SectionAsked:
    """One section's answer to a question on the map."""

    section: str
    # By rank.
    hits: tuple[Landing, ...] = ()
    # Why it was not asked and what to do about it; empty where it was.
    refusal: str = ""
    next_step: str = ""
    # Whether the distances say anything.
    separation: Separation = NOT_SCORED
    # Whether its hits mean nothing, asked all the same.
    random: bool = False
    # Why only words were compared; empty where distances were.
    without_distances: str = ""


@dataclass(frozen=True, eq=False)
class AskedOnMap:
    """A question put to the corpus, and where on the map that leaves it."""

    map_key: str
    # Empty for one that is not saved.
    questionnaire: str
    title: str
    # The text that was embedded.
    query: str
    # Which embedder asked.
    embedder: str
    # The mean of the positions of the nearest scripts, the nearer ones counting more: an impression.
    position: Place | None
    # Why there is none, as a sentence; empty where there is one.
    without_position: str
    # The scripts that it was placed by, the nearest first.
    placed_by: tuple[str, ...]
    # In the workspace's order.
    sections: tuple[SectionAsked, ...]
    # ``float32[n]``, in the order of the map's scripts: the true distance of each; NaN where it was not asked.
    distances: Vectors = field(default_factory=lambda: np.zeros(0, np.float32))
    # Seconds from the question to the answer.
    seconds: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether no section answered and at least one refused."""
        return any(s.refusal for s in self.sections) and not any(s.hits for s in self.sections)

    @property
    def unrelated(self) -> bool:
        """Whether an unrelated question would come as near in every section that can be judged."""
        verdicts = {s.separation.verdict for s in self.sections} - {None}
        return verdicts == {Verdict.NO_INFORMATION}
