"""One section's answer: the scripts in their order, the first with what matched, and where the expected ones came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.domain.fusion import Positions
from services.domain.methods import Method, Mode
from services.domain.model_digest import State
from services.domain.passages import Passage
from services.domain.results import ExpectedRank, Hit, PassageHit, Ranking
from services.domain.scripts import Record, Script, Vectors, VectorSet
from services.domain.separation import Separation
from services.ranking import Lexicon, Near, both_ranks, by_distance, mean_directions, needs_words, order, wordiest
from services.ranking.ordering import Directions
from services.retrieve.question import Asked, Options
from services.vectors import DEFAULT_POLICY

# How many passages to ask the graph for, for each script wanted: a script has several that may crowd the front.
_PASSAGES_A_SCRIPT = 8
_BY_WORDS = Separation(None, reason="found by words, however close the vectors are")


def whole(asked: Asked, section: str, state: State, space: str = "") -> Ranking:
    """The ranking of all scripts of a section by the method of the question.

    ``space``: the digest of the model whose vectors say which scripts are alike; empty where none can be trusted to.
    Without one such vector the order is not varied.
    """
    scores = None if asked.vector is None else asked.index.score(section, asked.vector)
    near = None if scores is None else Near(scores, asked.catalogue.records, asked.method)
    candidates, worded = _candidates(asked, section, near)
    varied = bool(asked.method.variety) and any(_of_space(record, space) for record in candidates)
    asked = asked if varied else replace(asked, method=replace(asked.method, variety=0.0))
    names = [record.script.id for record in candidates]
    distances = near.distances(names) if near else np.full(len(names), np.inf, np.float32)
    cut_off = asked.method.cut_off(asked.stamp.model_digest) if near else None
    found, by = _order(distances, worded, asked.method, cut_off, lambda pool: _directions(candidates, pool, space))
    places, told = found.tolist(), distances[found]
    first = [candidates[p] for p in places[: asked.options.top_k]]
    shared = [worded.shared(asked.words, p) if worded else () for p in places[: asked.options.top_k]]
    lexical = asked.method.mode is Mode.LEXICAL
    hits = _hits(asked, near, list(zip(first, told.tolist(), by.tolist(), shared, strict=False)))
    if asked.method.mode is Mode.HYBRID or asked.method.variety:
        by_meaning, by_words = both_ranks(distances, worded.scores if worded else None, cut_off)
        hits = _with_ranks(hits, places, by_meaning * (not lexical), by_words)
    return Ranking(
        section,
        state,
        hits=hits,
        scored=tuple([names[p] for p in places]),
        distances=np.where(np.isinf(told), np.float32(np.nan), told),
        expected=_expected(asked, section, {names[p]: rank for rank, p in enumerate(places, start=1)}, near),
        candidates=len(names),
        unknown=worded.lexicon.unknown(asked.words) if worded else (),
        separation=_BY_WORDS if lexical or scores is None or asked.vector is None else scores.separation(asked.vector),
        left_out=0 if lexical or scores is None else _left_out(asked, section, len(scores.scripts)),
        varied=varied,
    )


@dataclass(frozen=True, eq=False)
class _Worded:
    """How the words of the candidates score, ``float32[s]``, and where each stands in the lexicon."""

    lexicon: Lexicon
    places: list[int]
    scores: Vectors

    def shared(self, question: str, candidate: int) -> tuple[str, ...]:
        return self.lexicon.shared(question, self.places[candidate])


def _order(
    distances: Vectors, worded: _Worded | None, method: Method, cut_off: float | None, directions: Directions
) -> tuple[Positions, Vectors]:
    """The places of those that are ranked, best first, and what they were ranked by."""
    words = worded.scores[np.newaxis] if worded else None
    found = order(distances[np.newaxis], words, method, cut_off=cut_off, directions=directions, depth=len(distances))
    ranked = found.ranked[0]
    return found.places[0, :ranked], found.scores[0, :ranked]


def _directions(candidates: Sequence[Record], pool: Positions, space: str) -> Vectors:
    """``float32[1, c, d]``, of those whose vectors are of this space; 0 for the others."""
    return mean_directions([_of_space(candidates[place], space) for place in pool[0].tolist()])[np.newaxis]


def _of_space(record: Record, space: str) -> VectorSet | None:
    held = record.vectors
    return held if held and held.stamp.model_digest == space else None


def _left_out(asked: Asked, section: str, indexed: int) -> int:
    return max(0, asked.catalogue.sizes.get(section, 0) - indexed)


def _candidates(asked: Asked, section: str, near: Near | None) -> tuple[list[Record], _Worded | None]:
    """The records that may be retrieved, in the order of ids, and their words where these count.

    By distance, those that the index has; by words, all that are kept.
    """
    records, options = asked.catalogue.records, asked.options
    if near is not None and not needs_words(asked.method):
        held = (records.get(script) for script in near.scores.scripts)
        return [record for record in held if record is not None and admitted(record, options)], None
    lexicon = asked.lexicons.of(asked.catalogue, section, options.statuses)
    places = [place for place, script in enumerate(lexicon.scripts) if options.admits(script)]
    found = [records[lexicon.scripts[place].id] for place in places]
    return found, _Worded(lexicon, places, lexicon.scores([asked.words])[0][places])


def admitted(record: Record | None, options: Options) -> bool:
    """Whether it can be found by distance. A row without a record is one that sync has not removed yet."""
    return record is not None and record.vectors is not None and options.admits(record.script)


def front(asked: Asked, vector: Vectors, section: str) -> tuple[Hit, ...]:
    """The nearest scripts by the index's own search, asking for more passages until there are enough scripts."""
    index, records, top_k = asked.index, asked.catalogue.records, asked.options.top_k
    passages, total = top_k * _PASSAGES_A_SCRIPT, index.count(section)
    while True:
        nearest: dict[str, PassageHit] = {}
        for found in index.nearest(section, vector, min(passages, total)):
            if admitted(records.get(found.script), asked.options):
                nearest.setdefault(found.script, found)
        if len(nearest) >= top_k or passages >= total:
            front = list(nearest.values())[:top_k]
            return tuple(_near_hit(i, found, records[found.script]) for i, found in enumerate(front, start=1))
        passages *= 4


def _near_hit(number: int, found: PassageHit, record: Record) -> Hit:
    passage = _passage(record, found.ordinal)
    return Hit(number, record.script, found.distance, passage, _says(record.script, passage))


def _hits(
    asked: Asked, near: Near | None, first: Sequence[tuple[Record, float, float, tuple[str, ...]]]
) -> tuple[Hit, ...]:
    """The first scripts with their distances, their scores and the words they share; each with what matched."""
    found = []
    for number, (record, distance, score, words) in enumerate(first, start=1):
        ordinal = near.passage(record.script.id) if near and asked.method.mode is not Mode.LEXICAL else None
        passage = _wordiest(record, words) if ordinal is None else _passage(record, ordinal)
        near_by, ranked_by = None if np.isinf(distance) else distance, None if by_distance(asked.method) else score
        said = _says(record.script, passage)
        found.append(Hit(number, record.script, near_by, passage, said, ranked_by, words))
    return tuple(found)


def _with_ranks(
    hits: Sequence[Hit], places: Sequence[int], by_meaning: Positions, by_words: Positions
) -> tuple[Hit, ...]:
    """The same hits with the ranks that their order was made of; ``places`` are theirs among the candidates."""
    return tuple(
        replace(hit, meaning_rank=int(by_meaning[place]) or None, words_rank=int(by_words[place]) or None)
        for hit, place in zip(hits, places, strict=False)
    )


def _passage(record: Record, ordinal: int) -> Passage:
    assert record.vectors is not None  # noqa: S101  the index has nothing without vectors
    # An index that lags behind the record for a moment may name a passage that the record no longer has.
    return record.vectors.passages[min(ordinal, len(record.vectors.passages) - 1)]


def _wordiest(record: Record, words: Sequence[str]) -> Passage:
    passages = record.vectors.passages if record.vectors else ()
    return wordiest(record.script, passages, [_says(record.script, p) for p in passages], words)


def _says(script: Script, passage: Passage) -> str:
    return script.passage_text(passage, DEFAULT_POLICY.card)


def _expected(asked: Asked, section: str, ranks: Mapping[str, int], near: Near | None) -> tuple[ExpectedRank, ...]:
    """Where the expected scripts of this section came, those with a rank first."""
    records = asked.catalogue.records
    wanted = [e for e in asked.questionnaire.expected if _is_of(records.get(e.script), section)]
    far = near.distances([e.script for e in wanted]).tolist() if near else [np.inf] * len(wanted)
    found = []
    for e, distance in zip(wanted, far, strict=True):
        script, rank = records[e.script].script, ranks.get(e.script)
        told = None if rank is None or np.isinf(distance) else distance
        reason = "" if rank else _why_not(asked, script, near, distance)
        found.append(ExpectedRank(e.script, script.title, e.grade, rank, told, reason))
    return tuple(sorted(found, key=lambda item: (item.rank is None, item.rank or 0)))


def _why_not(asked: Asked, script: Script, near: Near | None, distance: float) -> str:
    """Why a script has no rank; ``distance`` is inf where it has none."""
    if not needs_words(asked.method) and not (near and near.has(script.id)):
        return "not in the index"
    if not asked.options.admits(script):
        return "filtered out"
    cut_off = asked.method.cut_off(asked.stamp.model_digest)
    if cut_off is not None and np.float32(cut_off) < distance < np.inf:
        return "beyond the cut-off"
    return "shares no word" if needs_words(asked.method) else "no such passage"


def _is_of(record: Record | None, section: str) -> bool:
    return record is not None and record.script.section == section
