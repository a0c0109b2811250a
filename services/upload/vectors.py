"""Vectors of an upload, each text embedded once from review to adding."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.domain.model_digest import Stamp
from services.domain.scripts import Script, Vectors, VectorSet
from services.ground.progress import Report
from services.ports import Embedder
from services.vectors import prepare, recipe_of


def fetch(
    texts: Sequence[str],
    embedder: Embedder,
    known: Mapping[str, Vectors],
    report: Report,
    stage: str = "Comparing with the library",
) -> dict[str, Vectors]:
    """What is known, and the vectors of all other texts, each asked for once."""
    missing = list(dict.fromkeys(t for t in texts if t not in known))
    if not missing:
        return dict(known)
    report(stage, 0, len(missing))
    vectors = embedder.embed_documents(missing, lambda done, total: report(stage, done, total))
    return {**known, **dict(zip(missing, vectors, strict=True))}


def vector_set(script: Script, embedder: Embedder, known: Mapping[str, Vectors]) -> VectorSet:
    """The vectors of a script whose passages are all known."""
    made = prepare(script, embedder)
    return VectorSet(Stamp.of(recipe_of(embedder)), made.passages, np.stack([known[t] for t in made.texts]))
