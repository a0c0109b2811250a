"""Scripts by the words that they share with a question: BM25 as ``bm25s`` computes it.

Its defaults: the variant of Lucene, k1 = 1.5, b = 0.75, words of two letters and more in lower case (Kamphuis et al.,
ECIR 2020; Lù 2024, https://arxiv.org/abs/2407.03618), without the English stop words; of other languages all words
count. A script is its title, situation, focus areas and text; one that shares no word with the question is not ranked.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, cast

import numpy as np
from rapidfuzz import fuzz, process

from services.domain.results import Unknown
from services.domain.scripts import Script, Status, Vectors
from services.ports import Catalogue

# The lists of bm25s have "wouldn't" and "we", and not these.
_MORE_STOP_WORDS = ("could", "might", "must", "shall", "us", "would")
# A slip leaves this much of two words alike, in hundredths: one letter of five is another one.
_SLIP = 80.0
# Shorter words are too much like too many others.
_TELLING = 4
# Unknown words of a question for which another is looked for.
_GUESSED = 5


def searched(script: Script) -> str:
    """What of a script is looked through."""
    return "\n".join((script.title, script.situation, ", ".join(script.focus_areas), script.text))


def _bm25s() -> ModuleType:
    import bm25s  # noqa: PLC0415  half a second that only who asks by words should wait for

    # It sets itself to tell everything.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return cast("ModuleType", bm25s)


@cache
def _stop_words() -> list[str]:
    """English words that say nothing of what a text is about; also what the apostrophe leaves of 've, 're, don't."""
    from bm25s.stopwords import STOPWORDS_EN, STOPWORDS_EN_PLUS  # noqa: PLC0415  as above

    return sorted({*STOPWORDS_EN, *STOPWORDS_EN_PLUS, *_MORE_STOP_WORDS})


def words(texts: Sequence[str]) -> list[list[str]]:
    """The words that count of each text, in its order."""
    split: list[list[str]] = _bm25s().tokenize(
        list(texts), stopwords=_stop_words(), return_ids=False, show_progress=False
    )
    return split


def _nearest(word: str, known: Sequence[str]) -> str:
    """The word that differs least, if it differs by a slip; else nothing. 50,000 known words take some milliseconds."""
    found = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_SLIP) if len(word) >= _TELLING else None
    return found[0] if found else ""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words of some scripts, in their order. ``index`` is None where not one word is in them."""

    scripts: tuple[Script, ...]
    index: Any

    @classmethod
    def of(cls, scripts: Iterable[Script]) -> "Lexicon":
        """Read all words of these scripts: some seconds for ten thousand long ones."""
        bm25s = _bm25s()
        held = tuple(scripts)
        split = bm25s.tokenize([searched(s) for s in held], stopwords=_stop_words(), show_progress=False)
        if not split.vocab:
            return cls(held, None)
        index = bm25s.BM25()
        index.index(split, show_progress=False)
        return cls(held, index)

    def scores(self, questions: Sequence[str]) -> Vectors:
        """``float32[q, n]``: the BM25 score of each script for each question; 0 where they share no word."""
        found = np.zeros((len(questions), len(self.scripts)), np.float32)
        if self.index is None:
            return found
        for row, asked in zip(found, words(questions), strict=True):
            known = self.index.get_tokens_ids(asked)
            if known:
                row[:] = self.index.get_scores_from_ids(known)
        return found

    def shared(self, question: str, place: int) -> tuple[str, ...]:
        """The words that a script has in common with a question, those that weigh most first."""
        if self.index is None:
            return ()
        asked = [word for word in dict.fromkeys(words([question])[0]) if word in self.index.vocab_dict]
        weights = {word: self._weight(word, place) for word in asked}
        return tuple(sorted((word for word in asked if weights[word]), key=lambda word: -weights[word]))

    def unknown(self, question: str) -> tuple[Unknown, ...]:
        """The words of a question that none of the scripts has, each once, with what may have been meant."""
        held = self.index.vocab_dict if self.index is not None else {}
        missing = [word for word in dict.fromkeys(words([question])[0]) if word not in held]
        known = list(held) if missing else []
        return tuple(Unknown(word, _nearest(word, known) if n < _GUESSED else "") for n, word in enumerate(missing))

    def _weight(self, word: str, place: int) -> float:
        """What a word brings a script; 0 where it does not have it."""
        held, number = self.index.scores, self.index.vocab_dict[word]
        those = slice(int(held["indptr"][number]), int(held["indptr"][number + 1]))
        return float(held["data"][those][held["indices"][those] == place].sum())

    def holds(self, scripts: Sequence[Script]) -> bool:
        """Whether it was made of these very scripts. Cheap where they are the same objects."""
        return len(scripts) == len(self.scripts) and all(
            one is other or one == other for one, other in zip(scripts, self.scripts, strict=True)
        )


def shared(question: str, script: Script) -> tuple[str, ...]:
    """The words that any script has in common with a question, in the question's order, each once."""
    asked, there = words([question, searched(script)])
    held = set(there)
    return tuple(word for word in dict.fromkeys(asked) if word in held)


class Lexicons:
    """The lexicons of a workspace, each made when it is asked for first and kept until its scripts change."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, frozenset[Status]], tuple[Catalogue, Lexicon]] = {}

    def of(self, catalogue: Catalogue, section: str, statuses: Collection[Status]) -> Lexicon:
        """The words of a section's scripts of these statuses, all where none is named, in the order of ids."""
        key = (section, frozenset(statuses) or frozenset(Status))
        kept = self._kept.get(key)
        if kept is None or kept[0] is not catalogue:
            scripts = sorted(
                (r.script for r in catalogue.section(section) if r.script.status in key[1]), key=lambda s: s.id
            )
            lexicon = kept[1] if kept and kept[1].holds(scripts) else Lexicon.of(scripts)
            self._kept[key] = kept = (catalogue, lexicon)
        return kept[1]
