"""Looking through a corpus for what needs attention, and asking its questionnaires."""

import contextlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.attention.findings import Attention, Far, damaged
from services.attention.remembered import Remembered
from services.domain.methods import Mode
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.results import Ranking
from services.domain.scripts import Script, Status, Vectors
from services.domain.separation import Verdict
from services.domain.settings import Settings
from services.domain.settled import Pair
from services.domain.trust import Trust
from services.errors import InvalidQuestionnaire
from services.ground.progress import Report
from services.nearness import Nearness
from services.nearness.repeated import repeated
from services.ports import Catalogue, Embedder, VectorIndex
from services.ranking import Lexicons
from services.retrieve import Asked, Options, rank
from services.vectors import embed_questions

# A section with fewer scripts than this share of the largest one is out of balance.
BALANCE = 0.5
_AT_A_TIME = 8


@dataclass(frozen=True, eq=False)
class Attended:
    """What is looked at. ``left_out`` is what the index could not take, by script with the reason."""

    settings: Settings
    catalogue: Catalogue
    index: VectorIndex
    questionnaires: Mapping[str, Questionnaire]
    embedder: Embedder
    stamp: Stamp
    known: Mapping[str, Trust]
    nearness: Nearness
    left_out: Mapping[str, str]
    remembered: Remembered
    lexicons: Lexicons = field(default_factory=Lexicons)
    # Near-duplicates of which both are.
    meant: Collection[Pair] = ()

    def questions(self) -> list[tuple[Questionnaire, str]]:
        """The saved questionnaires that ask something, each with its query."""
        found = []
        for questionnaire in self.questionnaires.values():
            # One that answers nothing the template asks for has no ranking.
            with contextlib.suppress(InvalidQuestionnaire):
                found.append((questionnaire, questionnaire.query_text(self.settings.query_template)))
        return found

    @property
    def random(self) -> tuple[str, ...]:
        """The sections whose answers would mean nothing."""
        return random_sections(self.known, self.settings)

    def retrievable(self) -> list[Script]:
        """The scripts that a questionnaire can find."""
        scripts = (record.script for record in self.catalogue.records.values())
        return [s for s in scripts if s.status is Status.APPROVED and s.id not in self.left_out]

    def basis(self) -> str:
        """A digest over everything that the findings depend on."""
        return self.remembered.basis(self.catalogue, self.questionnaires, self.settings, self.stamp, self.random)


def random_sections(known: Mapping[str, Trust], settings: Settings) -> tuple[str, ...]:
    """The sections whose answers would mean nothing, in the workspace's order; none where only words are compared."""
    if settings.method.mode is Mode.LEXICAL:
        return ()
    return tuple(s for s in settings.sections if s in known and known[s].random)


def attend(corpus: Attended, report: Report) -> Attention:
    """Look at the corpus and ask all saved questionnaires.

    Raises:
        EmbedderFailed: the questions could not be embedded.
        IndexBroken: the index cannot be read.
        Cancelled: somebody said stop.
    """
    basis, sections = corpus.basis(), corpus.settings.sections
    scripts = [record.script for record in corpus.catalogue.records.values()]
    retrievable = corpus.retrievable()
    sizes = Counter(script.section for script in retrievable if script.section in sections)
    largest = max(sizes.values(), default=0)
    questions, random = corpus.questions(), corpus.random
    answered = [(q, r) for q, r in _rankings(corpus, questions, report) if r.answered and not r.random]
    retrieved = {hit.script.id for _, ranking in answered for hit in ranking.hits}
    unused = [s.id for s in retrievable if questions and s.section not in random and s.id not in retrieved]
    unread = corpus.remembered.unread(corpus.catalogue, report)
    twins = repeated(corpus.catalogue.records.values(), corpus.nearness, corpus.meant, report)
    return Attention(
        basis=basis,
        damaged=damaged(corpus.catalogue),
        twins=twins,
        drafts=tuple(script.id for script in scripts if script.status is Status.DRAFT),
        unused=tuple(unused),
        far=_far(answered),
        unread=tuple(sorted(unread.items(), key=lambda item: (-item[1], item[0]))),
        left_out=tuple((s.id, corpus.left_out[s.id]) for s in scripts if _kept_out(s, corpus)),
        sizes={section: sizes.get(section, 0) for section in sections},
        thin=tuple(section for section in sections if sizes.get(section, 0) < BALANCE * largest),
        asked=len(questions),
        top_k=corpus.settings.top_k,
        not_asked=random,
    )


def _kept_out(script: Script, corpus: Attended) -> bool:
    return script.status is Status.APPROVED and script.id in corpus.left_out


def _rankings(
    corpus: Attended, questions: Sequence[tuple[Questionnaire, str]], report: Report
) -> list[tuple[Questionnaire, Ranking]]:
    """The ranking of each section for each question, as the workspace retrieves."""
    texts, options = [text for _, text in questions], Options(top_k=corpus.settings.top_k)
    vectors = _vectors(texts, corpus.embedder, report) if _looks_at_vectors(corpus) else [None] * len(texts)
    found = []
    for number, ((questionnaire, _), vector) in enumerate(zip(questions, vectors, strict=True), start=1):
        asked = Asked(
            questionnaire,
            vector,
            corpus.embedder.name,
            corpus.stamp,
            options,
            corpus.catalogue,
            corpus.index,
            corpus.known,
            questionnaire.words_text(corpus.settings.query_template),
            corpus.settings.method,
            corpus.lexicons,
        )
        found += [(questionnaire, rank(asked, section)) for section in corpus.settings.sections]
        report("Asking the saved questionnaires", number, len(questions))
    return found


def _looks_at_vectors(corpus: Attended) -> bool:
    method = corpus.settings.method
    return method.mode is not Mode.LEXICAL or method.cut_off(corpus.stamp.model_digest) is not None


def _vectors(texts: Sequence[str], embedder: Embedder, report: Report) -> list[Vectors]:
    """``float32[d]`` of each, a few at a time: a server may take its time, and somebody may say stop."""
    found: list[Vectors] = []
    for start in range(0, len(texts), _AT_A_TIME):
        report("Reading the saved questionnaires", start, len(texts))
        found += embed_questions(texts[start : start + _AT_A_TIME], embedder)
    return found


def _far(answered: Sequence[tuple[Questionnaire, Ranking]]) -> tuple[Far, ...]:
    found = [
        Far(questionnaire.id, questionnaire.title, ranking.section, float(np.nanmin(ranking.distances)))
        for questionnaire, ranking in answered
        if np.isfinite(ranking.distances).any() and ranking.separation.verdict is Verdict.NO_INFORMATION
    ]
    return tuple(sorted(found, key=lambda far: (-far.distance, far.questionnaire, far.section)))
