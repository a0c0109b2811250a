"""How much of their words two texts share, in order; and which of many texts could share enough."""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel, LCSseq

# The share of words from which on two texts are near-duplicates.
FEWEST_SHARED = 0.5
# Words that stand in common in a row at least: fewer happen in any two texts of one language.
RUN = 3
# A shorter text is compared as if it had as many words: that a few words stand in a long text says nothing.
SHORTEST = 20
# Letters of scripts that are written without spaces are words of their own.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+(?:['\u2019-][^\W{_SPACELESS}]+)*")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Numbers = npt.NDArray[np.uint64]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, without case and punctuation."""
    return tuple(_WORD.findall(text.casefold().replace("\u2019", "'")))


def shared(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """The share of the shorter text's words that both have in the same order, in runs of three or more; 0 to 1."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    counted = max(len(shorter), min(len(longer), SHORTEST))
    if not shorter or LCSseq.similarity(shorter, longer) < FEWEST_SHARED * counted:
        return 0.0
    run = min(RUN, len(shorter))
    lengths = (o.src_end - o.src_start for o in Indel.opcodes(shorter, longer) if o.tag == "equal")
    return sum(length for length in lengths if length >= run) / counted


class Shingles:
    """Runs of three words of many texts, to find those that share many with another text."""

    def __init__(self, texts: Mapping[str, tuple[str, ...]]) -> None:
        self._ids = list(texts)
        made = [_shingles(words) for words in texts.values()]
        owners = np.repeat(np.arange(len(made)), [len(m) for m in made])
        numbers = np.concatenate(made) if made else np.zeros(0, np.uint64)
        order = np.argsort(numbers, kind="stable")
        self._numbers, self._owners = numbers[order], owners[order]
        self._sizes = np.array([len(m) for m in made], np.int64)

    def candidates(self, words: tuple[str, ...]) -> Iterable[str]:
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


def _shingles(words: tuple[str, ...]) -> Numbers:
    """A number for each different run of three words; for the whole text where it is shorter."""
    size = min(RUN, len(words))
    hashed = np.fromiter((hash(word) & 0xFFFFFFFFFFFFFFFF for word in words), np.uint64, len(words))
    made = np.zeros(max(0, len(words) - size + 1) if size else 0, np.uint64)
    for i in range(size):
        made = made * _FACTOR + hashed[i : len(words) - size + 1 + i]
    return np.unique(made)
