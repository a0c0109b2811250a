"""The vectors of a trial: those of another model, or of another preparation, than the workspace has.

What a trial embeds is kept in the cache of embeddings, so that trying again and changing to that model ask for nothing
that was paid for. The records and the index are never touched.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from services.change.source import Source
from services.domain.methods import Passages
from services.domain.passages import Passage
from services.domain.scripts import Record, Script, VectorSet
from services.ground.progress import Report
from services.ports import Embedder, EmbeddingCache

# No token of any model is longer than this many characters on average over a text.
_CHARACTERS_A_TOKEN = 48


def embedded(
    records: Sequence[Record], passages: Passages, embedder: Embedder, cache: EmbeddingCache, report: Report
) -> Mapping[str, VectorSet]:
    """The vectors of these scripts by this model, by script: from the records, the cache, and the model for the rest.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
        StorageFailed: the cache cannot be written.
        Cancelled: somebody said stop; what was embedded is kept.
    """
    source = Source(embedder, cache, of_records=True)
    if passages is Passages.START:
        return _beginnings(records, source, report)
    carried = {r.script.id: r.vectors for r in records if r.vectors is not None and r.vectors.stamp == source.stamp}
    if len(carried) == len(records):
        return carried
    # All of them: a model may have changed since it made some, and two spaces must not be ranked as one.
    made = source.records(records, report)
    fresh = {r.script.id: made[r.digest].vectors for r in records}
    return {script: vectors for script, vectors in fresh.items() if vectors is not None}


def _beginnings(records: Sequence[Record], source: Source, report: Report) -> Mapping[str, VectorSet]:
    """Title and text of each script as one passage, of which the model reads the beginning."""
    texts = [_beginning(record.script, source.embedder) for record in records]
    known = source.vectors(texts, report)
    return {
        r.script.id: VectorSet(source.stamp, (Passage("body", 0, len(r.script.text)),), known[text][np.newaxis])
        for r, text in zip(records, texts, strict=True)
    }


def _beginning(script: Script, embedder: Embedder) -> str:
    """A model on this machine stops reading by itself; a server refuses what is longer than it reads."""
    whole = f"{script.title} {script.text}".strip()[: embedder.window * _CHARACTERS_A_TOKEN]
    if embedder.local or embedder.count_tokens([whole])[0] <= embedder.window:
        return whole
    words = whole.split()
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if embedder.count_tokens([" ".join(words[:middle])])[0] <= embedder.window:
            low = middle
        else:
            high = middle - 1
    return " ".join(words[:low])
