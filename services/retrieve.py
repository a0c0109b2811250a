"""From a questionnaire to the nearest scripts of each section, or to a refusal that says why."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.errors import ModelMismatch
from services.model_digest import Stamp, State, compare
from services.ports import Catalogue, Embedder, VectorIndex
from services.questionnaires import Questionnaire
from services.results import ExpectedRank, Hit, PassageHit, Ranking, Retrieval
from services.scripts import Record, Script, Status, Vectors
from services.settings import Settings
from services.vectors import DEFAULT_POLICY, recipe_of

# How many passages to ask the graph for, for each script wanted: a script has several that may crowd the front.
_PASSAGES_A_SCRIPT = 8


@dataclass(frozen=True)
class Options:
    """What a question leaves open. Empty ``sections`` and ``focus_areas`` mean all."""

    top_k: int = 5
    sections: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = (Status.APPROVED,)
    focus_areas: tuple[str, ...] = ()
    # Ask a collection of another model all the same. Its hits mean nothing; they are marked by their state.
    allow_mismatch: bool = False
    # False: the hits only, by the index's own search, without the distance of every script.
    whole_section: bool = True

    def admits(self, script: Script) -> bool:
        """Whether a script may be retrieved."""
        focus = not self.focus_areas or any(area in script.focus_areas for area in self.focus_areas)
        return focus and (not self.statuses or script.status in self.statuses)


def retrieve(
    questionnaire: Questionnaire,
    *,
    options: Options,
    settings: Settings,
    catalogue: Catalogue,
    index: VectorIndex,
    embedder: Embedder,
) -> Retrieval:
    """Embed the questionnaire's query and rank the scripts of each section by distance.

    Raises:
        InvalidQuestionnaire: nothing was asked.
        NotFound: a section that does not exist.
        EmbedderFailed: the query could not be embedded.
    """
    sections = [settings.check_section(s) for s in options.sections] or list(settings.sections)
    query = questionnaire.query_text(settings.query_template)
    started = time.perf_counter()
    vector = embedder.embed_query(query)
    embedded = time.perf_counter()
    stamp = Stamp.of(recipe_of(embedder))
    rankings = rank(vector, stamp, sections, questionnaire, options=options, catalogue=catalogue, index=index)
    return Retrieval(
        questionnaire=questionnaire,
        query=query,
        embedder=embedder.name,
        stamp=stamp,
        index=index.name,
        sections={ranking.section: ranking for ranking in rankings},
        unknown_expected=tuple(e.script for e in questionnaire.expected if e.script not in catalogue.records),
        embedding_seconds=embedded - started,
        search_seconds=time.perf_counter() - embedded,
    )


def rank(  # noqa: PLR0913  a question has this many parts
    vector: Vectors,
    stamp: Stamp,
    sections: Sequence[str],
    questionnaire: Questionnaire,
    *,
    options: Options,
    catalogue: Catalogue,
    index: VectorIndex,
) -> list[Ranking]:
    """Rank each section for a query vector, ``float32[d]``, that carries ``stamp``."""
    return [_rank(vector, stamp, section, questionnaire, options, catalogue, index) for section in sections]


def _rank(  # noqa: PLR0913
    vector: Vectors,
    stamp: Stamp,
    section: str,
    questionnaire: Questionnaire,
    options: Options,
    catalogue: Catalogue,
    index: VectorIndex,
) -> Ranking:
    recorded = index.stamp(section)
    state = compare(recorded, stamp)
    try:
        if recorded is not None:
            _refuse(section, recorded, stamp, state, options)
    except ModelMismatch as refusal:
        return Ranking(section, state, refusal=refusal.cause, next_step=refusal.next_step)
    if options.whole_section:
        return _whole(vector, section, state, questionnaire, options, catalogue, index)
    return Ranking(section, state, hits=_front(vector, section, options, catalogue, index))


def _refuse(section: str, recorded: Stamp, query: Stamp, state: State, options: Options) -> None:
    if state is not State.MISMATCH:
        return
    cause = (
        f"'{section}' was embedded by {recorded.model_name} ({recorded.model_digest[:12]}), "
        f"the question by {query.model_name} ({query.model_digest[:12]}): what it returned would be random."
    )
    if recorded.dimensions != query.dimensions:
        raise ModelMismatch(
            f"{cause} Their vectors do not even have as many numbers ({recorded.dimensions} and {query.dimensions}).",
            "Ask with the model of the collection, or embed the scripts anew: python -m services rebuild --embedder NAME",
        )
    if not options.allow_mismatch:
        raise ModelMismatch(
            cause, "Ask with the model of the collection, or embed the scripts anew: python -m services rebuild --embedder NAME"
        )


def _whole(  # noqa: PLR0913
    vector: Vectors,
    section: str,
    state: State,
    questionnaire: Questionnaire,
    options: Options,
    catalogue: Catalogue,
    index: VectorIndex,
) -> Ranking:
    scores = index.score(section, vector)
    distances = scores.distances
    records = catalogue.records
    # Stable, over scripts in the order of ids: equal distances always come in the same order.
    order = np.argsort(distances, kind="stable")
    admitted = [int(p) for p in order if _admitted(scores.scripts[p], records.get(scores.scripts[p]), options)]
    hits = []
    for number, position in enumerate(admitted[: options.top_k], start=1):
        found = PassageHit(scores.scripts[position], scores.nearest_passage(position), float(distances[position]))
        hits.append(_hit(number, found, records[found.script]))
    scored = tuple(scores.scripts[p] for p in admitted)
    ranked = distances[admitted]
    expected = _expected(questionnaire, section, catalogue, scored, ranked, set(scores.scripts))
    return Ranking(section, state, tuple(hits), scored, ranked, expected)


def _admitted(script: str, record: Record | None, options: Options) -> bool:
    """A row without a record is one that sync has not removed yet."""
    return record is not None and record.vectors is not None and options.admits(record.script)


def _front(
    vector: Vectors, section: str, options: Options, catalogue: Catalogue, index: VectorIndex
) -> tuple[Hit, ...]:
    """The nearest scripts by the index's own search, asking for more passages until there are enough scripts."""
    passages, total = options.top_k * _PASSAGES_A_SCRIPT, index.count(section)
    while True:
        nearest: dict[str, PassageHit] = {}
        for found in index.nearest(section, vector, min(passages, total)):
            record = catalogue.records.get(found.script)
            if record is not None and _admitted(found.script, record, options):
                nearest.setdefault(found.script, found)
        if len(nearest) >= options.top_k or passages >= total:
            front = list(nearest.values())[: options.top_k]
            return tuple(_hit(i, found, catalogue.records[found.script]) for i, found in enumerate(front, start=1))
        passages *= 4


def _hit(number: int, found: PassageHit, record: Record) -> Hit:
    assert record.vectors is not None  # noqa: S101  _admitted lets no other through
    # An index that lags behind the record for a moment may name a passage that the record no longer has.
    ordinal = min(found.ordinal, len(record.vectors.passages) - 1)
    passage = record.vectors.passages[ordinal]
    words = record.script.passage_text(passage, DEFAULT_POLICY.card)
    return Hit(number, record.script, found.distance, passage, words)


def _expected(  # noqa: PLR0913
    questionnaire: Questionnaire,
    section: str,
    catalogue: Catalogue,
    scored: tuple[str, ...],
    distances: Vectors,
    indexed: set[str],
) -> tuple[ExpectedRank, ...]:
    found = []
    positions = {script: i for i, script in enumerate(scored)}
    for e in questionnaire.expected:
        record = catalogue.records.get(e.script)
        if record is None or record.script.section != section:
            continue
        position = positions.get(e.script)
        if position is not None:
            near = float(distances[position])
            found.append(ExpectedRank(e.script, record.script.title, e.grade, position + 1, near))
        else:
            reason = "filtered out" if e.script in indexed else "not in the index"
            found.append(ExpectedRank(e.script, record.script.title, e.grade, None, None, reason))
    return tuple(sorted(found, key=lambda item: (item.rank is None, item.rank or 0)))
