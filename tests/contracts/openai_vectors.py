"""The vectors that the test server gives: fixed for a model and a text, and how they may move.

Vectors are sums of one fixed random direction a word, drawn anew for each model: texts that share words are near each
other, and the same text under another model is somewhere else.
"""

import hashlib
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
NATIVE = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}


def embed(model: str, text: str, dimensions: int, *, rotated: bool = False) -> list[float]:
    """The unit vector of a text: shortened as OpenAI does, by its first components."""
    native = NATIVE.get(model, dimensions)
    words = re.findall(r"\w+", text.lower()) or [text]
    total = sum((_direction(model, word, native) for word in words), start=np.zeros(native))
    # A little of the text itself, so that the same words in another order are another point.
    total = total / np.linalg.norm(total) + 0.002 * _direction(model, f"text {text}", native)
    if rotated:
        places, signs = _turn(model, native)
        total = total[places] * signs
    return list(_unit(total[:dimensions]))


def blurred(vector: list[float], cosine: float, seed: str) -> list[float]:
    """The vector with noise: two such vectors of different seeds have about this cosine to each other."""
    there = np.asarray(vector)
    noise = _random(seed).standard_normal(len(there))
    across = _unit(noise - (noise @ there) * there)
    # Two noises have next to no cosine to each other, so that of two answers is the product of theirs to the vector.
    return list(np.sqrt(cosine) * there + np.sqrt(1 - cosine) * across)


def falls_within(text: str, share: float) -> bool:
    """Whether a text belongs to this share of all texts; always the same ones, and more of them in a larger share."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) < share * 2**32


@lru_cache(maxsize=4096)
def _direction(model: str, word: str, dimensions: int) -> Vector:
    return _random(f"{model}\n{word}").standard_normal(dimensions)


@lru_cache
def _turn(model: str, dimensions: int) -> tuple[npt.NDArray[np.int64], Vector]:
    """A rotation that costs nothing: components change places and signs, so angles between vectors stay."""
    random = _random(f"{model} turned")
    return random.permutation(dimensions), random.choice([-1.0, 1.0], dimensions)


def _random(seed: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest()))


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / np.linalg.norm(vector)
    return unit
