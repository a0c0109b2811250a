"""The vectors of one section in memory, and exact distances from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.domain.directions import unit
from services.domain.results import PassageHit, Scores
from services.domain.scripts import Record, Vectors
from services.domain.separation import Background


@dataclass(frozen=True, eq=False)
class Rows:
    """What an index holds of one script: the digest of its record and ``float32[p, d]``, in passage order."""

    digest: str
    values: Vectors


@dataclass(frozen=True, eq=False)
class SectionMatrix:
    """All passages of a section as unit vectors, ``float32[n, d]``; those of ``scripts[i]`` begin at ``starts[i]``."""

    scripts: tuple[str, ...]
    starts: np.ndarray[tuple[int], np.dtype[np.int64]]
    values: Vectors

    @classmethod
    def of(cls, rows: Mapping[str, Rows]) -> "SectionMatrix":
        """Stack the rows of each script, in the order of ids: the same whatever the order of writing."""
        rows = dict(sorted(rows.items()))
        if not rows:
            return cls((), np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
        counts = np.array([len(r.values) for r in rows.values()], np.int64)
        values = np.concatenate([r.values for r in rows.values()])
        return cls(tuple(rows), np.concatenate([[0], np.cumsum(counts)[:-1]]), unit(values))

    def score(self, vector: Vectors) -> Scores:
        """Exact cosine distances of every passage: 1 - cosine similarity, clipped at 0 against rounding."""
        if not self.scripts:
            return Scores((), self.starts, np.zeros(0, np.float32), self.background)
        # Row by row on one core: the threads of a matrix product cost more than they bring where others work too.
        similarity = np.vecdot(self.values, unit(vector[np.newaxis])[0])
        distances = np.maximum(0.0, 1.0 - similarity).astype(np.float32, copy=False)
        return Scores(self.scripts, self.starts, distances, self.background)

    @cached_property
    def background(self) -> Background:
        """What these vectors give any question; measured when the first ranking is judged."""
        return Background(self.values, self.starts)

    def nearest(self, vector: Vectors, passages: int) -> list[PassageHit]:
        """The nearest passages, nearest first."""
        distances = self.score(vector).passage_distances
        count = min(passages, len(distances))
        if count == 0:
            return []
        near = np.argpartition(distances, count - 1)[:count]
        near = near[np.argsort(distances[near], kind="stable")]
        owners = np.searchsorted(self.starts, near, side="right") - 1
        return [
            PassageHit(self.scripts[owner], int(row - self.starts[owner]), float(distances[row]))
            for row, owner in zip(near, owners, strict=True)
        ]


def rows_of(records: Iterable[Record]) -> dict[str, Rows]:
    """The rows of records that have vectors."""
    return {r.script.id: Rows(r.digest, r.vectors.values) for r in records if r.vectors is not None}
