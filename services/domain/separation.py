"""Is a ranking informative? Two figures of one question to one section, and a verdict.

Distances cannot say it themselves: 0.6 is near under one model and far under another. So each ranking is held against a
**background**: what ``BACKGROUND`` seeded questions in random directions get of the same vectors. They stand for
questions of another model, to whose vectors these stand in no relation.

**nearness**, the published ``value``: how alike the question and its k nearest scripts are, k being 5, or a sixth of
the section where that is less. Of each script the nearest passage counts. The likeness is the correlation of two
vectors over their coordinates, each coordinate first cut at 1.5 times the root mean square around their mean::

    nearness = (a - mean(a of the background)) / deviation(a of the background),  a = mean of the k correlations

Correlated and cut, because there are models whose coordinates are all positive, or of which a few are always large:
two such models seem close to each other whatever was asked, and a plain cosine believes it for every question at once.
(Outlying coordinates: Timkey and van Schijndel 2021, https://arxiv.org/abs/2109.04404; cutting: Huber 1964.)

**margin**: how far the same k scripts stand out from the section. From the question the direction is taken out that
all passages of the section share, after which the section's mean similarity is 0 (Mu and Viswanath 2018,
https://arxiv.org/abs/1702.01417)::

    margin = (b - mean(b of the background)) / deviation(b of the background),
    b = mean similarity of the k nearest with what is left of the question, at unit length

Both are standard scores: 0 is what an unrelated question gets on average. A nearness below ``NEAR`` is
**no information**. From there on, a margin below ``APART`` is **weak**: the question is of this space, and its nearest
scripts stand out no more than chance lets them. Else **clear**. On the demo corpus under MiniLM, weak rankings hold
about half as many of the expected scripts among the first five as clear ones do.

This says whether question and scripts fit, not whether the scripts are right: a model that only counts words is clear
about words. A question about something else altogether is also no information.

With fewer than ``MIN_SCRIPTS`` scripts there is no strip to judge, and in fewer than ``MIN_DIMENSIONS`` dimensions
chance alone brings vectors close: no verdict then, and the reason instead.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain.scripts import Vectors

Figures = npt.NDArray[np.float64]

BACKGROUND = 256
NEAR = 4.0
APART = 2.5
MIN_SCRIPTS = 8
MIN_DIMENSIONS = 64
_SEED = 20_261_121
_NEAREST = 5
_SHARE = 6
_CUT = 1.5
# In a large section fewer questions are asked, each of which says more: multiplications, about 0.1 s of one core.
_WORK = 6e8
_FEWEST = 48
_ROUNDING = 1e-6


class Verdict(StrEnum):
    """What a ranking says."""

    CLEAR = "clear"
    WEAK = "weak"
    NO_INFORMATION = "no information"


@dataclass(frozen=True)
class Separation:
    """Both figures in standard deviations of the background; None with a reason where they could not be judged."""

    verdict: Verdict | None
    value: float | None = None
    margin: float | None = None
    reason: str = ""

    def as_json(self) -> dict[str, str | float | None]:
        """The shape promised in ``docs/command-line.md``."""
        return {
            "verdict": self.verdict and self.verdict.value,
            "value": self.value and round(self.value, 3),
            "margin": self.margin and round(self.margin, 3),
            "reason": self.reason,
        }


NOT_SCORED = Separation(None, reason="the section was not scored as a whole")


@dataclass(frozen=True)
class Counts:
    """How many rankings got which verdict; ``untold`` are those without one."""

    clear: int = 0
    weak: int = 0
    no_information: int = 0
    untold: int = 0

    @property
    def judged(self) -> int:
        """Rankings with a verdict."""
        return self.clear + self.weak + self.no_information

    def by_verdict(self) -> dict[str, int]:
        """The same by the verdict's word, of those that there are."""
        counts = zip(Verdict, (self.clear, self.weak, self.no_information), strict=True)
        return {verdict.value: count for verdict, count in counts if count}


def summarise(separations: Iterable[Separation]) -> Counts:
    """Count the verdicts of many rankings."""
    found = Counter(separation.verdict for separation in separations)
    return Counts(found[Verdict.CLEAR], found[Verdict.WEAK], found[Verdict.NO_INFORMATION], found[None])


@dataclass(frozen=True, eq=False)
class Background:
    """What a section gives any question: its unit vectors, ``float32[n, d]``, those of script i from ``starts[i]``.

    Made at once, measured when the first question is judged, and good for as long as these vectors are.
    """

    values: Vectors
    starts: npt.NDArray[np.int64]

    def judge(self, question: Vectors, similarities: Vectors) -> Separation:
        """The separation of one ranking.

        ``question`` is ``float32[d]`` of any length, ``similarities`` its cosine with each row, ``float32[n]``.
        """
        if reason := self._reason(similarities):
            return Separation(None, reason=reason)
        means, deviations = self._usual
        asked = (question / np.linalg.norm(question)).astype(np.float32)
        found = self._figures(asked[np.newaxis], similarities[np.newaxis])[:, 0] - means
        # Where all scripts are the same, none stands out for anybody: a margin of 0, not of rounding.
        nearness, margin = np.divide(found, deviations, out=np.zeros(2), where=deviations > _ROUNDING)
        return Separation(_verdict(nearness, margin), float(nearness), float(margin))

    def _reason(self, similarities: Vectors) -> str:
        """Why this cannot be judged; empty if it can."""
        if len(self.starts) < MIN_SCRIPTS:
            return f"fewer than {MIN_SCRIPTS} scripts: too few to tell"
        if self.values.shape[1] < MIN_DIMENSIONS:
            return f"vectors of fewer than {MIN_DIMENSIONS} numbers: too few to tell"
        return "" if np.isfinite(similarities).all() else "some distances are no numbers"

    @cached_property
    def _usual(self) -> tuple[Figures, Figures]:
        """Mean and standard deviation of both figures over the background's questions."""
        count = int(np.clip(_WORK / self.values.size, _FEWEST, BACKGROUND))
        random = np.random.default_rng(_SEED)
        questions = random.standard_normal((count, self.values.shape[1]), dtype=np.float32)
        questions /= np.linalg.norm(questions, axis=1, keepdims=True)
        found = self._figures(questions, questions @ self.values.T)
        return found.mean(axis=1), found.std(axis=1)

    @cached_property
    def _shared(self) -> Vectors:
        """The direction that all rows share, ``float32[d]``."""
        mean = self.values.mean(axis=0)
        direction: Vectors = mean / max(float(np.linalg.norm(mean)), np.finfo(np.float32).tiny)
        return direction

    def _figures(self, questions: Vectors, similarities: Vectors) -> Figures:
        """Likeness of the nearest and how far they stand out, ``float64[2, m]``, before any background.

        ``questions`` is ``float32[m, d]`` at unit length, ``similarities`` ``float32[m, n]``.
        """
        of_scripts = np.maximum.reduceat(similarities, self.starts, axis=1)
        count = max(1, min(_NEAREST, len(self.starts) // _SHARE))
        nearest = np.argpartition(of_scripts, -count, axis=1)[:, -count:]
        rows = np.array(
            [[self._nearest_row(row, script) for script in few] for row, few in zip(similarities, nearest, strict=True)]
        )
        likeness = np.vecdot(_even(self.values[rows]), _even(questions)[:, np.newaxis])
        standing = self._without_shared(questions, np.take_along_axis(similarities, rows, axis=1), rows)
        return np.stack([likeness.mean(axis=1), standing.mean(axis=1)]).astype(np.float64)

    def _nearest_row(self, similarities: Vectors, script: int) -> int:
        """The row of a script's nearest passage."""
        start = self.starts[script]
        end = self.starts[script + 1] if script + 1 < len(self.starts) else len(similarities)
        return int(start + np.argmax(similarities[start:end]))

    def _without_shared(self, questions: Vectors, similarities: Vectors, rows: npt.NDArray[np.int64]) -> Vectors:
        """What becomes of the similarities with these rows, ``float32[m, k]``, without the direction that all share."""
        shared = np.vecdot(questions, self._shared)[:, np.newaxis]
        rest = np.sqrt(np.maximum(1 - shared**2, np.finfo(np.float32).eps))
        without: Vectors = (similarities - shared * (self.values[rows] @ self._shared)) / rest
        return without


def _verdict(nearness: float, margin: float) -> Verdict:
    if nearness < NEAR:
        return Verdict.NO_INFORMATION
    return Verdict.WEAK if margin < APART else Verdict.CLEAR


def _even(vectors: Vectors) -> Vectors:
    """Unit vectors whose products are correlations, in which few coordinates cannot outweigh the others."""
    centred = vectors - vectors.mean(axis=-1, keepdims=True)
    limit = _CUT * np.sqrt((centred**2).mean(axis=-1, keepdims=True))
    cut = np.clip(centred, -limit, limit)
    cut -= cut.mean(axis=-1, keepdims=True)
    lengths = np.linalg.norm(cut, axis=-1, keepdims=True)
    unit: Vectors = cut / np.where(lengths > 0, lengths, 1)
    return unit
