"""Where a distance cut-off would pay: precision and recall over the distance, and whether any of it separates.

Looked at are the scripts that a person would be shown: of each questionnaire the first ``top_k`` of every section in
which somebody has judged something. A script fits where it is graded 1 or more; one that nobody judged does not, as in
all measures. All pairs of a questionnaire and a script are pooled.

A cut-off comes before fusion and before variety. Where the distance alone is the order it only shortens a ranking, so
that one run tells of every cut-off; elsewhere it changes the order of what is left, and each is really asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.measures import Interval
from services.domain.runs import Answer, Found, Outcome, Run
from services.domain.statistics import LEVEL, resamples
from services.errors import InvalidInput

# Cut-offs that are tried at most: read off a ranking, and really asked.
_MOST = 200
MOST_ASKED = 24
# No cosine distance is above it: nothing is left out.
ALL = 2.0
# A cut-off has as many decimals as distances are shown with.
_DECIMALS = 3
_ROUNDING = 1e-9
_ASKED = (Outcome.ANSWERED, Outcome.NOTHING_FOUND)

# The answers by a cut-off, and how far the work is, in words.
Cut = Callable[[float, str], Sequence[Answer]]
_Sections = list[tuple[Found, dict[str, int]]]
_Counts = npt.NDArray[np.int64]
_Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """What is shown with each cut-off, and the one with the best F1, the harmonic mean of the two."""

    # Rising, to three decimals; the last one leaves nothing out: that of the furthest script shown, or ``ALL``.
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
    def drawn(self) -> tuple[float, ...]:
        """The distances, without ``ALL``: how far that is from the others says nothing."""
        return self.distances[:-1] if self.distances[-1] == ALL else self.distances

    @property
    def questionnaires(self) -> int:
        """How many it rests on."""
        return self.gain.n

    @property
    def separates(self) -> bool:
        """Whether a cut-off pays by more than chance: the whole interval of the gain is above 0."""
        return self.gain.low is not None and self.gain.low > 0


def curve(run: Run, cut: Cut | None = None) -> Curve:
    """The curve of a run that was made without a cut-off.

    ``cut`` asks the same with one; without it, distances must be what the run ranked by.

    Raises:
        InvalidInput: it knows no distances, or nobody has judged anything that it was asked.
        Otherwise as ``cut`` does.
    """
    pairs = {
        answer.questionnaire: s for answer in run.answers if answer.outcome in _ASKED if (s := _pairs(answer, run))
    }
    if not any(any(g >= 1 for g in graded.values()) for sections in pairs.values() for _, graded in sections):
        raise InvalidInput(
            "Nobody has said yet which scripts fit, so no distance can tell them apart.",
            "Judge some scripts, or name the expected ones in questionnaires.",
        )
    top_k = run.setup.top_k
    shown = [(found, graded) for sections in pairs.values() for found, graded in sections]
    levels = _levels([found for found, _ in shown], top_k, _MOST if cut is None else MOST_ASKED)
    if cut is None:
        within = np.array([_within(sections, levels, top_k) for sections in pairs.values()])
    else:
        within = _asked(run, pairs, levels, cut)
        levels = np.append(levels, ALL)
    counted = _Counted(
        within[:, 0],
        within[:, 1],
        np.array([sum(g >= 1 for _, graded in sections for g in graded.values()) for sections in pairs.values()]),
    )
    f1 = counted.f1(counted.hits.sum(axis=0), counted.seen.sum(axis=0), int(counted.fitting.sum()))
    best = _last_best(f1 if cut is None else f1[:-1])
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


def _pairs(answer: Answer, run: Run) -> _Sections:
    """The rankings of the sections in which somebody has judged something for it, with the grades."""
    graded = run.grades.get(answer.questionnaire, {})
    return [(found, dict(graded[section])) for section, found in answer.sections.items() if graded.get(section)]


def _asked(run: Run, pairs: Mapping[str, _Sections], levels: _Shares, cut: Cut) -> _Counts:
    """``[q, 2, c + 1]``: of each questionnaire what ``_within`` counts, asked with each cut-off and with none."""
    counted = []
    for number, level in enumerate(levels.tolist(), 1):
        answers = {a.questionnaire: a for a in cut(level, f"Distance {number} of {len(levels)}")}
        counted.append([_seen(_pairs(answers[name], run), run.setup.top_k) for name in pairs])
    counted.append([_seen(sections, run.setup.top_k) for sections in pairs.values()])
    return np.array(counted).transpose(1, 2, 0)


def _seen(sections: _Sections, top_k: int) -> tuple[int, int]:
    """Scripts shown that fit, and scripts shown."""
    shown = [graded.get(script, 0) for found, graded in sections for script in found.scripts[:top_k]]
    return sum(grade >= 1 for grade in shown), len(shown)


def _levels(shown: Sequence[Found], top_k: int, most: int) -> _Shares:
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
    if len(levels) > most:
        levels = levels[np.linspace(0, len(levels) - 1, most).round().astype(int)]
    return levels


def _within(sections: _Sections, levels: _Shares, top_k: int) -> tuple[_Counts, _Counts]:
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
