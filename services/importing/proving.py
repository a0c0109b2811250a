"""Whether vectors that came along are those of the workspace's model: what a record says of them is a claim.

Two passages of each record are embedded again, those that lie farthest from the middle of all and nearest to it: among
few wrong vectors or many, one of the two is wrong. Where either is not what came along, nothing of it is taken.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

from services.domain.canaries import cosines
from services.domain.directions import unit
from services.domain.scripts import Vectors
from services.ground.progress import Report
from services.ports import Embedder

ANEW = "What it brought along for finding it does not fit its words, so that was made anew."
_STAGE = "Checking what records brought along"

Key = TypeVar("Key", bound=Hashable)


def disproved(
    brought: Mapping[Key, Mapping[str, Vectors]], embedder: Embedder, attention: float, report: Report
) -> tuple[dict[str, Vectors], set[Key]]:
    """What was embedded for the proof, all of it in one call; and the records whose vectors are others.

    ``brought``: the vectors of each record by the exact text. ``attention``: the cosine below which a vector is another
    one, as for the evidence of a check.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    chosen = {key: _chosen(vectors) for key, vectors in brought.items() if vectors}
    asked = list(dict.fromkeys(text for texts in chosen.values() for text in texts))
    if not asked:
        return {}, set()
    report(_STAGE, 0, len(asked))
    vectors = embedder.embed_documents(asked, lambda done, total: report(_STAGE, done, total))
    made = dict(zip(asked, vectors, strict=True))
    wrong = {key for key, texts in chosen.items() if any(_cosine(brought[key][t], made[t]) < attention for t in texts)}
    return made, wrong


def _chosen(vectors: Mapping[str, Vectors]) -> tuple[str, ...]:
    """The texts whose vectors are farthest from the middle of all and nearest to it."""
    values = unit(np.nan_to_num(np.stack(list(vectors.values()))))
    texts, near = list(vectors), cosines(values, np.broadcast_to(values.mean(axis=0), values.shape))
    return tuple(dict.fromkeys((texts[int(near.argmin())], texts[int(near.argmax())])))


def _cosine(one: Vectors, other: Vectors) -> float:
    return float(cosines(one[np.newaxis], other[np.newaxis])[0]) if one.shape == other.shape else 0.0
