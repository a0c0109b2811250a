"""Two maps side by side: the scripts as two models read them, or as they were and are, and what moved between them.

Positions are an impression, as everywhere on a map; neighbours and distances are true ones of the full space.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from services.domain.maps import Map, Positions
from services.domain.scripts import Record, Vectors

# From this cosine distance between their middles on. Of the demo's questionnaires it is 0.45 with the right model, as
# much with the same one in 8 bits, and 0.96 with another one; but of ten about taxes 0.91 with the right one.
_NOTHING_IN_COMMON = 0.8


@dataclass(frozen=True)
class Side:
    """What is to be seen on one side."""

    # Whose vectors the scripts have: an embedder by its name; empty for those that they carry.
    embedder: str = ""
    # The scripts as they were after this commit; empty for those of now.
    commit: str = ""
    # Which embedder asks the saved questionnaires; empty where they are not shown.
    asked_by: str = ""


@dataclass(frozen=True, eq=False)
class Questions:
    """Questionnaires to be placed with the scripts. ``vectors`` are ``float32[q, d]`` of unit length, as they ask."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    vectors: Vectors
    # ``float32[q, d]`` of unit length: what they say, without the sentence that all are asked in. It places them.
    meant: Vectors
    model_digest: str
    model_name: str
    # Whether a few scripts read anew by the model that asks have the vectors that they carry; None where nobody looked.
    reads_alike: bool | None = None


@dataclass(frozen=True, eq=False)
class Asked:
    """The questionnaires on one side."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    # ``float32[q, 2]``, on the map of their side.
    positions: Positions
    # ``float32[q]``: of each the distance of the nearest script that would be retrieved, and which that is; NaN and
    # empty where there is none.
    nearest: Vectors
    nearest_scripts: tuple[str, ...]
    # Of the model that asks.
    model_name: str
    # Whether the model that asks has embedded the scripts: if not, the distances mean nothing.
    same_model: bool
    # As ``Questions`` has it.
    reads_alike: bool | None
    # How far a questionnaire usually is from its nearest script, and a passage of a script from the nearest other one:
    # medians, both taken as retrieval takes the distance of a script. None where there is no script.
    usual: float | None
    usual_of_passages: float | None
    # The cosine distance between the middle of all questionnaires and that of all scripts: about 1 where they have
    # nothing to do with each other.
    middles: float

    @property
    def apart(self) -> bool:
        """Whether another model asks that reads nothing as that of the scripts does: what is nearest is chance.

        Two builds of one model, with digests of their own, are not apart, even if no script has what is asked for.
        Where nobody has looked, it is taken from how little questionnaires and scripts have in common.
        """
        if self.same_model:
            return False
        return self.middles >= _NOTHING_IN_COMMON if self.reads_alike is None else not self.reads_alike


@dataclass(frozen=True, eq=False)
class Seen:
    """One side, drawn."""

    side: Side
    map: Map
    # The scripts that are drawn, as they are there; without their vectors.
    records: Mapping[str, Record] = field(default_factory=dict)
    # Scripts that cannot be placed, with the reason.
    left_out: Mapping[str, str] = field(default_factory=dict)
    # None where nobody asks, or cannot; then why not.
    asked: Asked | None = None
    not_asked: str = ""


@dataclass(frozen=True)
class Moved:
    """A script that is on both sides."""

    script: str
    # The share of its true nearest neighbours before that are not among as many nearest after, 0 to 1.
    lost: float
    # How far apart its two places are on the aligned maps, where 1 is the radius of the first: an impression, and of
    # one or two scripts not even that, which always can be turned onto each other.
    way: float
    # Whether its own vectors are others. If not, only what is around it has changed.
    itself: bool


@dataclass(frozen=True, eq=False)
class Compared:
    """Both sides, the second laid over the first."""

    before: Seen
    after: Seen
    # Every script of both, those that lost most neighbours first, then those that went farthest.
    moved: tuple[Moved, ...]
    # Over so many nearest among the scripts of both; 0 where there are too few to tell, which are fewer than three.
    neighbours: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    @cached_property
    def lost(self) -> float | None:
        """The mean share of true neighbours that a script has lost; None where that cannot be told."""
        return float(np.mean([one.lost for one in self.moved])) if self.moved and self.neighbours else None

    @cached_property
    def same_scripts(self) -> bool:
        """Whether both sides have the same scripts with the same vectors, so that nothing can have moved."""
        return not (self.only_before or self.only_after or any(one.itself for one in self.moved))
