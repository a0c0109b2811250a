"""Where a distance cut-off would pay: precision and recall over the distance, and whether any of it separates.

Looked at are the scripts that a person would be shown: of each questionnaire the first ``top_k`` of every section in
which somebody has judged something. A script fits where it is graded 1 or more; one that nobody judged does not, as in
all measures. All pairs of a questionnaire and a script are pooled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.measures import Interval
from services.domain.runs import Answer, Found, Grades, Outcome, Run
from services.domain.statistics import LEVEL, resamples
from services.errors import InvalidInput

# Cut-offs that are tried at most.
_MOST = 200
# A cut-off has as many decimals as distances are shown with.
_DECIMALS = 3
_ROUNDING = 1e-9
_ASKED = (Outcome.ANSWERED, Outcome.NOTHING_FOUND)

_Counts = npt.NDArray[np.int64]
_Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """What is shown within each distance, and the cut-off with the best F1, the harmonic mean of the two."""

    # Rising, to three decimals; the last one leaves nothing out.
    distances: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    best: float
    best_f1: float
    # Without a cut-off.
    f1: float
    # What F1 gains where each questionnaire is cut at the distance that is best for the others: else the cut-off would
    # be measured by what it was chosen by. With its 95% bootstrap interval over questionnaires.
    gain: Interval
    # Scripts that are shown without a cut-off, those of them that somebody judged, and all that would fit.
    shown: int
    judged: int
    fitting: int

    @property
    def questionnaires(self) -> int:
        """How many it rests on."""
        return self.gain.n

    @property
    def separates(self) -> bool:
        """Whether a cut-off pays by more than chance: the whole interval of the gain is above 0."""
        return self.gain.low is not None and self.gain.low > 0


def curve(run: Run) -> Curve:
    """The curve of a run that was made without a cut-off.

    Raises:
        InvalidInput: it knows no distances, or nobody has judged anything that it was asked.
    """
    pairs = [(answer, list(_judged(answer, run.grades))) for answer in run.answers if answer.outcome in _ASKED]
    pairs = [(answer, sections) for answer, sections in pairs if sections]
    if not any(any(g >= 1 for g in graded.values()) for _, sections in pairs for _, graded in sections):
        raise InvalidInput(
            "Nobody has said yet which scripts fit, so no distance can tell them apart.",
            "Judge some scripts, or name the expected ones in questionnaires.",
        )
    top_k = run.setup.top_k
    shown = [(found, graded) for _, sections in pairs for found, graded in sections]
    levels = _levels([found for found, _ in shown], top_k)
    within = [_within(sections, levels, top_k) for _, sections in pairs]
    counted = _Counted(
        np.array([hits for hits, _ in within]),
        np.array([seen for _, seen in within]),
        np.array([sum(g >= 1 for _, graded in sections for g in graded.values()) for _, sections in pairs]),
    )
    f1 = counted.f1(counted.hits.sum(axis=0), counted.seen.sum(axis=0), int(counted.fitting.sum()))
    best = _last_best(f1)
    return Curve(
        distances=tuple(levels.tolist()),
        precision=_divided(counted.hits.sum(axis=0), counted.seen.sum(axis=0)),
        recall=_divided(counted.hits.sum(axis=0), np.full(len(levels), counted.fitting.sum())),
        best=float(levels[best]),
        best_f1=float(f1[best]),
        f1=float(f1[-1]),
        gain=counted.gain(),
        shown=int(counted.seen[:, -1].sum()),
        judged=sum(script in graded for found, graded in shown for script in found.scripts[:top_k]),
        fitting=int(counted.fitting.sum()),
    )


@dataclass(frozen=True, eq=False)
class _Counted:
    """By questionnaire and cut-off, ``[q, c]``: shown scripts that fit, and shown ones; and all that fit, ``[q]``."""

    hits: _Counts
    seen: _Counts
    fitting: _Counts

    @staticmethod
    def f1(hits: _Counts | _Shares, seen: _Counts | _Shares, fitting: int | _Counts | _Shares) -> _Shares:
        """2 hits / (shown + fitting); 0 where there are neither."""
        both = np.asarray(seen + fitting, np.float64)
        found: _Shares = np.divide(2.0 * hits, both, out=np.zeros_like(both), where=both > 0)
        return found

    def gain(self) -> Interval:
        """Of F1, each questionnaire cut where it is best for the others; over one there is no interval."""
        count = len(self.fitting)
        others = self.f1(
            self.hits.sum(axis=0) - self.hits,
            self.seen.sum(axis=0) - self.seen,
            (self.fitting.sum() - self.fitting)[:, np.newaxis],
        )
        chosen = np.array([_last_best(row) for row in others])
        each = np.arange(count)
        if count == 1:
            return Interval(0.0, None, None, 1)
        weights = np.vstack(
            [np.ones(count), np.random.default_rng(count).multinomial(count, [1 / count] * count, resamples(count))]
        )
        fitting = weights @ self.fitting
        cut = self.f1(weights @ self.hits[each, chosen], weights @ self.seen[each, chosen], fitting)
        gains = cut - self.f1(weights @ self.hits[:, -1], weights @ self.seen[:, -1], fitting)
        gains[np.abs(gains) < _ROUNDING] = 0.0
        low, high = np.percentile(gains[1:], [100 * LEVEL / 2, 100 - 100 * LEVEL / 2])
        return Interval(float(gains[0]), float(low), float(high), count)


def _judged(answer: Answer, grades: Grades) -> Iterator[tuple[Found, dict[str, int]]]:
    for section, found in answer.sections.items():
        if graded := grades.get(answer.questionnaire, {}).get(section):
            yield found, dict(graded)


def _levels(shown: Sequence[Found], top_k: int) -> _Shares:
    """The cut-offs to try: the distances of what is shown, rounded up so that each takes its script in."""
    known = np.array([d for found in shown for d in found.distances[:top_k] if d is not None], np.float64)
    if not len(known):
        raise InvalidInput(
            "Scripts that are found by their words alone have no distance.",
            "Choose by meaning, or by both.",
        )
    levels = np.round(known, _DECIMALS)
    # As the ranking compares them: a float32 is a little off its decimals.
    short = levels.astype(np.float32) < known.astype(np.float32)
    levels = np.unique(np.round(np.where(short, levels + 10.0**-_DECIMALS, levels), _DECIMALS))
    if len(levels) > _MOST:
        levels = levels[np.linspace(0, len(levels) - 1, _MOST).round().astype(int)]
    return levels


def _within(sections: Sequence[tuple[Found, dict[str, int]]], levels: _Shares, top_k: int) -> tuple[_Counts, _Counts]:
    """Of one questionnaire, ``[c]`` each: scripts shown that fit, and scripts shown, within each cut-off."""
    hits, seen = np.zeros(len(levels), np.int64), np.zeros(len(levels), np.int64)
    for found, graded in sections:
        # Whose distance nobody knows is not left out, as in the ranking itself.
        near = np.array([-np.inf if d is None else d for d in found.distances], np.float32)
        fits = np.array([graded.get(script, 0) >= 1 for script in found.scripts], bool)
        inside = near <= levels.astype(np.float32)[:, np.newaxis]
        shown = inside & (inside.cumsum(axis=1) <= top_k)
        hits += (shown & fits).sum(axis=1)
        seen += shown.sum(axis=1)
    return hits, seen


def _last_best(f1: _Shares) -> int:
    """Where it is largest; of equal ones the last, which leaves the least out."""
    return int(len(f1) - 1 - np.argmax(np.round(f1[::-1], 9)))


def _divided(part: _Counts, whole: _Counts) -> tuple[float, ...]:
    return tuple((part / np.maximum(whole, 1)).tolist())
