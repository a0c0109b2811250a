"""One question over one section: what an index says of its scripts, as a method takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.domain import fusion
from services.domain.fusion import Mask
from services.domain.methods import Method, Passages
from services.domain.passages import Passage
from services.domain.results import Scores
from services.domain.scripts import Record, Script, Vectors
from services.ranking.lexical import words


@dataclass(frozen=True, eq=False)
class Near:
    """The distances of one question as a method takes them."""

    scores: Scores
    records: Mapping[str, Record]
    method: Method

    def distances(self, scripts: Sequence[str]) -> Vectors:
        """``float32[s]``, of these scripts; inf where the index has none or the script has no such passage."""
        places = np.array([self._place.get(script, -1) for script in scripts], np.int64)
        return np.append(self._all, np.float32(np.inf))[places]

    def has(self, script: str) -> bool:
        """Whether the index has it."""
        return script in self._place

    def passage(self, script: str) -> int | None:
        """The ordinal of the nearest passage that the method looks at; None where there is none."""
        place = self._place.get(script)
        if place is None or np.isinf(self._all[place]):
            return None
        if self._plain:
            return self.scores.nearest_passage(place)
        ends = np.append(self.scores.starts, len(self._cards))
        mine = slice(int(ends[place]), int(ends[place + 1]))
        seen = fusion.counted(self.method.passages, self._cards[mine])
        return int(np.argmin(np.where(seen, self.scores.passage_distances[mine], np.inf)))

    @property
    def _plain(self) -> bool:
        return self.method.passages in {Passages.BOTH, Passages.START}

    @cached_property
    def _place(self) -> dict[str, int]:
        return {script: place for place, script in enumerate(self.scores.scripts)}

    @cached_property
    def _all(self) -> Vectors:
        s = self.scores
        cards = np.zeros(len(s.passage_distances), bool) if self._plain else self._cards
        return fusion.script_distances(s.passage_distances, s.starts, cards, self.method.passages, self.method.nearest)

    @cached_property
    def _cards(self) -> Mask:
        """Which passages are cards, as the records say; of one that the records do not have it is not known."""
        cards, starts = np.zeros(len(self.scores.passage_distances), bool), self.scores.starts.tolist()
        for script, start, end in zip(self.scores.scripts, starts, [*starts, len(cards)][1:], strict=True):
            record = self.records.get(script)
            if record is not None and record.vectors is not None:
                kinds = [passage.kind == "card" for passage in record.vectors.passages[: end - start]]
                cards[start : start + len(kinds)] = kinds
        return cards


def wordiest(script: Script, passages: Sequence[Passage], texts: Sequence[str], wanted: Sequence[str]) -> Passage:
    """The passage that has most of these words, the first of several; the whole text where there are no passages."""
    if not passages:
        return Passage("body", 0, len(script.text))
    counts = [len(set(wanted) & set(there)) for there in words(texts)]
    return passages[counts.index(max(counts))]
