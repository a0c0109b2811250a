"""Ranking the scripts of a section by a method: by their vectors, their words, or both."""

from services.ranking.edited import Edited
from services.ranking.ground import Ground
from services.ranking.lexical import Lexicon, Lexicons, shared
from services.ranking.live import Near, wordiest
from services.ranking.ordering import Order, mean_directions, order
from services.ranking.weighing import (
    POOL,
    both_ranks,
    by_distance,
    by_nearest_passage,
    costs,
    needs_vectors,
    needs_words,
)

__all__ = [
    "POOL",
    "Edited",
    "Ground",
    "Lexicon",
    "Lexicons",
    "Near",
    "Order",
    "both_ranks",
    "by_distance",
    "by_nearest_passage",
    "costs",
    "mean_directions",
    "needs_vectors",
    "needs_words",
    "order",
    "shared",
    "wordiest",
]
