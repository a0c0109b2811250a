"""The architecture: what a use case needs of a model, of a store of records, and of an index.

Adapters (``embedders``, ``records``, ``indexes``) fulfil these; use cases know nothing else of them; ``wiring`` names
them. Distances are cosine distances everywhere, 1 - cosine similarity, between 0 and 2.
"""

from services.ports.evaluation import JudgementStore, RunStore, RunSummary
from services.ports.history import History
from services.ports.indexes import ChangeStore, IndexKeeper, StrangerStore, VectorIndex
from services.ports.models import CachedVectors, CanaryStore, CheckLog, Embedder, EmbeddingCache
from services.ports.records import (
    Catalogue,
    QuestionnaireStore,
    RecordStore,
    SettledStore,
    UnsavedStore,
    UploadStore,
)

__all__ = [
    "CachedVectors",
    "CanaryStore",
    "Catalogue",
    "ChangeStore",
    "CheckLog",
    "Embedder",
    "EmbeddingCache",
    "History",
    "IndexKeeper",
    "JudgementStore",
    "QuestionnaireStore",
    "RecordStore",
    "RunStore",
    "RunSummary",
    "SettledStore",
    "StrangerStore",
    "UnsavedStore",
    "UploadStore",
    "VectorIndex",
]
