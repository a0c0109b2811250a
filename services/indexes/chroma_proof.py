"""Whether a Chroma collection gives the passages that were put into it, asked by their own vectors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from chromadb.api.models.Collection import Collection

from services.domain.directions import unit
from services.domain.scripts import Record, Vectors
from services.indexes.chroma_rows import batches, row_id

# A cosine distance up to here is the same vector, rounded.
_SAME = 1e-3
# A graph may leave a few of its rows unreachable, which the exact score makes up for; a larger share is a broken graph.
_UNREACHED = 0.1


class _Asked(NamedTuple):
    """A passage as the record has it."""

    row: str
    vector: Vectors


def prove(collection: Collection, records: Sequence[Record], count: int, batch: int) -> list[str]:
    """What the collection got wrong of the passages of these records; ``count`` is how many it should hold in all."""
    asked = [
        _Asked(row_id(record.script.id, ordinal), vector)
        for record in records
        if record.vectors is not None
        for ordinal, vector in enumerate(record.vectors.values)
    ]
    if not asked:
        return []
    held = collection.count()
    findings = [f"Chroma counts {held} passages where {count} were read."] if held != count else []
    unfound = [passage for passages in batches(asked, batch) for passage in _unfound(collection, passages)]
    lost = [passage for passages in batches(unfound, batch) for passage in _lost(collection, passages)]
    findings += [f"The passage {passage.row} is not found by its own vector." for passage in lost]
    if len(unfound) - len(lost) > _UNREACHED * len(asked):
        findings.append(f"Chroma's graph does not reach {len(unfound)} of {len(asked)} passages.")
    return findings


def _unfound(collection: Collection, asked: list[_Asked]) -> list[_Asked]:
    """Passages by whose own vectors the graph finds nothing that lies there."""
    vectors = np.stack([passage.vector for passage in asked])
    answer = collection.query(query_embeddings=vectors, n_results=1, include=["distances"])
    # Two passages may say the same: something must lie there, it need not be this row.
    answers = zip(asked, answer["distances"] or [], strict=True)
    return [passage for passage, distances in answers if not distances or distances[0] > _SAME]


def _lost(collection: Collection, asked: list[_Asked]) -> list[_Asked]:
    """Passages that the store does not hold, or holds with another vector."""
    page = collection.get(ids=[passage.row for passage in asked], include=["embeddings"])
    held = dict(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))
    return [p for p in asked if p.row not in held or not _same_direction(held[p.row], p.vector)]


def _same_direction(one: Vectors, other: Vectors) -> bool:
    return float(unit(one[np.newaxis])[0] @ unit(other[np.newaxis])[0]) > 1 - _SAME
