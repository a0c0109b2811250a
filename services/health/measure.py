"""What only the model can tell of a workspace: its canaries, the evidence, and what its questionnaires get.

Takes a second or two and may cost money, so it never runs while a page is drawn; what it finds is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version

import numpy as np

from services.domain import directions
from services.domain.canaries import SENTENCES, Canaries, min_cosine
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Record, Vectors
from services.domain.separation import Separation, summarise
from services.domain.settings import Settings
from services.domain.trust import Evidence, Measured, Measurement
from services.errors import EmbedderFailed, InvalidQuestionnaire
from services.ground.progress import Report
from services.health import corpus_digest, evidence
from services.ports import Catalogue, Embedder, VectorIndex
from services.retrieve import Asked, Options, rank
from services.sync import wanted
from services.vectors import embed_canaries, embed_questions, recipe_of

# Saved questionnaires whose rankings are looked at; of more, an evenly spread part.
QUESTIONNAIRES = 60
# Scripts that are named for what the model never reads.
_NAMED = 20
_LIBRARIES = ("chromadb", "ctranslate2", "numpy", "openai", "tokenizers")


@dataclass(frozen=True, eq=False)
class Subject:
    """What a check is about. ``embedder`` answers afresh: one that remembers questions would hide that it changed."""

    settings: Settings
    catalogue: Catalogue
    index: VectorIndex
    embedder: Embedder
    canaries: Mapping[str, Canaries]
    questionnaires: Mapping[str, Questionnaire]
    # The number of checks before this one: each looks at another part of a large collection.
    turn: int = 0
    # Scripts by section whose vectors did not agree at the check before: they are looked at again.
    again: Mapping[str, Collection[str]] = field(default_factory=dict)


def measure(subject: Subject, time: str, report: Report) -> tuple[Measurement, Canaries | None]:
    """Ask the model; also the canaries as it answers them now, None where it could not be asked.

    A model that cannot be asked is a finding and no error: the measurement says so.

    Raises:
        IndexBroken: the index cannot be read.
    """
    query = Stamp.of(recipe_of(subject.embedder))
    recorded = subject.canaries.get(query.model_digest)
    bare = Measurement(
        time=time,
        embedder=subject.embedder.name,
        address=subject.settings.embedder.base_url,
        query=query,
        canary_min_cosine=None,
        canary_recorded=recorded.recorded if recorded else "",
        failure="",
        sections=dict(_sections(subject, query)),
        versions=_versions(),
    )
    try:
        report("Asking the model for its canaries", 0, len(SENTENCES))
        fresh = embed_canaries(subject.embedder, time, recorded.sentences if recorded else SENTENCES)
        asked = replace(bare, sections=dict(_asked(subject, bare, report)))
    except EmbedderFailed as error:
        return replace(bare, failure=str(error)), None
    return replace(asked, canary_min_cosine=min_cosine(recorded, fresh) if recorded else None), fresh


@cache
def _versions() -> Mapping[str, str]:
    return {name: version(name) for name in _LIBRARIES}


def _sections(subject: Subject, query: Stamp) -> list[tuple[str, Measured]]:
    """What needs no model, for each section that holds something."""
    found = []
    for section in subject.settings.sections:
        records = list(wanted(subject.catalogue, section, query).records.values())
        if records and subject.index.count(section):
            empty = Evidence({}, 0, len(records))
            recorded, centroid = subject.index.stamp(section), _centroid(records)
            found.append((section, Measured(recorded, corpus_digest(records), empty, centroid)))
    return found


def _asked(subject: Subject, bare: Measurement, report: Report) -> list[tuple[str, Measured]]:
    vectors = _questions(subject, report)
    found = []
    for number, (section, measured) in enumerate(bare.sections.items()):
        report("Embedding stored passages once more", number, len(bare.sections))
        records = list(wanted(subject.catalogue, section, bare.query).records.values())
        unread, share = _unread(records, subject.embedder)
        worst = dict(sorted(unread.items(), key=lambda item: -item[1])[:_NAMED])
        # Vectors with another number of dimensions cannot be compared, and their stamp has said so.
        if measured.recorded is None or measured.recorded.dimensions == bare.query.dimensions:
            attention = subject.settings.thresholds.cosine_attention
            again = subject.again.get(section, ())
            seen = evidence.gather(records, subject.embedder, turn=subject.turn, attention=attention, again=again)
            verdicts = _separations(subject, section, bare.query, vectors)
            measured = replace(measured, evidence=seen, separations=verdicts)  # noqa: PLW2901
        found.append((section, replace(measured, unread=worst, unread_scripts=len(unread), unread_share=share)))
    return found


def _questions(subject: Subject, report: Report) -> list[tuple[Questionnaire, Vectors]]:
    """The saved questionnaires that ask something, or an evenly spread part, embedded now."""
    some = []
    for questionnaire in subject.questionnaires.values():
        # One that answers nothing the template asks for has no ranking.
        with suppress(InvalidQuestionnaire):
            some.append((questionnaire, questionnaire.query_text(subject.settings.query_template)))
    some = some[:: -(-len(some) // QUESTIONNAIRES) or 1]
    report("Asking the saved questionnaires", 0, len(some))
    vectors = embed_questions([text for _, text in some], subject.embedder)
    return [(questionnaire, vector) for (questionnaire, _), vector in zip(some, vectors, strict=True)]


def _separations(
    subject: Subject, section: str, query: Stamp, questions: Sequence[tuple[Questionnaire, Vectors]]
) -> dict[str, int]:
    """How many of the questions get a ranking of each verdict, whatever is recorded with the collection."""
    options = Options(top_k=1, allow_mismatch=True)

    def ranked(questionnaire: Questionnaire, vector: Vectors) -> Separation:
        name = subject.embedder.name
        asked = Asked(questionnaire, vector, name, query, options, subject.catalogue, subject.index)
        return rank(asked, section).separation

    return summarise(ranked(*question) for question in questions).by_verdict()


def _centroid(records: Sequence[Record]) -> Vectors:
    values = np.concatenate([record.vectors.values for record in records if record.vectors is not None])
    return directions.centroid(values)


def _unread(records: Sequence[Record], embedder: Embedder) -> tuple[dict[str, float], float]:
    """Which part of its words the model never reads, by script, where it is not 0; and of all words together."""
    window, stamp = embedder.window, Stamp.of(recipe_of(embedder))
    cut = [r for r in records if r.vectors is not None and r.vectors.stamp != stamp]
    tokens = dict(zip([r.script.id for r in cut], _longest(cut, embedder), strict=True))
    unread, lost, total = {}, 0, 0
    for record in records:
        words = record.script.words
        missed = words - _covered(record, min(1.0, window / max(1, tokens.get(record.script.id, 1))))
        if missed > 0:
            unread[record.script.id] = missed / words
        lost, total = lost + max(0, missed), total + words
    return unread, lost / total if total else 0.0


def _longest(records: Sequence[Record], embedder: Embedder) -> list[int]:
    """Tokens of each record's longest passage: one made by another recipe may be longer than this model reads."""
    texts = []
    for record in records:
        spans = [p for p in record.vectors.passages if p.kind == "body"] if record.vectors else []
        longest = max(spans, key=lambda p: p.end - p.start, default=None)
        texts.append(record.script.text[longest.start : longest.end] if longest else "")
    return embedder.count_tokens(texts) if texts else []


def _covered(record: Record, read: float) -> int:
    """Words of the body that stand in some passage, of which the model reads at most this share."""
    assert record.vectors is not None  # noqa: S101  ``wanted`` leaves out those without
    words, end = 0, 0
    for passage in sorted((p for p in record.vectors.passages if p.kind == "body"), key=lambda p: p.start):
        last = passage.start + round((passage.end - passage.start) * read)
        words += len(record.script.text[max(end, passage.start) : last].split())
        end = max(end, last)
    return words
