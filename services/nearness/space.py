"""The vectors of many scripts as one matrix, made when it is asked for first."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain.directions import unit
from services.domain.scripts import Record, Vectors, VectorSet
from services.ground.progress import Report

_TILE = 2048
_AXES = 64
# Above this share of pairs that could be near, one whole product is faster than each pair alone.
_MANY = 0.005

Owners = npt.NDArray[np.int64]


class Space:
    """The scripts whose vectors are of one model. Making it costs nothing."""

    def __init__(self, records: Mapping[str, Record], model_digest: str = "") -> None:
        """``model_digest`` empty: the one that most records are in."""
        self._records, self._named = records, model_digest

    @cached_property
    def model_digest(self) -> str:
        """Names the vector space."""
        return self._named or _usual(self._records.values())

    @cached_property
    def sets(self) -> Mapping[str, VectorSet]:
        """The vectors by script, in the order of the records."""
        held = {i: r.vectors for i, r in self._records.items() if self.fits(r.vectors)}
        return {i: v for i, v in held.items() if v is not None}

    @cached_property
    def ids(self) -> list[str]:
        """The scripts that have vectors."""
        return list(self.sets)

    def fits(self, vectors: VectorSet | None) -> bool:
        """Whether these are of the space."""
        return vectors is not None and vectors.stamp.model_digest == self.model_digest

    def distances(self, vectors: VectorSet) -> Vectors:
        """``float32[n]``, of every script that has vectors; of none where these are of another model."""
        if not self.ids or not self.fits(vectors):
            return np.zeros(0 if not self.fits(vectors) else len(self.ids), np.float32)
        starts, _, values = self._matrix
        best = np.full(len(values), -1.0, np.float32)
        asked = unit(body(vectors))
        for start in range(0, len(asked), _AXES):
            np.maximum(best, (asked[start : start + _AXES] @ values.T).max(axis=0), out=best)
        nearest: Vectors = np.maximum(0.0, 1.0 - np.maximum.reduceat(best, starts)).astype(np.float32)
        return nearest

    def near_pairs(self, most: float, report: Report) -> Mapping[tuple[str, str], float]:
        """Pairs of scripts at most so far apart, in the order of the scripts, each with its distance."""
        _, owners, values = self._matrix
        keys, cosines = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for rows, columns, found in _near(values, 1.0 - most, report):
            first, second = owners[rows], owners[columns]
            apart = first != second
            pairs = np.minimum(first, second)[apart] * len(self.ids) + np.maximum(first, second)[apart]
            kept, best = _best(pairs, found[apart])
            keys.append(kept)
            cosines.append(best)
        made, best = _best(np.concatenate(keys), np.concatenate(cosines))
        far, ids = np.maximum(0.0, 1.0 - best).tolist(), self.ids
        places = (divmod(key, len(ids)) for key in made.tolist())
        return {(ids[one], ids[other]): distance for (one, other), distance in zip(places, far, strict=True)}

    def nearest_pairs(
        self, among: Collection[str], most: float, count: int, report: Report
    ) -> tuple[list[tuple[str, str, float]], bool]:
        """Pairs of these scripts at most ``most`` apart, nearest first; ``count`` of them, and whether there are more.

        However many there are, no more are held at a time than are told and one tile of comparisons.
        """
        _, owners, values = self._matrix
        chosen = np.isin(owners, [place for place, script in enumerate(self.ids) if script in among])
        owners, least = owners[chosen], 1.0 - most
        keys, cosines, more = np.zeros(0, np.int64), np.zeros(0, np.float32), False
        for rows, columns, found in _near(values[chosen], least, report):
            first, second = owners[rows], owners[columns]
            # Once there are enough, only what is nearer than the farthest of them.
            kept = (first != second) & (found > cosines.min() if len(keys) == count else found >= least)
            more = more or bool(len(keys) == count and (first != second).sum() > kept.sum())
            pairs = np.minimum(first, second)[kept] * len(self.ids) + np.maximum(first, second)[kept]
            keys, cosines = _best(np.concatenate([keys, pairs]), np.concatenate([cosines, found[kept]]))
            if len(keys) > count:
                more, order = True, np.argsort(-cosines, kind="stable")[:count]
                keys, cosines = keys[order], cosines[order]
        order = np.lexsort((keys, -cosines))
        told = zip(keys[order].tolist(), np.maximum(0.0, 1.0 - cosines[order]).tolist(), strict=True)
        places = ((*divmod(key, len(self.ids)), far) for key, far in told)
        return [(self.ids[one], self.ids[other], far) for one, other, far in places], more

    def between(self, one: str, other: str) -> float:
        """How far two scripts are apart; NaN where one has no vectors."""
        if one not in self.sets or other not in self.sets:
            return float("nan")
        return max(0.0, float(1.0 - (unit(body(self.sets[one])) @ unit(body(self.sets[other])).T).max()))

    @cached_property
    def _matrix(self) -> tuple[Owners, Owners, Vectors]:
        """Where each script's rows start, whose each row is, and the rows: ``float32[p, d]``, unit vectors."""
        bodies = [body(v) for v in self.sets.values()]
        counts = [len(b) for b in bodies]
        starts = np.cumsum([0, *counts])[:-1].astype(np.int64)
        values: Vectors = unit(np.concatenate(bodies)) if bodies else np.zeros((0, 1), np.float32)
        return starts, np.repeat(np.arange(len(bodies)), counts), values


def body(vectors: VectorSet) -> Vectors:
    """``float32[p, d]``: its body passages, or its card where it has none."""
    bodies = [i for i, passage in enumerate(vectors.passages) if passage.kind == "body"]
    return vectors.values[bodies] if bodies else vectors.values


def _usual(records: Iterable[Record]) -> str:
    """The model digest that most records carry."""
    counted = Counter(r.vectors.stamp.model_digest for r in records if r.vectors is not None)
    return counted.most_common(1)[0][0] if counted else ""


def _best(pairs: Owners, cosines: Vectors) -> tuple[Owners, Vectors]:
    """Each pair once, with the largest of its cosines."""
    if not len(pairs):
        return pairs, cosines
    order = np.argsort(pairs, kind="stable")
    kept, starts = np.unique(pairs[order], return_index=True)
    return kept, np.maximum.reduceat(cosines[order], starts)


def _near(values: Vectors, least: float, report: Report) -> Iterator[tuple[Owners, Owners, Vectors]]:
    """Pairs of rows with a cosine of ``least`` or more, each pair once: row numbers, column numbers, cosines.

    Every cosine is bounded by its part in the strongest axes plus the product of what remains of either row (Cauchy and
    Schwarz), so that only few are computed in full and none is missed.
    """
    bounds, tiles, done = _bounds(values), -(-len(values) // _TILE), 0
    for top in range(0, len(values), _TILE):
        for left in range(top, len(values), _TILE):
            report("Comparing every script with every other", done, tiles * (tiles + 1) // 2)
            done += 1
            rows, columns = np.nonzero(bounds[top : top + _TILE] @ bounds[left : left + _TILE].T >= least - 1e-3)
            if not len(rows):
                continue
            if len(rows) > _MANY * _TILE * _TILE:
                whole = values[top : top + _TILE] @ values[left : left + _TILE].T
                cosines = whole[rows, columns]
            else:
                cosines = np.vecdot(values[rows + top], values[columns + left])
            kept = (cosines >= least) & (rows + top < columns + left)
            yield rows[kept] + top, columns[kept] + left, cosines[kept]


def _bounds(values: Vectors) -> Vectors:
    """``float32[n, _AXES + 1]`` whose products are never below the cosines; the values themselves if they are few."""
    if values.shape[1] <= _AXES:
        return values
    _, axes = np.linalg.eigh(values.T @ values)
    strong = values @ axes[:, -_AXES:]
    rest = np.sqrt(np.maximum(0.0, 1.0 - np.vecdot(strong, strong)))
    return np.hstack([strong, rest[:, np.newaxis]]).astype(np.float32)
