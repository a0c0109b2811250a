"""The map: every script as a point on a plane, near those that are near it in the full space, as far as a plane can."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain.scripts import Vectors

# How many neighbours of a script the map tries to keep beside it, and what its quality is measured over.
NEIGHBOURS = 15
# How points are placed: another number, and no map that was kept before is used any more.
METHOD = "3"
# Fewer points have no clusters: of fewer, no group could be told from chance.
FEWEST_CLUSTERED = 10
# Cluster number of a script that belongs to none.
NONE = -1

Positions = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Drawn(StrEnum):
    """How points got their places."""

    UMAP = "umap"
    # The two directions in which the scripts differ most: at once, and a stand-in until UMAP is ready.
    PCA = "pca"


@dataclass(frozen=True, eq=False)
class Points:
    """What is to be placed, in the order of ids."""

    scripts: tuple[str, ...]
    # ``float32[n, d]``, unit length: of each script the direction of the mean of its passages.
    vectors: Vectors
    # By which it is told that a script's vectors have changed.
    digests: tuple[str, ...]
    model_digest: str
    model_name: str
    # Scripts that cannot be placed, with the reason.
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.scripts)


@dataclass(frozen=True)
class Quality:
    """How far positions can be believed; both from 0 to 1, over a sample of the scripts where they are many.

    ``trustworthiness`` (Venna and Kaski 2001) falls with every script that is near on the map and far in truth,
    ``kept`` is the share of a script's true nearest neighbours that are among as many nearest on the map.
    """

    trustworthiness: float
    kept: float
    neighbours: int
    looked_at: int


@dataclass(frozen=True, eq=False)
class Map:
    """Scripts with their places."""

    # A digest of everything that it was computed from.
    key: str
    drawn: Drawn
    scripts: tuple[str, ...]
    # ``float32[n, 2]``, row i for ``scripts[i]``.
    positions: Positions
    # Of the vectors that each was placed by.
    digests: tuple[str, ...]
    # Which were placed together; the others were put beside their neighbours afterwards.
    fitted: Flags
    # ``int64[n]``: which cluster each belongs to, the largest 0; ``NONE`` for none.
    clusters: Numbers
    model_digest: str
    model_name: str
    # None for fewer scripts than can be near or far.
    quality: Quality | None = None
    # How long it took to place them together.
    seconds: float = 0.0
    # What there is to know about how the points were placed, where that is not as usual: a plain sentence.
    note: str = ""
    # How many scripts were placed together with these and are on it no more.
    gone: int = 0
    method: str = METHOD

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The row of each script."""
        return {script: row for row, script in enumerate(self.scripts)}
