"""How much of their words two texts share, in order; and which of many texts could share enough."""

import math
import re
from array import array
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

from services.domain.aligned import MOST_AT_ONCE, aligned

# The share of words from which on two texts are near-duplicates.
FEWEST_SHARED = 0.5
# Words that stand in common in a row at least: fewer happen in any two texts of one language.
RUN = 3
# A shorter text is compared as if it had as many words: that a few words stand in a long text says nothing.
SHORTEST = 20
# Letters of scripts that are written without spaces are words of their own.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+(?:['\u2019-][^\W{_SPACELESS}]+)*")
# So many words in a row are a fixed point of texts that are too long to be compared whole.
_FIXED = 5
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

# A word as a number: ten thousand scripts are compared from memory, and as strings they would take a gigabyte.
Words: TypeAlias = "array[int]"
Numbers = npt.NDArray[np.uint64]
Runs = npt.NDArray[np.uint32]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, without case and punctuation."""
    return tuple(_WORD.findall(text.casefold().replace("\u2019", "'")))


def numbers_of(text: str) -> Words:
    """A number for each of its words; within this process equal for equal words, and as good as never for others."""
    return array("Q", (hash(word) & 0xFFFFFFFFFFFFFFFF for word in words_of(text)))


def shared(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """The share of the shorter text's words that both have in the same order, in runs of three or more; 0 to 1.

    Of very long texts (20,000 words each) it may be more than is found, see ``aligned``.
    """
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    counted = max(len(shorter), min(len(longer), SHORTEST))
    if not shorter or _hopeless(shorter, longer, FEWEST_SHARED * counted):
        return 0.0
    run = min(RUN, len(shorter))
    lengths = (length for _, _, length in aligned(shorter, longer, run=_FIXED).blocks)
    return sum(length for length in lengths if length >= run) / counted


def _hopeless(shorter: Sequence[Hashable], longer: Sequence[Hashable], fewest: float) -> bool:
    """Whether fewer words than these stand in both in the same order, where that is quickly found out."""
    if len(shorter) * len(longer) > MOST_AT_ONCE:
        return False
    return LCSseq.similarity(shorter, longer, score_cutoff=math.ceil(fewest)) < fewest


def runs_of(words: Words) -> Runs:
    """``uint32[n - 2]``: a number for each run of three words, sorted; small enough to be kept of every script."""
    return np.sort((_runs(words, RUN) >> np.uint64(32)).astype(np.uint32))


def may_share(one: Runs, other: Runs) -> bool:
    """Whether two texts may share ``FEWEST_SHARED``: of n words, n - 2 begin a run of three, a third of n at least."""
    shorter, longer = sorted((one, other), key=len)
    if not len(shorter):
        return True
    places = np.minimum(np.searchsorted(longer, shorter), len(longer) - 1)
    return int((longer[places] == shorter).sum()) >= FEWEST_SHARED / RUN * len(shorter)


class Shingles:
    """Runs of three words of many texts, to find those that share many with another text."""

    def __init__(self, texts: Mapping[str, Words]) -> None:
        self._ids = list(texts)
        made = [_shingles(words) for words in texts.values()]
        owners = np.repeat(np.arange(len(made)), [len(m) for m in made])
        numbers = np.concatenate(made) if made else np.zeros(0, np.uint64)
        order = np.argsort(numbers, kind="stable")
        self._numbers, self._owners = numbers[order], owners[order]
        self._sizes = np.array([len(m) for m in made], np.int64)

    def candidates(self, words: Words) -> Iterable[str]:
        """Ids of the texts that may share ``FEWEST_SHARED`` of their words with these.

        A run of n words in common has n - 2 shingles, a third of n at least.
        """
        asked = _shingles(words)
        if not len(asked) or not len(self._numbers):
            return []
        low, high = (np.searchsorted(self._numbers, asked, side=side) for side in ("left", "right"))
        counts = np.zeros(len(self._ids), np.int64)
        for a, b in zip(low.tolist(), high.tolist(), strict=True):
            counts[np.unique(self._owners[a:b])] += 1
        needed = FEWEST_SHARED / RUN * np.minimum(self._sizes, len(asked))
        return [self._ids[p] for p in np.flatnonzero((counts > 0) & (counts >= needed)).tolist()]


def _shingles(words: Words) -> Numbers:
    """A number for each different run of three words; for the whole text where it is shorter."""
    return np.unique(_runs(words, min(RUN, len(words)))) if words else np.zeros(0, np.uint64)


def _runs(words: Words, size: int) -> Numbers:
    """A number for the run that begins at each word."""
    hashed = np.array(words, np.uint64)
    made = np.zeros(max(0, len(words) - size + 1), np.uint64)
    for i in range(size):
        made = made * _FACTOR + hashed[i : i + len(made)]
    return made
