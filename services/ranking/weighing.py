"""What a method makes of distances and of shared words: one number a script, and the order that follows from it."""

import numpy as np

from services.domain import fusion
from services.domain.fusion import Positions
from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.scripts import Vectors

# How many of the first scripts are put in a more varied order; those behind keep theirs.
POOL = 100


def needs_words(method: Method) -> bool:
    """Whether it looks at words."""
    return method.mode is not Mode.DENSE


def needs_vectors(method: Method, model_digest: str) -> bool:
    """Whether it looks at vectors of this model: by words alone only to cut off, or to tell what is alike."""
    by_words = method.mode is Mode.LEXICAL
    return not by_words or bool(method.variety) or method.cut_off(model_digest) is not None


def by_distance(method: Method) -> bool:
    """Whether the distance alone says which script comes before which."""
    return method.mode is Mode.DENSE and not method.variety


def by_nearest_passage(method: Method, model_digest: str) -> bool:
    """Whether it ranks as an index does by itself: by the nearest passage of all, however far it is."""
    plain = method.passages is Passages.BOTH and method.nearest is Nearest.BEST
    return by_distance(method) and plain and method.cut_off(model_digest) is None


def costs(distances: Vectors, words: Vectors | None, method: Method, cut_off: float | None) -> Vectors:
    """``float32[q, s]``: what scripts are ranked by, least first; inf where one is not ranked.

    ``distances`` are the cosine distances, inf where there is none; ``words`` the BM25 scores, 0 where no word is
    shared: both ``float32[q, s]``. What is further away than ``cut_off`` is left out before anything is ranked; a
    script whose distance nobody knows is not.
    """
    distances, by_words = _apart(distances, words, cut_off)
    if method.mode is Mode.DENSE or by_words is None:
        return distances
    if method.mode is Mode.LEXICAL:
        return by_words
    fused = fusion.reciprocal([(distances, method.dense_weight), (by_words, method.lexical_weight)])
    ranked: Vectors = np.where(fused > 0, -fused, np.float32(np.inf))
    return ranked


def both_ranks(distances: Vectors, words: Vectors | None, cut_off: float | None) -> tuple[Positions, Positions]:
    """``int64[q, s]`` twice: the ranks by meaning and by words that an order was made of; 0 where there is none."""
    by_meaning, by_words = _apart(distances, words, cut_off)
    return fusion.ranks(by_meaning), np.zeros(distances.shape, np.int64) if by_words is None else fusion.ranks(by_words)


def _apart(distances: Vectors, words: Vectors | None, cut_off: float | None) -> tuple[Vectors, Vectors | None]:
    """What either ranks by, least first; inf where one is not ranked."""
    if cut_off is not None:
        beyond = np.isfinite(distances) & (distances > np.float32(cut_off))
        distances = np.where(beyond, np.float32(np.inf), distances)
        words = None if words is None else np.where(beyond, np.float32(0), words)
    by_words: Vectors | None = None if words is None else np.where(words > 0, -words, np.float32(np.inf))
    return distances, by_words


def relevance(found: Vectors, method: Method) -> Vectors:
    """``float32[q, c]``: how relevant candidates are, from their costs, best first; -inf where there is none.

    Beside similarities between scripts it must be on their scale. Cosines are; scores of words and of fusion have no
    scale of their own and are spread from 1, the first candidate, to 0, the last.
    """
    there = np.isfinite(found)
    if method.mode is Mode.DENSE:
        cosines: Vectors = np.where(there, 1 - found, -np.inf).astype(np.float32)
        return cosines
    low = found.min(axis=1, keepdims=True, initial=0)
    high = np.where(there, found, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    width = np.where(high > low, high - low, 1)
    with np.errstate(invalid="ignore"):
        spread: Vectors = np.where(there, 1 - (found - low) / width, -np.inf).astype(np.float32)
    return spread


def vary(found: Vectors, centroids: Vectors, method: Method) -> tuple[Positions, Vectors]:
    """The more varied order of candidates and the scores that it falls by, both ``[q, c]``.

    ``found`` are their costs, best first; ``centroids`` their mean directions, ``float32[q, c, d]`` at unit length, 0
    where a script has no vectors: nothing is known to be like it. Whole scripts are compared, not the passages that
    came nearest: the whole script is what serves as an example.
    """
    alike = centroids @ centroids.swapaxes(-1, -2)
    return fusion.marginal(relevance(found, method), alike, method.variety)
