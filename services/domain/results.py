"""What a question is answered with. Frozen; each derived number belongs to the object it is derived from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from services.domain.methods import Method, Mode
from services.domain.model_digest import Stamp, State
from services.domain.passages import Passage
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Script, Vectors
from services.domain.separation import NOT_SCORED, Background, Separation


@dataclass(frozen=True)
class PassageHit:
    """One passage and its cosine distance from the query."""

    script: str
    ordinal: int
    distance: float


@dataclass(frozen=True, eq=False)
class Scores:
    """Exact distances of one section.

    ``passage_distances`` is ``float32[n]`` over all passages; those of ``scripts[i]`` begin at ``starts[i]``.
    """

    scripts: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    passage_distances: Vectors
    # What the section gives any question, where whoever scored it knows that.
    background: Background | None = None

    @cached_property
    def distances(self) -> Vectors:
        """``float32[s]``: each script's distance, that of its nearest passage."""
        if not self.scripts:
            return np.zeros(0, np.float32)
        return np.minimum.reduceat(self.passage_distances, self.starts)

    def nearest_passage(self, position: int) -> int:
        """The ordinal, within its script, of the passage that makes the distance of ``scripts[position]``."""
        start = self.starts[position]
        last = position + 1 == len(self.starts)
        end = len(self.passage_distances) if last else self.starts[position + 1]
        return int(np.argmin(self.passage_distances[start:end]))

    def separation(self, question: Vectors) -> Separation:
        """Whether these distances say anything, ``question`` being the ``float32[d]`` that they are from."""
        if self.background is None:
            return NOT_SCORED
        return self.background.judge(question, 1.0 - self.passage_distances)


@dataclass(frozen=True)
class Hit:
    """A retrieved script, with the passage that came nearest or, where words found it, the one with most of them."""

    rank: int
    script: Script
    # The cosine distance; None where there is none.
    distance: float | None
    passage: Passage
    passage_text: str
    # What it was ranked by, where that is not the distance: more is better.
    score: float | None = None
    # The words that it shares with the question, where words count.
    words: tuple[str, ...] = ()
    # Its ranks by meaning and by words, where both are merged or the order is varied; None where it has none.
    meaning_rank: int | None = None
    words_rank: int | None = None


@dataclass(frozen=True)
class Unknown:
    """A word of a question that no script of the section has, and the one that may have been meant; else empty."""

    word: str
    meant: str = ""


@dataclass(frozen=True)
class ExpectedRank:
    """Where a script that the questionnaire expects came; ``rank`` is None where it was not among the scored."""

    script: str
    title: str
    grade: int
    rank: int | None
    distance: float | None
    # Why it has no rank: "filtered out", "not in the index", "shares no word", "beyond the cut-off", "no such passage".
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Ranking:
    """One section's answer to a questionnaire."""

    section: str
    state: State
    hits: tuple[Hit, ...] = ()
    # Every scored script by id, best first, and its distance; NaN where it has none.
    scored: tuple[str, ...] = ()
    distances: Vectors = field(default_factory=lambda: np.zeros(0, np.float32))
    expected: tuple[ExpectedRank, ...] = ()
    # How many scripts could be found, whether they were ranked or not.
    candidates: int = 0
    # The words of the question that are in none of the section's scripts, where words count.
    unknown: tuple[Unknown, ...] = ()
    # Of the whole section, whatever the filters let through and whatever it was ranked by.
    separation: Separation = NOT_SCORED
    # Scripts of the section that are kept and not in its index; health names them.
    left_out: int = 0
    # Whether another model made the vectors, or this one before it changed: then the hits mean nothing.
    random: bool = False
    # Why the section was not asked, where it was not.
    refusal: str = ""
    next_step: str = ""
    # Why only words were compared where distances would have been told, and that an order is none that was varied
    # where that was wanted; else empty.
    without_distances: str = ""
    # Whether what is like a script before it comes later: of scripts without vectors nobody knows what is alike.
    varied: bool = False

    @property
    def answered(self) -> bool:
        """Whether the section was asked."""
        return not self.refusal

    def followed(self, method: Method) -> Method:
        """The method as this section was ranked by it: where nothing was known to be alike, without its variety."""
        return method if self.varied else replace(method, variety=0.0)

    @property
    def empty(self) -> bool:
        """Whether the section holds nothing that could have been asked."""
        return self.answered and self.state is State.UNVERIFIED and not self.scored


@dataclass(frozen=True)
class Retrieval:
    """The answer to a questionnaire, section by section."""

    questionnaire: Questionnaire
    query: str
    embedder: str
    stamp: Stamp
    index: str
    sections: Mapping[str, Ranking]
    # Scripts that the questionnaire expects and the corpus does not have.
    unknown_expected: tuple[str, ...]
    # Seconds spent on embedding the query, and on everything else.
    embedding_seconds: float
    search_seconds: float
    # How the scripts were ranked.
    method: Method = field(default_factory=Method)

    @property
    def refused(self) -> bool:
        """Whether something was refused and nothing else could answer: a section without scripts is no answer."""
        asked = [ranking for ranking in self.sections.values() if not ranking.empty]
        return bool(asked) and not any(ranking.answered for ranking in asked)

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/formats.md``."""
        return {
            "query": self.query,
            "mode": self.method.mode.value,
            "embedder": self.embedder,
            "model_digest": self.stamp.model_digest,
            "index": self.index,
            "sections": {name: _ranking_json(ranking, self.method) for name, ranking in self.sections.items()},
            "unknown_expected": list(self.unknown_expected),
        }


def _ranking_json(ranking: Ranking, method: Method) -> dict[str, Any]:
    return {
        "state": ranking.state.value,
        "random": ranking.random,
        "refusal": ranking.refusal,
        "next_step": ranking.next_step,
        "scripts_scored": len(ranking.scored),
        "left_out": ranking.left_out,
        **({"unknown_words": [vars(found) for found in ranking.unknown]} if method.mode is not Mode.DENSE else {}),
        "hits": [_hit_json(hit, method) for hit in ranking.hits],
        "expected": [
            {
                "id": e.script,
                "grade": e.grade,
                "rank": e.rank,
                "distance": _rounded(e.distance),
                "reason": e.reason,
            }
            for e in ranking.expected
        ],
        "separation": ranking.separation.as_json(),
    }


def _hit_json(hit: Hit, method: Method) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "id": hit.script.id,
        "title": hit.script.title,
        "status": hit.script.status.value,
        "distance": _rounded(hit.distance),
        "score": _rounded(hit.score),
        "passage": hit.passage_text,
        **({"words": list(hit.words)} if method.mode is not Mode.DENSE else {}),
        **({"ranks": {"meaning": hit.meaning_rank, "words": hit.words_rank}} if method.mode is Mode.HYBRID else {}),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
