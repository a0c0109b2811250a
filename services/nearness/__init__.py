"""How near scripts are to one another: neighbours by section, near-duplicates by vectors and by words.

Everything is computed exactly from the vectors that records carry; a script is as near to another one as their nearest
body passages (their cards where one has no body passage).
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.domain.alike import FEWEST_SHARED, numbers_of
from services.domain.directions import unit
from services.domain.scripts import Script, Status, VectorSet
from services.domain.section_guess import TellingApart, features
from services.ground.progress import Report, silent
from services.nearness.space import Space, body
from services.nearness.wording import Wording
from services.ports import Catalogue

__all__ = ["Nearest", "Nearness", "Neighbour", "Suggestion", "Twin"]

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
_REPORT_EVERY = 256
# Of very many pairs that could be near-duplicates, so many of the nearest are compared by their words;
# and as many of those that only words can find.
_LOOKED_AT = 100_000


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
class Nearest:
    """Near-duplicates, those that lie nearest first, and in which way they may not be all."""

    pairs: tuple[tuple[str, Twin], ...]
    # Whether there are more than were asked for.
    more: bool
    # Of very many pairs that lie near, among how many of the nearest these were looked for; 0: among all.
    looked_among: int


@dataclass(frozen=True)
class Suggestion:
    """A value that the neighbours suggest, and how sure they are, 0 to 1."""

    value: str
    sureness: float


class Nearness:
    """Answers for one catalogue. Making it costs nothing; what an answer needs is made for the first, and kept."""

    def __init__(
        self,
        catalogue: Catalogue,
        model_digest: str = "",
        *,
        both_meant: Callable[[Script, Script], bool] = lambda *_: False,
        before: "Nearness | None" = None,
    ) -> None:
        """``model_digest`` names the vector space; empty: the one that most records are in.

        ``both_meant`` says of which two scripts nobody wants to hear again that they are near-duplicates.
        ``before`` is that of an earlier catalogue: what it knows of records that are the same is taken over.
        """
        self._both_meant = both_meant
        self._records = catalogue.records
        self._space = Space(catalogue.records, model_digest)
        self._wording = Wording(catalogue.records, self._with_vectors)
        if before is not None:
            self._wording.take_over(before._wording)  # noqa: SLF001  one of its own kind

    @property
    def model_digest(self) -> str:
        """Names the vector space."""
        return self._space.model_digest

    def neighbours(self, vectors: VectorSet, *, without: str = "", most: int = 5) -> Mapping[str, Sequence[Neighbour]]:
        """The nearest scripts of each section, nearest first."""
        found: dict[str, list[Neighbour]] = defaultdict(list)
        distances = self._space.distances(vectors)
        for position in np.argsort(distances, kind="stable").tolist():
            script = self._records[self._space.ids[position]].script
            if script.id != without and len(found[script.section]) < most:
                found[script.section].append(Neighbour(script.id, script.section, float(distances[position])))
        return {section: near for section, near in found.items() if near}

    def twins(self, script: Script, vectors: VectorSet | None) -> Sequence[Twin]:
        """Other scripts that are near-duplicates of this one, the most alike first; never itself (by id).

        Without those of which somebody has said that both are meant.
        """
        words, near = numbers_of(script.text), {}
        by_vectors = vectors is not None and self._space.fits(vectors)
        if vectors is not None and by_vectors:
            distances = self._space.distances(vectors)
            for position in np.flatnonzero(distances <= DISTANCE).tolist():
                near[self._space.ids[position]] = float(distances[position])
        near.update(dict.fromkeys(self._wording.alike(words, among_the_rest=by_vectors), math.nan))
        near.pop(script.id, None)
        twins = [Twin(i, self._wording.shared(words, i), distance) for i, distance in near.items()]
        unsettled = [
            t for t in twins if t.words >= WORDS_SHARED and not self._both_meant(script, self._records[t.id].script)
        ]
        return sorted(unsettled, key=lambda t: (-t.words, t.id))

    def all_twins(self, report: Report = silent) -> Sequence[tuple[str, Twin]]:
        """Every pair of near-duplicates among approved and draft scripts, each once, the most alike first.

        Also those of which both are meant, so that they need not be looked for again when that is taken back. Raises
        ``Cancelled`` where ``report`` does.
        """
        pairs = dict(self._space.near_pairs(DISTANCE, report))
        for one in self._wording.rest:
            for other in self._wording.alike(self._wording.of(one), among_the_rest=False):
                if other != one and (other, one) not in pairs:
                    pairs[one, other] = math.nan
        found = []
        for done, ((one, other), distance) in enumerate(pairs.items()):
            if done % _REPORT_EVERY == 0:
                report("Comparing the words of those that are near", done, len(pairs))
            if self._in_use(one) and self._in_use(other):
                words = self._wording.shared_by(one, other)
                if words >= WORDS_SHARED:
                    found.append((min(one, other), Twin(max(one, other), words, distance)))
        return sorted(found, key=lambda pair: (-pair[1].words, pair[0], pair[1].id))

    def nearest_twins(
        self,
        among: Collection[str],
        most: int,
        report: Report = silent,
        *,
        settled: Callable[[str, str], bool] = lambda *_: False,
    ) -> Nearest:
        """Near-duplicates among these scripts, those that lie nearest first, then those found by words alone.

        At most so many that are not ``settled``, so that it ends soon however many are alike. Raises ``Cancelled``
        where ``report`` does.
        """
        pairs, left = self._space.nearest_pairs(among, DISTANCE, _LOOKED_AT, report)
        found: list[tuple[str, Twin]] = []
        unsettled = 0
        for done, (one, other, distance) in enumerate(itertools.chain(pairs, self._by_words(among, report))):
            if done == len(pairs) + _LOOKED_AT:
                left = True
                break
            if done % _REPORT_EVERY == 0 and done < len(pairs):
                report("Comparing the words of those that are near", done, len(pairs))
            words = self._wording.shared_by(one, other)
            if words < WORDS_SHARED:
                continue
            unsettled += not settled(one, other)
            if unsettled > most:
                return Nearest(tuple(found), more=True, looked_among=_LOOKED_AT if left else 0)
            found.append((min(one, other), Twin(max(one, other), words, distance)))
        return Nearest(tuple(found), more=False, looked_among=_LOOKED_AT if left else 0)

    def distance(self, one: str, other: str) -> float:
        """How far two scripts are apart; NaN where one has no vectors of this model."""
        return self._space.between(one, other)

    def section(self, vectors: VectorSet, *, without: str = "") -> Suggestion | None:
        """The section that the scripts suggest; None where fewer than two sections have scripts to compare with.

        Weighed by what tells the sections apart, see ``section_guess``: the nearest neighbours of a script share its
        subject, not its section (of the demo's scripts, the eight nearest ones name the right section for a quarter).
        """
        if not self._space.fits(vectors):
            return None
        found = self._telling_apart(without).guess(features(unit(body(vectors))))
        return Suggestion(*found) if found else None

    def focus_areas(self, vectors: VectorSet, *, section: str = "", without: str = "") -> Sequence[Suggestion]:
        """Focus areas that the nearest scripts suggest, the surest first; of one section's scripts where it is named.

        The sureness of an area is the share of closeness of the neighbours that have it.
        """
        distances, ids = self._space.distances(vectors), self._space.ids
        admitted = [
            p
            for p in np.argsort(distances, kind="stable").tolist()
            if ids[p] != without and section in ("", self._records[ids[p]].script.section)
        ][:_NEIGHBOURS]
        if not admitted:
            return ()
        weights = np.exp((distances[admitted[0]] - distances[admitted]) / _WARMTH)
        shares: Counter[str] = Counter()
        for position, weight in zip(admitted, (weights / weights.sum()).tolist(), strict=True):
            for area in self._records[ids[position]].script.focus_areas:
                shares[area] += weight
        ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Suggestion(area, min(1.0, share)) for area, share in ordered)

    def _by_words(self, among: Collection[str], report: Report) -> Iterator[tuple[str, str, float]]:
        """Pairs of these that may share many words, each once, where one of the two has no vectors."""
        rest, known = [i for i in self._wording.rest if i in among], set(self._wording.rest)
        for done, one in enumerate(rest):
            report("Comparing the words of those that no model has read", done, len(rest))
            for other in self._wording.alike(self._wording.of(one), among_the_rest=False):
                if other in among and other != one and (other not in known or one < other):
                    yield one, other, math.nan

    def _with_vectors(self) -> Collection[str]:
        return self._space.sets.keys()

    def _in_use(self, script_id: str) -> bool:
        return self._records[script_id].script.status is not Status.RETIRED

    def _telling_apart(self, without: str) -> TellingApart:
        if not without or without not in self._space.sets:
            return self._telling_all_apart
        return self._told_apart(i for i in self._space.ids if i != without)

    @cached_property
    def _telling_all_apart(self) -> TellingApart:
        return self._told_apart(self._space.ids)

    def _told_apart(self, ids: Iterable[str]) -> TellingApart:
        chosen = list(ids)
        return TellingApart(
            [self._records[i].script.section for i in chosen],
            lambda kept: np.array([features(unit(body(self._space.sets[chosen[k]]))) for k in kept]),
        )
