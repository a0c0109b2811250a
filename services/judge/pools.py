"""The candidates of every pool: found by several methods, once for as long as nothing that they depend on changes."""

import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from services.domain.methods import Method, Mode
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Status
from services.domain.settings import Settings
from services.errors import EmbedderFailed, InvalidQuestionnaire
from services.ground.progress import Report, silent
from services.ports import Catalogue, Embedder
from services.ranking import Ground, Lexicons
from services.vectors import embed_questions, recipe_of

# How many scripts each method brings; more where the workspace shows more.
DEPTH = 10
METHODS = (Method("Vectors"), Method("Words", Mode.LEXICAL), Method("Both", Mode.HYBRID))
_WORDS_ONLY = "Health explains it. Candidates come from the words alone, until that is mended."
# A model that could not be asked is asked again after this.
_AGAIN_SECONDS = 60.0
# Questionnaires at a time: how soon progress is told and a stop is heard.
_AT_A_TIME = 16


@dataclass(frozen=True)
class Members:
    """What the methods found for one question in one section."""

    scripts: frozenset[str]
    # Why not every method was asked, as a sentence; empty if every one was.
    note: str = ""
    until: float = float("inf")


@dataclass(frozen=True, eq=False)
class Sources:
    """What candidates are found in."""

    settings: Settings
    catalogue: Catalogue
    embedder: Embedder
    lexicons: Lexicons
    # Sections whose vectors would bring random scripts.
    untrusted: Collection[str] = ()

    @cached_property
    def stamp(self) -> Stamp:
        """The identity of vectors that may be asked."""
        return Stamp.of(recipe_of(self.embedder))

    @property
    def methods(self) -> Sequence[Method]:
        """Those that candidates come from: the workspace's own among them."""
        own = self.settings.method
        return (*METHODS, own) if own.stored else METHODS

    @property
    def depth(self) -> int:
        """How many scripts each method brings."""
        return max(DEPTH, self.settings.top_k)


@dataclass(frozen=True, eq=False)
class _Section:
    """A section as it was asked last, and what was found in it, by the text that was asked."""

    basis: tuple[object, ...]
    ground: Ground
    note: str
    found: dict[str, Members] = field(default_factory=dict)


class Pools:
    """The candidates of one workspace. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._sections: dict[str, _Section] = {}

    def known(self, sources: Sources, questionnaire: Questionnaire, section: str) -> Members | None:
        """The candidates, where they were found before and nothing has changed since; asks nothing and is cheap."""
        kept = self._sections.get(section)
        if kept is None or not _same(kept.basis, _basis(sources, section)):
            return None
        found = kept.found.get(_query(sources, questionnaire))
        return found if found is not None and time.monotonic() < found.until else None

    def ready(self, sources: Sources, questionnaires: Iterable[Questionnaire], sections: Collection[str]) -> bool:
        """Whether nothing is left to be found there: what asks nothing finds nothing. Cheap."""
        asked = [q for q in questionnaires if _query(sources, q)]
        return all(self.known(sources, q, section) is not None for section in sections for q in asked)

    def find(self, sources: Sources, questionnaire: Questionnaire, section: str) -> Members:
        """The candidates of one questionnaire. Raises ``InvalidQuestionnaire`` where it asks nothing."""
        query = questionnaire.query_text(sources.settings.query_template)
        known = self.known(sources, questionnaire, section)
        return known or self._find(sources, {query: _words(sources, questionnaire)}, section)[query]

    def find_all(self, sources: Sources, questionnaires: Iterable[Questionnaire], report: Report = silent) -> None:
        """Find those of all questionnaires that ask something, in every section. Raises ``Cancelled``."""
        asked = [q for q in questionnaires if _query(sources, q)]
        sections = [s for s in sources.settings.sections if sources.catalogue.sizes.get(s)]
        for start in range(0, len(asked), _AT_A_TIME):
            report("Looking for candidates", start, len(asked))
            some = asked[start : start + _AT_A_TIME]
            for section in sections:
                missing = [q for q in some if self.known(sources, q, section) is None]
                if missing:
                    self._find(sources, {_query(sources, q): _words(sources, q) for q in missing}, section)

    def _find(self, sources: Sources, asked: Mapping[str, str], section: str) -> Mapping[str, Members]:
        """Of texts that are asked, each with the words of it that are compared."""
        queries, worded = list(asked), list(asked.values())
        with self._lock:
            kept = self._section(sources, section)
        # A server may be slow, and whoever asks for something else meanwhile does not wait for it.
        vectors, note = None, kept.note
        if kept.ground.sets:
            try:
                vectors = np.stack(embed_questions(queries, sources.embedder))
            except EmbedderFailed as error:
                note = f"The model could not be asked. {error.cause} {_WORDS_ONLY}"
        with self._lock:
            methods = [m for m in sources.methods if vectors is not None or m.mode is Mode.LEXICAL]
            rankings = [kept.ground.ranked(worded, vectors, m, depth=sources.depth) for m in methods]
            failed = vectors is None and bool(kept.ground.sets)
            until = time.monotonic() + _AGAIN_SECONDS if failed else float("inf")
            for query, found in zip(queries, zip(*rankings, strict=True), strict=True):
                kept.found[query] = Members(frozenset(s for one in found for s in one.scripts), note, until)
            return kept.found

    def _section(self, sources: Sources, section: str) -> _Section:
        """The section as it is now; what was found before is forgotten where something has changed."""
        basis, kept = _basis(sources, section), self._sections.get(section)
        if kept is None or not _same(kept.basis, basis):
            kept = self._sections[section] = _Section(basis, *_ground(sources, section))
        return kept


def _basis(sources: Sources, section: str) -> tuple[object, ...]:
    """What candidates depend on besides the question; the catalogue first, which is compared by what it is."""
    return sources.catalogue, sources.stamp, section in sources.untrusted, sources.methods, sources.depth


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return one[0] is other[0] and one[1:] == other[1:]


def _ground(sources: Sources, section: str) -> tuple[Ground, str]:
    """The approved scripts of a section with the vectors that may be asked; and why there are none."""
    records = [r for r in sources.catalogue.section(section) if r.script.status is Status.APPROVED]
    vectors = {r.script.id: r.vectors for r in records if r.vectors is not None and r.vectors.stamp == sources.stamp}
    note = ""
    if section in sources.untrusted:
        vectors, note = {}, f"What this section is found by cannot be trusted just now. {_WORDS_ONLY}"
    elif records and not vectors:
        note = f"No script of this section was prepared for {sources.stamp.model_name}. {_WORDS_ONLY}"
    ground = Ground.of(section, records, vectors)
    return ground.lexicon_of(sources.lexicons.of(sources.catalogue, section, (Status.APPROVED,))), note


def _words(sources: Sources, questionnaire: Questionnaire) -> str:
    return questionnaire.words_text(sources.settings.query_template)


def _query(sources: Sources, questionnaire: Questionnaire) -> str:
    """What a questionnaire asks; empty where that is nothing."""
    try:
        return questionnaire.query_text(sources.settings.query_template)
    except InvalidQuestionnaire:
        return ""
