"""Names for clusters from the words of their own scripts.

c-TF-IDF (Grootendorst 2022, https://arxiv.org/abs/2203.05794): the scripts of a cluster are read as one text, those of
none as another, and a word weighs ::

    tf * log(1 + A / f)

``tf`` being how often the cluster says it, ``f`` how often all do, and ``A`` the average number of words a cluster has.
What stands in a title, a situation or a focus area counts five times: there practitioners say what a script is about,
while its text is pictures. A word can be part of a name where at least two scripts of the cluster have it, and its
share of them is half as large again as its share of the others: what nearly every cluster says, names none, and one
long script names no cluster alone.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.maps import NONE, Numbers
from services.domain.scripts import Script
from services.domain.word_forms import stem
from services.ground.progress import Report
from services.ranking.lexical import words

WORDS = 3
# A word's share of the cluster's scripts is at least so many times its share of the others.
LIFT = 1.5
# How often a word counts that stands in a title, a situation or a focus area.
CARD = 5
_FEWEST_SCRIPTS = 2
_AT_A_TIME = 256
# What a script is about it says in so many characters, about 1,100 words: 20,000 scripts take 15 s at most.
_READ = 6_000
# What else is one word, in writing without spaces, is a sentence.
_LONGEST = 24
# A count of breaths or steps is what many scripts go by, and none is about.
_COUNTS = frozenset(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
    | {"first", "second", "twenty", "thirty", "forty", "fifty", "hundred", "thousand"}
)

Counted = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Said:
    """The words of one script: ``int32[w]`` numbers of a vocabulary, each once, and how often each counts."""

    words: Counted
    times: Counted


class Vocabulary:
    """The words of scripts, counted once for each text and kept. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._kept: dict[str, Said] = {}

    def read(self, scripts: Sequence[Script], digests: Sequence[str], report: Report) -> list[Said]:
        """The words of each script; ``digests`` tell which are known. Others than these are forgotten.

        20,000 scripts of 400 words take 6 s of one core the first time. Raises ``Cancelled`` where ``report`` does.
        """
        with self._lock:
            new = [place for place, digest in enumerate(digests) if digest not in self._kept]
            for start in range(0, len(new), _AT_A_TIME):
                report("Reading the words of the scripts", start, len(new))
                some = new[start : start + _AT_A_TIME]
                for place, said in zip(some, _words([scripts[p] for p in some]), strict=True):
                    self._kept[digests[place]] = self._counted(said)
            self._kept = {digest: self._kept[digest] for digest in digests}
            return [self._kept[digest] for digest in digests]

    def words(self) -> list[str]:
        """Every word by its number."""
        with self._lock:
            return list(self._numbers)

    def _counted(self, counted: Counter[str]) -> Said:
        numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in counted]
        return Said(np.array(numbers, np.int32), np.fromiter(counted.values(), np.int32, len(counted)))


def _words(scripts: Sequence[Script]) -> Iterator[Counter[str]]:
    """How often each word of each script counts."""
    cards = words(["\n".join((s.title, s.situation, ", ".join(s.focus_areas))) for s in scripts])
    for text, card in zip(words([s.text[:_READ] for s in scripts]), cards, strict=True):
        counted = Counter(text)
        for word in card:
            counted[word] += CARD
        yield counted


@dataclass(frozen=True, eq=False)
class Weighed:
    """What can be part of a name: pairs of a cluster and a word, ``int64[p]`` of either, and ``float64[p]`` weights."""

    cluster: Numbers
    word: Numbers
    weight: npt.NDArray[np.float64]


def names(said: Sequence[Said], clusters: Numbers, vocabulary: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The words of each cluster's name, the most telling first; ``clusters`` is ``int64[n]``, ``NONE`` for none."""
    weighed = weigh(said, clusters, len(vocabulary))
    order = np.lexsort((-weighed.weight, weighed.cluster))
    found: dict[int, tuple[str, ...]] = {}
    for number in np.unique(clusters[clusters != NONE]).tolist():
        start, end = np.searchsorted(weighed.cluster[order], [number, number + 1])
        mine = order[start:end]
        found[number] = _readable(weighed.word[mine], weighed.weight[mine], vocabulary)
    return found


def weigh(said: Sequence[Said], clusters: Numbers, size: int) -> Weighed:
    """The words that can be part of a name, by c-TF-IDF; ``size`` is how many words there are."""
    empty = np.zeros(0, np.int64)
    if not size or not len(said) or (clusters == NONE).all():
        return Weighed(empty, empty, np.zeros(0))
    lengths = [len(one.words) for one in said]
    word = np.concatenate([one.words for one in said]).astype(np.int64)
    times = np.concatenate([one.times for one in said])
    # Those that belong to none come first, as number 0.
    pairs, at = np.unique((np.repeat(clusters, lengths) + 1) * size + word, return_inverse=True)
    tf, scripts = np.bincount(at, times), np.bincount(at)
    cluster, of = pairs // size, pairs % size
    f, held = np.bincount(of, tf, size), np.bincount(of, scripts, size)
    groups = np.bincount(clusters + 1)
    average = tf.sum() / np.count_nonzero(groups)
    weight = tf * np.log1p(average / f[of])
    elsewhere = (held[of] - scripts) / np.maximum(len(said) - groups[cluster], 1)
    kept = (cluster > 0) & (scripts >= _FEWEST_SCRIPTS) & (scripts / groups[cluster] >= LIFT * elsewhere)
    return Weighed(cluster[kept] - 1, of[kept], weight[kept])


def _readable(numbers: Numbers, weights: npt.NDArray[np.float64], vocabulary: Sequence[str]) -> tuple[str, ...]:
    """The first words that are no counts and no forms of one another; of equal weight, in the order of the alphabet."""
    front = min(len(numbers), 16 * WORDS)
    ordered = sorted(zip((-weights[:front]).tolist(), (vocabulary[n] for n in numbers[:front].tolist()), strict=True))
    found: dict[str, str] = {}
    for _, word in ordered:
        if len(found) < WORDS and len(word) <= _LONGEST and not (word.isnumeric() or word in _COUNTS):
            found.setdefault(stem(word), word)
    return tuple(found.values())
