"""Words hashed into 384 buckets: no weights, no network, no understanding.

A baseline to hold other models against, and an embedder that is always there: texts are near where they share words.
Feature hashing with signs: Weinberger et al. 2009, https://arxiv.org/abs/0902.2206.
"""

import importlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from services.domain.model_digest import ModelIdentity
from services.domain.scripts import Vectors
from services.ground.progress import Progress

DIMENSIONS = 384
BATCH = 128
_WORD = re.compile(r"\w+")

_IDENTITY = ModelIdentity(
    name="hashing",
    # Not scikit-learn's version: these words say all that decides the vectors.
    revision="murmurhash3-32 word unigrams, lower case, NFKD without marks, signed, counts, v1",
    dimensions=DIMENSIONS,
    pooling="sum",
    normalised=True,
    query_prefix="",
    document_prefix="",
    precision="float32",
)


class Hashing:
    """Counts of single words, each hashed into one of 384 signed buckets, at unit length.

    Single words only: pairs would make twice the features for as many buckets, and the collisions cost more than word
    order brings. Case, accents and other combining marks are ignored, so that composed and decomposed spellings agree.
    """

    name = "hashing"
    # It reads everything; a number beyond any text, and within 32 bits for whoever stores it.
    window = 2**31 - 1
    local = True
    price = None

    @property
    def identity(self) -> ModelIdentity:
        """Fixed; loads nothing."""
        return _IDENTITY

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words in each text: runs of letters, digits and underscores."""
        return [len(_words(text)) for text in texts]

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``float32[n, 384]``, each of unit length.

        A text without any word, or whose words cancel each other out, has no direction. It gets the one with all
        components equal: about as far from every text, so that it is never retrieved for a reason, and nothing fails.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            vectors[start : start + len(batch)] = self._vectorizer.transform(batch).toarray()
            if progress:
                progress(start + len(batch), len(texts))
        vectors[~vectors.any(axis=1)] = DIMENSIONS**-0.5
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """``float32[384]``. Questions and documents are embedded alike."""
        vector: Vectors = self.embed_documents([text])[0]
        return vector

    @cached_property
    def _vectorizer(self) -> Any:
        # scikit-learn takes seconds to import: only who embeds waits for it.
        text = importlib.import_module("sklearn.feature_extraction.text")
        return text.HashingVectorizer(
            analyzer=_words, n_features=DIMENSIONS, alternate_sign=True, norm="l2", dtype=np.float32
        )


def _words(text: str) -> list[str]:
    plain = text.lower()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _WORD.findall(plain)
