"""What a corpus lacks: saved questionnaires for which a section has nothing near.

A questionnaire has a gap in a section where either holds:

- it is **unrelated**: a question in a random direction would come as near (``Verdict.NO_INFORMATION``, as Attention
  tells it; ``services.domain.separation``), or
- it is **far**: the distance of its nearest approved script exceeds the section's median by more than the upper fence
  of all such differences, ``Q3 + 1.5 (Q3 - Q1)`` over every questionnaire and section (Tukey, Exploratory Data
  Analysis, 1977). Against the median of its section, because sections differ; over all of them together, because few
  people save more than some dozens. Fewer than ``FEWEST`` questionnaires have no fence.

A fence of its own and no fixed distance, because 0.6 is near under one model and far under another.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.domain.landscape import Gap, Place
from services.domain.maps import Map
from services.domain.scripts import Record
from services.domain.separation import Separation, Verdict
from services.domain.word_forms import stem
from services.map.asking import place_among
from services.map.naming import Said
from services.ranking.lexical import searched, words

FEWEST = 8
# Missing words that are told.
MOST_WORDS = 12
_BEYOND = 1.5
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Answer:
    """What a saved questionnaire gets of a section: its nearest approved scripts, at least one, the nearest first."""

    questionnaire: str
    title: str
    # Its answers, without the sentence around them.
    text: str
    section: str
    scripts: tuple[str, ...]
    # The cosine distance of each.
    distances: tuple[float, ...]
    separation: Separation

    @property
    def distance(self) -> float:
        """Of the nearest."""
        return self.distances[0]

    @property
    def unrelated(self) -> bool:
        """Whether an unrelated question would come as near."""
        return self.separation.verdict is Verdict.NO_INFORMATION


def gaps(
    answers: Sequence[Answer], shown: Map, records: Mapping[str, Record], spoken: Mapping[str, int]
) -> tuple[Gap, ...]:
    """The gaps among all answers, those that are unrelated first, then the farthest first.

    ``spoken`` is in how many scripts each word is.
    """
    usual = _usual(answers)
    limit = fence(answers)
    found = []
    for answer in answers:
        far = limit is not None and answer.distance - usual[answer.section] > limit
        if answer.unrelated or far:
            found.append(
                Gap(
                    questionnaire=answer.questionnaire,
                    title=answer.title,
                    section=answer.section,
                    distance=answer.distance,
                    usual=usual[answer.section],
                    missing=missing(answer.text, [searched(records[s].script) for s in answer.scripts], spoken),
                    nearest=answer.scripts,
                    position=_place(answer, shown),
                    unrelated=answer.unrelated,
                    far=far,
                )
            )
    return tuple(sorted(found, key=lambda gap: (not gap.unrelated, -gap.distance, gap.questionnaire, gap.section)))


def fence(answers: Sequence[Answer]) -> float | None:
    """How much farther than its section's median is unusual; None where there are too few, or all are as far."""
    if len({answer.questionnaire for answer in answers}) < FEWEST:
        return None
    usual = _usual(answers)
    first, third = np.percentile([answer.distance - usual[answer.section] for answer in answers], [25, 75])
    return float(third + _BEYOND * (third - first)) if third - first > _ROUNDING else None


def missing(asked: str, nearest: Sequence[str], spoken: Mapping[str, int]) -> tuple[str, ...]:
    """The words of a question that none of these texts has in any form, those that fewest scripts have first."""
    told, *held = words([asked, *nearest])
    known = {stem(word) for text in held for word in text}
    found: dict[str, str] = {}
    for word in told:
        if stem(word) not in known and not word.isnumeric():
            found.setdefault(stem(word), word)
    return tuple(sorted(found.values(), key=lambda word: spoken.get(word, 0))[:MOST_WORDS])


def spoken_by(said: Sequence[Said], vocabulary: Sequence[str]) -> Mapping[str, int]:
    """In how many scripts each word is."""
    if not said:
        return {}
    counts = np.bincount(np.concatenate([one.words for one in said]), minlength=len(vocabulary))
    return Counter(dict(zip(vocabulary, counts.tolist(), strict=True)))


def _usual(answers: Sequence[Answer]) -> Mapping[str, float]:
    """The median of the nearest distances of each section."""
    found: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        found[answer.section].append(answer.distance)
    return {section: float(np.median(distances)) for section, distances in found.items()}


def _place(answer: Answer, shown: Map) -> Place | None:
    return place_among(dict(zip(answer.scripts, answer.distances, strict=True)), shown)[0]
