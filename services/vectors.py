"""From scripts to vectors, by a recipe."""

from collections.abc import Sequence

import numpy as np

from services.canaries import SENTENCES, Canaries
from services.model_digest import Recipe, Stamp
from services.passages import PassagePolicy, cut
from services.ports import Embedder
from services.progress import Progress
from services.scripts import Record, Script, VectorSet

DEFAULT_POLICY = PassagePolicy()


def recipe_of(embedder: Embedder) -> Recipe:
    """How this embedder's documents are prepared: passages no longer than it reads."""
    longest = min(embedder.window, DEFAULT_POLICY.max_tokens)
    return Recipe(embedder.identity, PassagePolicy(max_tokens=longest))


def embed(scripts: Sequence[Script], embedder: Embedder, progress: Progress | None = None) -> list[VectorSet]:
    """The vectors of each script, all passages of all scripts in one call to the model.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    recipe = recipe_of(embedder)
    stamp = Stamp.of(recipe)
    cuts = [cut(script.text, recipe.passages, embedder.count_tokens) for script in scripts]
    texts = [
        script.passage_text(passage, recipe.passages.card)
        for script, passages in zip(scripts, cuts, strict=True)
        for passage in passages
    ]
    values = embedder.embed_documents(texts, progress)
    sets, start = [], 0
    for passages in cuts:
        sets.append(VectorSet(stamp, passages, values[start : start + len(passages)]))
        start += len(passages)
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
    questions = np.stack([embedder.embed_query(sentence) for sentence in sentences])
    identity = embedder.identity
    return Canaries(identity.name, identity.digest, recorded, sentences, documents, questions)
