"""From a questionnaire to the nearest scripts of each section, or to a refusal that says why."""

import time
from collections.abc import Mapping
from dataclasses import replace

from services.domain.methods import Method, Mode
from services.domain.model_digest import Stamp, State, compare
from services.domain.questionnaires import Questionnaire
from services.domain.results import Ranking, Retrieval
from services.domain.scripts import Vectors
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.errors import EmbedderFailed
from services.ports import Catalogue, Embedder, VectorIndex
from services.ranking import Lexicons, by_nearest_passage
from services.retrieve.question import Asked, Options
from services.retrieve.refusing import MEND, MEND_ALL, refusal, unvaried, without_distances
from services.retrieve.section import front, whole
from services.vectors import recipe_of

__all__ = ["Asked", "Options", "rank", "retrieve"]


def retrieve(  # noqa: PLR0913  a question is put to this many parts
    questionnaire: Questionnaire,
    *,
    options: Options,
    settings: Settings,
    catalogue: Catalogue,
    index: VectorIndex,
    embedder: Embedder,
    known: Mapping[str, Trust] | None = None,
    lexicons: Lexicons | None = None,
) -> Retrieval:
    """Embed the questionnaire's query and rank the scripts of each section by the workspace's method, or another one.

    ``known`` is what checks have found out of the sections; without it, what is recorded with them decides.
    ``lexicons`` keep the words of the scripts from one question to the next.

    Raises:
        InvalidQuestionnaire: nothing was asked.
        NotFound: a section that does not exist.
        EmbedderFailed: the query could not be embedded, and words alone are not enough.
    """
    sections = [settings.check_section(s) for s in options.sections] or list(settings.sections)
    template = options.query_template or settings.query_template
    query = questionnaire.query_text(template)
    method = options.method or settings.method
    method = replace(method, mode=options.mode or method.mode)
    started = time.perf_counter()
    vector, unembedded = _embedded(query, embedder, method)
    embedded = time.perf_counter()
    asked = Asked(
        questionnaire,
        vector,
        embedder.name,
        Stamp.of(recipe_of(embedder)),
        options,
        catalogue,
        index,
        known or {},
        questionnaire.words_text(template),
        method,
        lexicons or Lexicons(),
        unembedded,
    )
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
        method=method,
    )


def _embedded(query: str, embedder: Embedder, method: Method) -> tuple[Vectors | None, str]:
    """The question's vector; where words are enough and it cannot be had, why."""
    try:
        return embedder.embed_query(query), ""
    except EmbedderFailed as error:
        if method.mode is not Mode.LEXICAL:
            raise
        return None, error.cause


def rank(asked: Asked, section: str) -> Ranking:
    """One section's answer, or its refusal. Raises ``IndexBroken``."""
    # An emptied collection keeps its stamp, and there is nothing in it that could be refused.
    holds = asked.index.count(section) > 0
    recorded = asked.index.stamp(section) if holds else None
    declared = compare(recorded, asked.stamp)
    trust = asked.known.get(section) or Trust(declared, declared is State.MISMATCH, "")
    state, random = trust.state, holds and trust.random
    lexical = asked.method.mode is Mode.LEXICAL
    if lexical and (random or asked.vector is None):
        why = without_distances(section, recorded, asked, trust) if random or asked.unembedded else ""
        space = recorded.model_digest if recorded and not random else ""
        ranking = replace(whole(replace(asked, vector=None), section, state, space), without_distances=why)
        return _unvaried(ranking, asked.method)
    if random:
        why = refusal(section, recorded, asked, trust)
        if why:
            mend = MEND if declared is State.MISMATCH else MEND_ALL
            next_step = mend.format(embedder=asked.embedder)
            return Ranking(section, state, random=random, refusal=why, next_step=next_step)
    plain = by_nearest_passage(asked.method, asked.stamp.model_digest)
    if asked.vector is not None and plain and not asked.options.whole_section:
        ranking = Ranking(section, state, hits=front(asked, asked.vector, section))
    else:
        ranking = _unvaried(whole(asked, section, state, recorded.model_digest if recorded else ""), asked.method)
    return replace(ranking, random=random)


def _unvaried(ranking: Ranking, method: Method) -> Ranking:
    """Says so where words found scripts whose order was to be a varied one."""
    if not method.variety or ranking.varied or not ranking.scored or method.mode is Mode.DENSE:
        return ranking
    return replace(ranking, without_distances=unvaried(ranking.section, ranking.without_distances))
