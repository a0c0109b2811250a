"""Models whose spaces have nothing in common, and stores in memory that they filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from services.domain.inspection import (
    CollectionInspection,
    Inspection,
    StoredCollection,
    StoredRows,
)
from services.domain.model_digest import ModelIdentity
from services.domain.settings import Thresholds
from services.errors import EmbedderUnavailable
from services.inspect import inspect

WORDS = ("breath", "slow", "warm", "quiet", "settle", "shoulders", "heavy", "light", "stair", "river", "stone", "hand")
SIZE = 64


@lru_cache(maxsize=4096)
def direction(model: str, word: str, size: int) -> np.ndarray:
    """A fixed random direction for each word under each model, as spaces of two models have nothing in common."""
    seed = int.from_bytes(f"{model}/{word}".encode(), "little") % 2**63
    return np.random.default_rng(seed).normal(size=size)


@dataclass
class Space:
    """A model: the mean of its words' directions, over as many words as it reads; ``away``: how far its weights are."""

    name: str
    dimensions: int = SIZE
    window: int = 30
    away: float = 0.0
    precision: str = "float32"
    length: float = 1.0
    up: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.name, f"weights {self.away}", self.dimensions, "mean", True, "", "", self.precision)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_documents(self, texts, progress=None) -> np.ndarray:
        if not self.up:
            raise EmbedderUnavailable(f"The server of '{self.name}' does not answer.", "Try again later.")
        self.asked += texts
        return np.array([self._one(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def embed_query(self, text: str) -> np.ndarray:
        self.asked.clear()
        return self.embed_documents([text])[0]

    def _one(self, text: str) -> np.ndarray:
        made = np.sum([direction(self.name, word, self.dimensions) for word in text.split()[: self.window]], axis=0)
        made /= np.linalg.norm(made)
        if self.away:
            noise = direction("noise", text, self.dimensions)
            noise -= (noise @ made) * made
            # A cosine of 1 - away to what was there before.
            cosine = 1 - self.away
            made = cosine * made + (1 - cosine**2) ** 0.5 * noise / np.linalg.norm(noise)
        return made * self.length


@dataclass
class Shelf:
    """A store in memory."""

    held: Mapping[str, tuple[StoredCollection, StoredRows]]
    kind: str = "shelf"

    def collections(self) -> list[StoredCollection]:
        return [described for described, _ in self.held.values()]

    def rows(self, name: str, limit: int) -> StoredRows:
        return self.held[name][1]

    def close(self) -> None:
        pass


def texts(count: int, words: int = 8, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [f"{' '.join(random.choice(WORDS, words))} n{number}" for number in range(count)]


def collection(documents, vectors, *, name="scripts", distance="cosine", **claims):
    vectors = np.asarray(vectors, np.float32)
    ids = tuple(f"row-{number}" for number in range(len(vectors)))
    rows = StoredRows(ids, tuple(documents), vectors, tuple({} for _ in ids))
    return name, (StoredCollection(name, len(ids), vectors.shape[1], distance, claims), rows)


def look_at(*held, models: Sequence[Space], sample: int = 24, names: Sequence[str] = ()) -> Inspection:
    given = dict(zip(names or [model.name for model in models], models, strict=True))
    return inspect(Shelf(dict(held)), given, Thresholds(), sample)


def only(*held, **more) -> CollectionInspection:
    (found,) = look_at(*held, **more).collections
    return found


def said(found: CollectionInspection, kind: str) -> str:
    return " ".join(finding.text for finding in found.findings if finding.kind == kind)


ONE, TWO = Space("one"), Space("two")
