"""What is found in a store that somebody else made, and what is said of it. Frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.scripts import Vectors


@dataclass(frozen=True)
class StoredCollection:
    """A collection of a Chroma folder, or a table with a vector column, as its store describes it.

    ``distance`` is ``cosine``, ``l2``, ``ip`` or empty where the store names none. ``claims`` is what the store says of
    the model that made the vectors, by where it says so (``embedding_function``, ``metadata.model``, …).
    """

    name: str
    count: int
    dimensions: int
    distance: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class StoredRows:
    """Rows of a collection: ``vectors`` is ``float32[n, d]``, row i belongs to ``ids[i]`` and ``documents[i]``."""

    ids: tuple[str, ...]
    documents: tuple[str | None, ...]
    vectors: Vectors
    metadatas: tuple[Mapping[str, str], ...]
