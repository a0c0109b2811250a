"""An embedder around another one: everything is the inner one's, but what a subclass does otherwise."""

from collections.abc import Sequence

import numpy as np

from services.domain.model_change import Price
from services.domain.model_digest import ModelIdentity
from services.domain.scripts import Vectors
from services.ground.progress import Progress
from services.ports import Embedder


class Around:
    """The same as the embedder that is given, under the same name."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.window = embedder.window
        self.local = embedder.local

    @property
    def identity(self) -> ModelIdentity:
        """The embedder's."""
        return self._embedder.identity

    @property
    def price(self) -> Price | None:
        """The embedder's."""
        return self._embedder.price

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The embedder's."""
        return self._embedder.count_tokens(texts)

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The embedder's."""
        return self._embedder.embed_documents(texts, progress)

    def embed_query(self, text: str) -> Vectors:
        """The embedder's."""
        return self._embedder.embed_query(text)


class Noting(Around):
    """Takes note of whether it has embedded a document."""

    has_embedded = False

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The embedder's, noted once it has answered."""
        vectors = super().embed_documents(texts, progress)
        self.has_embedded = self.has_embedded or bool(len(texts))
        return vectors


class AskingOnce(Around):
    """Asks for each text once, for as long as it lives: for work that embeds the same texts several times over."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self._documents: dict[str, Vectors] = {}
        self._questions: dict[str, Vectors] = {}

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The embedder's, of those that it was not asked for yet."""
        todo = [text for text in dict.fromkeys(texts) if text not in self._documents]
        if todo or not texts:
            vectors = super().embed_documents(todo, progress)
            self._documents |= dict(zip(todo, vectors, strict=True))
        return np.stack([self._documents[text] for text in texts]) if texts else vectors

    def embed_query(self, text: str) -> Vectors:
        """The embedder's, asked for once."""
        if text not in self._questions:
            self._questions[text] = super().embed_query(text)
        return self._questions[text]
