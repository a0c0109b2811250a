"""From scripts to vectors, by a recipe."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from services.domain.canaries import SENTENCES, Canaries
from services.domain.model_digest import Recipe, Stamp
from services.domain.passages import Passage, PassagePolicy, cut
from services.domain.scripts import Record, Script, Vectors, VectorSet
from services.ground.progress import Progress
from services.ports import Embedder

DEFAULT_POLICY = PassagePolicy()
_AT_A_TIME = 8


def recipe_of(embedder: Embedder) -> Recipe:
    """How this embedder's documents are prepared: passages no longer than it reads."""
    longest = min(embedder.window, DEFAULT_POLICY.max_tokens)
    return Recipe(embedder.identity, PassagePolicy(max_tokens=longest))


@dataclass(frozen=True)
class Prepared:
    """A script's passages by a recipe, and the exact text of each that is embedded."""

    script: Script
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]


def prepare(script: Script, embedder: Embedder) -> Prepared:
    """Cut a script as this embedder's documents are cut. No model is called."""
    policy = recipe_of(embedder).passages
    passages = cut(script.text, policy, embedder.count_tokens)
    return Prepared(script, passages, tuple(script.passage_text(p, policy.card) for p in passages))


def embed(scripts: Sequence[Script], embedder: Embedder, progress: Progress | None = None) -> list[VectorSet]:
    """The vectors of each script, all passages of all scripts in one call to the model.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    stamp = Stamp.of(recipe_of(embedder))
    prepared = [prepare(script, embedder) for script in scripts]
    values = embedder.embed_documents([text for one in prepared for text in one.texts], progress)
    sets, start = [], 0
    for one in prepared:
        sets.append(VectorSet(stamp, one.passages, values[start : start + len(one.passages)]))
        start += len(one.passages)
    return sets


def still_fit(record: Record, script: Script, stamp: Stamp) -> bool:
    """Whether the record's vectors would come out the same for this version of the script."""
    if record.vectors is None or record.vectors.stamp != stamp:
        return False
    before, card = record.script, DEFAULT_POLICY.card
    first = record.vectors.passages[0]
    return before.text == script.text and before.passage_text(first, card) == script.passage_text(first, card)


def embed_canaries(embedder: Embedder, recorded: str, sentences: tuple[str, ...] = SENTENCES) -> Canaries:
    """The sentences by this embedder as it answers now.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    documents = embedder.embed_documents(list(sentences))
    questions = np.stack(embed_questions(sentences, embedder))
    identity = embedder.identity
    return Canaries(identity.name, identity.digest, recorded, sentences, documents, questions)


def embed_questions(texts: Sequence[str], embedder: Embedder) -> list[Vectors]:
    """``float32[d]`` of each question; of a server several at a time, which would else take a minute for sixty.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    if embedder.local:
        # Here all cores work on each question anyway; more threads would only stand in each other's way.
        return [embedder.embed_query(text) for text in texts]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(embedder.embed_query, texts))
