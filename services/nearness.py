"""How near scripts are to one another: neighbours by section, near-duplicates by vectors and by words.

Everything is computed exactly from the vectors that records carry; a script is as near to another one as their nearest
body passages (their cards where one has no body passage).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain.alike import FEWEST_SHARED, Shingles, shared, words_of
from services.domain.scripts import Record, Script, Status, Vectors, VectorSet
from services.domain.section_guess import TellingApart, features
from services.ports import Catalogue

# Near-duplicates share at least half of the shorter one's words in runs, and some passages lie this near. No two of the
# demo's 92 distinct scripts share more than 3 % of their words, and the nearest two lie 0.28 apart; copies with 5, 10
# and 20 % of the words replaced at random share at least 93, 85 and 67 %, and lie at most 0.11, 0.15 and 0.22 apart; a
# third of a script cut out shares 99 %, at most 0.38 apart.
WORDS_SHARED = FEWEST_SHARED
DISTANCE = 0.45
# Of the demo's scripts, each asked as if it were new, these give a focus area that the practitioner gave too for 42 %,
# with a mean sureness of 0.44: the sureness is how often such a suggestion is right.
_NEIGHBOURS = 8
_WARMTH = 0.1
_TILE = 2048
_AXES = 64
# Above this share of pairs that could be near, one whole product is faster than each pair alone.
_MANY = 0.005

Owners = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Neighbour:
    """A script near another one; ``distance`` is the cosine distance, 0 to 2."""

    id: str
    section: str
    distance: float


@dataclass(frozen=True)
class Twin:
    """A near-duplicate: ``words`` is the share of words in common and in order, 0 to 1; ``distance`` as above.

    ``words`` is of the shorter text's words, so that a text within a longer one is found. ``distance`` is NaN where one
    of the two has no vectors of this model: then words alone have decided.
    """

    id: str
    words: float
    distance: float


@dataclass(frozen=True)
class Suggestion:
    """A value that the neighbours suggest, and how sure they are, 0 to 1."""

    value: str
    sureness: float


class Nearness:
    """Answers for one catalogue. Make it once for a catalogue and keep it: it holds all vectors as one matrix."""

    def __init__(self, catalogue: Catalogue, model_digest: str = "") -> None:
        """``model_digest`` names the vector space; empty: the one that most records are in."""
        self._records = catalogue.records
        self.model_digest = model_digest or _usual(catalogue.records.values())
        held = {i: r.vectors for i, r in catalogue.records.items() if self._fits(r.vectors)}
        self._sets: dict[str, VectorSet] = {i: v for i, v in held.items() if v is not None}
        self._ids = list(self._sets)
        bodies = [body(v) for v in self._sets.values()]
        counts = [len(b) for b in bodies]
        self._starts = np.cumsum([0, *counts])[:-1].astype(np.int64)
        self._owners: Owners = np.repeat(np.arange(len(bodies)), counts)
        self._values: Vectors = unit(np.concatenate(bodies)) if bodies else np.zeros((0, 1), np.float32)
        self._words: dict[str, tuple[str, ...]] = {}

    def neighbours(self, vectors: VectorSet, *, without: str = "", most: int = 5) -> Mapping[str, Sequence[Neighbour]]:
        """The nearest scripts of each section, nearest first."""
        found: dict[str, list[Neighbour]] = defaultdict(list)
        distances = self._distances(vectors)
        for position in np.argsort(distances, kind="stable").tolist():
            script = self._records[self._ids[position]].script
            if script.id != without and len(found[script.section]) < most:
                found[script.section].append(Neighbour(script.id, script.section, float(distances[position])))
        return {section: near for section, near in found.items() if near}

    def twins(self, script: Script, vectors: VectorSet | None) -> Sequence[Twin]:
        """Other scripts that are near-duplicates of this one, the most alike first; never itself (by id)."""
        words, near = words_of(script.text), {}
        if vectors is not None and self._fits(vectors):
            distances = self._distances(vectors)
            for position in np.flatnonzero(distances <= DISTANCE).tolist():
                near[self._ids[position]] = float(distances[position])
            others = self._shingles_of_the_rest.candidates(words)
        else:
            others = self._shingles.candidates(words)
        near.update(dict.fromkeys(others, math.nan))
        near.pop(script.id, None)
        twins = (Twin(i, shared(words, self._words_of(i)), distance) for i, distance in near.items())
        return sorted((t for t in twins if t.words >= WORDS_SHARED), key=lambda t: (-t.words, t.id))

    def all_twins(self) -> Sequence[tuple[str, Twin]]:
        """Every pair of near-duplicates among approved and draft scripts, each once, the most alike first."""
        pairs = {(self._ids[a], self._ids[b]): distance for (a, b), distance in self._near_pairs().items()}
        for one in self._rest:
            for other in self._shingles.candidates(self._words_of(one)):
                if other != one and (other, one) not in pairs:
                    pairs[one, other] = math.nan
        found = []
        for (one, other), distance in pairs.items():
            if self._in_use(one) and self._in_use(other):
                words = shared(self._words_of(one), self._words_of(other))
                if words >= WORDS_SHARED:
                    found.append((min(one, other), Twin(max(one, other), words, distance)))
        return sorted(found, key=lambda pair: (-pair[1].words, pair[0], pair[1].id))

    def section(self, vectors: VectorSet, *, without: str = "") -> Suggestion | None:
        """The section that the scripts suggest; None where fewer than two sections have scripts to compare with.

        Weighed by what tells the sections apart, see ``telling_apart``: the nearest neighbours of a script share its
        subject, not its section (of the demo's scripts, the eight nearest ones name the right section for a quarter).
        """
        if not self._fits(vectors):
            return None
        found = self._telling_apart(without).guess(features(unit(body(vectors))))
        return Suggestion(*found) if found else None

    def focus_areas(self, vectors: VectorSet, *, section: str = "", without: str = "") -> Sequence[Suggestion]:
        """Focus areas that the nearest scripts suggest, the surest first; of one section's scripts where it is named.

        The sureness of an area is the share of closeness of the neighbours that have it.
        """
        distances = self._distances(vectors)
        admitted = [
            p
            for p in np.argsort(distances, kind="stable").tolist()
            if self._ids[p] != without and section in ("", self._records[self._ids[p]].script.section)
        ][:_NEIGHBOURS]
        if not admitted:
            return ()
        weights = np.exp((distances[admitted[0]] - distances[admitted]) / _WARMTH)
        shares: Counter[str] = Counter()
        for position, weight in zip(admitted, (weights / weights.sum()).tolist(), strict=True):
            for area in self._records[self._ids[position]].script.focus_areas:
                shares[area] += weight
        ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Suggestion(area, min(1.0, share)) for area, share in ordered)

    def _fits(self, vectors: VectorSet | None) -> bool:
        return vectors is not None and vectors.stamp.model_digest == self.model_digest

    def _in_use(self, script_id: str) -> bool:
        return self._records[script_id].script.status is not Status.RETIRED

    def _words_of(self, script_id: str) -> tuple[str, ...]:
        if script_id not in self._words:
            self._words[script_id] = words_of(self._records[script_id].script.text)
        return self._words[script_id]

    def _distances(self, vectors: VectorSet) -> Vectors:
        """``float32[n]``, of every script that has vectors; of none where these are of another model."""
        if not self._ids or not self._fits(vectors):
            return np.zeros(0 if not self._fits(vectors) else len(self._ids), np.float32)
        best = np.full(len(self._values), -1.0, np.float32)
        asked = unit(body(vectors))
        for start in range(0, len(asked), _AXES):
            np.maximum(best, (asked[start : start + _AXES] @ self._values.T).max(axis=0), out=best)
        nearest: Vectors = np.maximum(0.0, 1.0 - np.maximum.reduceat(best, self._starts)).astype(np.float32)
        return nearest

    @cached_property
    def _rest(self) -> list[str]:
        """Scripts without vectors that could be compared."""
        return [i for i in self._records if i not in self._sets]

    @cached_property
    def _shingles(self) -> Shingles:
        return Shingles({i: words_of(r.script.text) for i, r in self._records.items()})

    @cached_property
    def _shingles_of_the_rest(self) -> Shingles:
        return Shingles({i: self._words_of(i) for i in self._rest})

    def _telling_apart(self, without: str) -> TellingApart:
        if not without or without not in self._sets:
            return self._telling_all_apart
        return self._told_apart(i for i in self._ids if i != without)

    @cached_property
    def _telling_all_apart(self) -> TellingApart:
        return self._told_apart(self._ids)

    def _told_apart(self, ids: Iterable[str]) -> TellingApart:
        chosen = list(ids)
        return TellingApart(
            [self._records[i].script.section for i in chosen],
            lambda kept: np.array([features(unit(body(self._sets[chosen[k]]))) for k in kept]),
        )

    def _near_pairs(self) -> dict[tuple[int, int], float]:
        """Pairs of scripts that lie near enough, with their distances, tile by tile."""
        pairs: dict[tuple[int, int], float] = {}
        for rows, columns, cosines in _near(self._values, 1.0 - DISTANCE):
            for a, b, cosine in zip(
                self._owners[rows].tolist(), self._owners[columns].tolist(), cosines.tolist(), strict=True
            ):
                if a != b:
                    pair = (min(a, b), max(a, b))
                    pairs[pair] = min(pairs.get(pair, 2.0), max(0.0, 1.0 - cosine))
        return pairs


def body(vectors: VectorSet) -> Vectors:
    """``float32[p, d]``: its body passages, or its card where it has none."""
    bodies = [i for i, passage in enumerate(vectors.passages) if passage.kind == "body"]
    return vectors.values[bodies] if bodies else vectors.values


def unit(values: Vectors) -> Vectors:
    """Each row divided by its length."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    scaled: Vectors = (values / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32, copy=False)
    return scaled


def _usual(records: Iterable[Record]) -> str:
    """The model digest that most records carry."""
    counted = Counter(r.vectors.stamp.model_digest for r in records if r.vectors is not None)
    return counted.most_common(1)[0][0] if counted else ""


def _near(values: Vectors, least: float) -> Iterator[tuple[Owners, Owners, Vectors]]:
    """Pairs of rows with a cosine of ``least`` or more, each pair once: row numbers, column numbers, cosines.

    Every cosine is bounded by its part in the strongest axes plus the product of what remains of either row (Cauchy and
    Schwarz), so that only few are computed in full and none is missed.
    """
    bounds = _bounds(values)
    for top in range(0, len(values), _TILE):
        for left in range(top, len(values), _TILE):
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
