"""From a questionnaire to the nearest scripts of each section, or to a refusal that says why."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from services.domain.model_digest import Stamp, State, compare
from services.domain.questionnaires import Expected, Questionnaire
from services.domain.results import ExpectedRank, Hit, PassageHit, Ranking, Retrieval
from services.domain.scripts import Record, Script, Status, Vectors
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.ports import Catalogue, Embedder, VectorIndex
from services.vectors import DEFAULT_POLICY, recipe_of

# How many passages to ask the graph for, for each script wanted: a script has several that may crowd the front.
_PASSAGES_A_SCRIPT = 8
_MEND = (
    "Ask with the model of the collection, or embed the scripts anew: python -m services rebuild --embedder {embedder}"
)
# The same name, and what is stored under it was made by something else: a stamp cannot tell which scripts need it.
_MEND_ALL = (
    "Embed all scripts anew: python -m services rebuild --embedder {embedder} --all; "
    "or, if that was mended, check again: python -m services health"
)


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


@dataclass(frozen=True, eq=False)
class Asked:
    """A question with its vector, ``float32[d]``, and all that it is put to."""

    questionnaire: Questionnaire
    vector: Vectors
    # Which embedder made it, and which space it lives in.
    embedder: str
    stamp: Stamp
    options: Options
    catalogue: Catalogue
    index: VectorIndex
    # What is known of the sections besides what is recorded with them.
    known: Mapping[str, Trust] = field(default_factory=dict)


def retrieve(  # noqa: PLR0913  a question is put to this many parts
    questionnaire: Questionnaire,
    *,
    options: Options,
    settings: Settings,
    catalogue: Catalogue,
    index: VectorIndex,
    embedder: Embedder,
    known: Mapping[str, Trust] | None = None,
) -> Retrieval:
    """Embed the questionnaire's query and rank the scripts of each section by distance.

    ``known`` is what checks have found out of the sections; without it, what is recorded with them decides.

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
    asked = Asked(questionnaire, vector, embedder.name, stamp, options, catalogue, index, known or {})
    rankings = {section: rank(asked, section) for section in sections}
    return Retrieval(
        questionnaire=questionnaire,
        query=query,
        embedder=embedder.name,
        stamp=asked.stamp,
        index=index.name,
        sections=rankings,
        unknown_expected=tuple(e.script for e in questionnaire.expected if e.script not in catalogue.records),
        embedding_seconds=embedded - started,
        search_seconds=time.perf_counter() - embedded,
    )


def rank(asked: Asked, section: str) -> Ranking:
    """One section's answer, or its refusal. Raises ``IndexBroken``."""
    # An emptied collection keeps its stamp, and there is nothing in it that could be refused.
    holds = asked.index.count(section) > 0
    recorded = asked.index.stamp(section) if holds else None
    declared = compare(recorded, asked.stamp)
    trust = asked.known.get(section) or Trust(declared, declared is State.MISMATCH, "")
    state, random = trust.state, holds and trust.random
    if random:
        refusal = _refusal(section, recorded, asked, trust)
        if refusal:
            mend = _MEND if declared is State.MISMATCH else _MEND_ALL
            next_step = mend.format(embedder=asked.embedder)
            return Ranking(section, state, random=random, refusal=refusal, next_step=next_step)
    whole = asked.options.whole_section
    ranking = _whole(asked, section, state) if whole else Ranking(section, state, hits=_front(asked, section))
    return replace(ranking, random=random)


def _refusal(section: str, recorded: Stamp | None, asked: Asked, trust: Trust) -> str:
    """Why a collection of another model is not asked; empty where the person insists and it can be."""
    query = asked.stamp
    if recorded is None:
        return "" if asked.options.allow_mismatch else f"'{section}' would return random scripts. {trust.reason}"
    cause = (
        f"'{section}' was embedded by {recorded.model_name} ({recorded.model_digest[:12]}), "
        f"the question by {query.model_name} ({query.model_digest[:12]}): what it returned would be random."
    )
    if recorded.model_digest == query.model_digest:
        cause = f"'{section}' is not asked: what it returned could not be trusted. {trust.reason}"
    if recorded.dimensions != query.dimensions:
        return f"{cause} Nor do their vectors have as many numbers ({recorded.dimensions} and {query.dimensions})."
    return "" if asked.options.allow_mismatch else cause


def _whole(asked: Asked, section: str, state: State) -> Ranking:
    scores = asked.index.score(section, asked.vector)
    distances, scripts, records = scores.distances, scores.scripts, asked.catalogue.records
    # Stable, over scripts in the order of ids: equal distances always come in the same order.
    order = np.argsort(distances, kind="stable").tolist()
    admitted = [p for p in order if _admitted(records.get(scripts[p]), asked.options)]
    hits = []
    for number, position in enumerate(admitted[: asked.options.top_k], start=1):
        found = PassageHit(scripts[position], scores.nearest_passage(position), float(distances[position]))
        hits.append(_hit(number, found, records[found.script]))
    left_out = max(0, asked.catalogue.sizes.get(section, 0) - len(scripts))
    scored = tuple([scripts[p] for p in admitted])
    separation = scores.separation(asked.vector)
    ranking = Ranking(
        section, state, tuple(hits), scored, distances[admitted], separation=separation, left_out=left_out
    )
    wanted = [e for e in asked.questionnaire.expected if _is_of(records.get(e.script), section)]
    return replace(ranking, expected=_expected(asked, ranking, wanted, set(scripts))) if wanted else ranking


def _admitted(record: Record | None, options: Options) -> bool:
    """A row without a record is one that sync has not removed yet."""
    return record is not None and record.vectors is not None and options.admits(record.script)


def _front(asked: Asked, section: str) -> tuple[Hit, ...]:
    """The nearest scripts by the index's own search, asking for more passages until there are enough scripts."""
    index, records, top_k = asked.index, asked.catalogue.records, asked.options.top_k
    passages, total = top_k * _PASSAGES_A_SCRIPT, index.count(section)
    while True:
        nearest: dict[str, PassageHit] = {}
        for found in index.nearest(section, asked.vector, min(passages, total)):
            if _admitted(records.get(found.script), asked.options):
                nearest.setdefault(found.script, found)
        if len(nearest) >= top_k or passages >= total:
            front = list(nearest.values())[:top_k]
            return tuple(_hit(i, found, records[found.script]) for i, found in enumerate(front, start=1))
        passages *= 4


def _hit(number: int, found: PassageHit, record: Record) -> Hit:
    assert record.vectors is not None  # noqa: S101  _admitted lets no other through
    # An index that lags behind the record for a moment may name a passage that the record no longer has.
    ordinal = min(found.ordinal, len(record.vectors.passages) - 1)
    passage = record.vectors.passages[ordinal]
    words = record.script.passage_text(passage, DEFAULT_POLICY.card)
    return Hit(number, record.script, found.distance, passage, words)


def _is_of(record: Record | None, section: str) -> bool:
    return record is not None and record.script.section == section


def _expected(asked: Asked, ranking: Ranking, wanted: list[Expected], indexed: set[str]) -> tuple[ExpectedRank, ...]:
    """Where the expected scripts of this section came, those with a rank first."""
    positions = {script: i for i, script in enumerate(ranking.scored)}
    found = []
    for e in wanted:
        record, position = asked.catalogue.records[e.script], positions.get(e.script)
        if position is not None:
            near = float(ranking.distances[position])
            found.append(ExpectedRank(e.script, record.script.title, e.grade, position + 1, near))
        else:
            reason = "filtered out" if e.script in indexed else "not in the index"
            found.append(ExpectedRank(e.script, record.script.title, e.grade, None, None, reason))
    return tuple(sorted(found, key=lambda item: (item.rank is None, item.rank or 0)))
