"""What places many points at once, and what keeps the places."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from services.domain.maps import Map, Numbers, Positions, Quality
from services.domain.scripts import Vectors
from services.ground.progress import Report


@dataclass(frozen=True, eq=False)
class Fitted:
    """``float32[n, 2]`` positions, ``int64[n]`` cluster numbers, and how far they can be believed."""

    positions: Positions
    clusters: Numbers
    quality: Quality | None


class Fitter(Protocol):
    """Places points by UMAP and finds their clusters, in a process of its own: a page is never kept waiting by it."""

    def fit(self, vectors: Vectors, start: Positions, report: Report, *, settled: bool = False) -> Fitted:
        """Place ``float32[n, d]`` from ``float32[n, 2]`` on: the same input gives the same picture.

        ``settled``: the start is a map that people know, and is to be kept as far as what has changed allows.

        Raises:
            MapFailed: the process died or cannot be started.
            StorageFailed: the disk said no to what is written meanwhile.
            Cancelled: somebody said stop; the process has ended.
        """

    def several(self) -> AbstractContextManager["Fitter"]:
        """One for several fits in a row: what takes long to load is loaded for the first, and let go of afterwards."""


class MapStore(Protocol):
    """Keeps maps. Derived: losing them costs time only. Those of another method are as if they were not there."""

    def get(self, key: str) -> Map | None:
        """The map of this key; None where it is not kept, or is damaged. It is the last one from then on."""

    def last(self, model_digest: str, but: str = "") -> Map | None:
        """The one of this model that was kept or asked for last, to begin the next from; not that of key ``but``."""

    def put(self, made: Map) -> None:
        """Keep it, atomically. Raises ``StorageFailed``."""
