"""What turns text into vectors, and what is kept of that."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.domain.canaries import Canaries
from services.domain.model_change import Price
from services.domain.model_digest import ModelIdentity
from services.domain.scripts import BrokenRecord, Vectors
from services.domain.trust import Measurement
from services.ground.progress import Progress


class Embedder(Protocol):
    """Turns text into vectors, and says which space they live in."""

    name: str
    # How many tokens of a text the model reads, its special tokens not counted.
    window: int
    # Whether it runs on this machine: then it sends nothing to anybody, and costs nothing but time.
    local: bool

    @property
    def price(self) -> Price | None:
        """What the provider asks; None where nobody asks anything, or the price is not known."""

    @property
    def identity(self) -> ModelIdentity:
        """Known without loading weights and without a network."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, special tokens not counted; never fewer than the model sees."""

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``float32[n, d]``, row i for ``texts[i]``, unit length where the identity says so.

        Raises:
            EmbedderUnavailable: no key, weights or server.
            EmbedderAnswerWrong: another count, another dimension, NaN or infinity.
        """

    def embed_query(self, text: str) -> Vectors:
        """``float32[d]``. Raises as ``embed_documents`` does."""


class CachedVectors(Protocol):
    """Vectors of texts in one vector space, by the texts' digests. Derived: losing them costs time or money only."""

    # By which the space is found again.
    name: str

    @property
    def canaries(self) -> Canaries | None:
        """Those that the space was opened with first; None where records carried the vectors."""

    def get(self, texts: Sequence[str]) -> Mapping[str, Vectors]:
        """``float32[d]`` by text, of those that are known."""

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep ``float32[n, d]``; kept when this returns. Raises ``StorageFailed``."""

    def replace(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep these instead of all others. Raises ``StorageFailed``."""


class EmbeddingCache(Protocol):
    """The vectors that were paid for once."""

    def space(self, canaries: Canaries) -> CachedVectors:
        """Those of the space that these canaries live in.

        A model digest alone does not say: a provider may change what a name means, and what was kept before then is of
        another space. Raises ``StorageFailed``.
        """

    def anew(self, canaries: Canaries) -> CachedVectors:
        """A new space for these canaries, where what is kept in theirs is not the model's any more."""

    def named(self, name: str) -> CachedVectors | None:
        """The space of this name; None where it is gone. Raises ``StorageFailed``."""

    def of_records(self, model_digest: str) -> CachedVectors:
        """Vectors that records carried under this model, so that going back to it asks nobody.

        They are as good as the records were: whoever mends a collection does not take them. Raises ``StorageFailed``.
        """

    def known(self, model_digest: str, texts: Sequence[str], *, of_records: bool = True) -> set[str]:
        """Which of the texts are kept for this model, without asking it whether it has moved since.

        ``of_records``: also those whose vectors were carried by records. Raises ``StorageFailed``.
        """


class CanaryStore(Protocol):
    """Keeps the canaries of each model that embedded scripts here. Canonical: they cannot be made again."""

    def all(self) -> tuple[Mapping[str, Canaries], tuple[BrokenRecord, ...]]:
        """Canaries by model digest, and the files that are none."""

    def put(self, canaries: Canaries) -> None:
        """Store those of one model atomically. Needs the store of records' ``writing``. Raises ``StorageFailed``."""


class CheckLog(Protocol):
    """Keeps what each check found. Canonical: what was measured then cannot be measured again."""

    def all(self) -> Sequence[Measurement]:
        """Every check, the oldest first. Cheap when nothing changed."""

    def append(self, measurement: Measurement) -> None:
        """Keep one more. Needs the store of records' ``writing``. Raises ``StorageFailed``."""
