"""Vectors of an upload, each text embedded once from review to adding."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.domain.model_digest import Stamp
from services.domain.scripts import Script, Vectors, VectorSet
from services.ground.progress import Report
from services.ports import Embedder
from services.vectors import prepare, recipe_of


@dataclass(frozen=True)
class Known:
    """Vectors by text: those that the workspace's model made, and by row number those that a record brought along.

    What came from outside serves its own row only; what the workspace has or made itself comes first.
    """

    shared: dict[str, Vectors] = field(default_factory=dict)
    own: Mapping[int, dict[str, Vectors]] = field(default_factory=dict)

    def of(self, number: int) -> Mapping[str, Vectors]:
        """Those that this row may use."""
        return ChainMap(self.shared, self.own[number]) if number in self.own else self.shared


def fetch(
    texts: Mapping[int, Sequence[str]],
    embedder: Embedder,
    known: Known,
    report: Report,
    stage: str = "Comparing with the library",
) -> Known:
    """What is known, and the vectors of all other texts of these rows, each asked for once."""
    missing = list(dict.fromkeys(t for number, wanted in texts.items() for t in wanted if t not in known.of(number)))
    if not missing:
        return known
    report(stage, 0, len(missing))
    vectors = embedder.embed_documents(missing, lambda done, total: report(stage, done, total))
    return replace(known, shared={**known.shared, **dict(zip(missing, vectors, strict=True))})


def vector_set(script: Script, embedder: Embedder, known: Mapping[str, Vectors]) -> VectorSet:
    """The vectors of a script whose passages are all known."""
    made = prepare(script, embedder)
    return VectorSet(Stamp.of(recipe_of(embedder)), made.passages, np.stack([known[t] for t in made.texts]))
