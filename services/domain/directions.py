"""Vectors as directions: what is left of them where their length says nothing."""

import numpy as np

from services.domain.scripts import Vectors


def unit(values: Vectors) -> Vectors:
    """``float32[n, d]``: each row divided by its length; a row of zeros stays one."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    scaled: Vectors = values / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled.astype(np.float32, copy=False)


def centroid(values: Vectors) -> Vectors:
    """``float32[d]``: the mean of the rows as unit vectors."""
    mean: Vectors = unit(values).mean(axis=0)
    return mean.astype(np.float32, copy=False)
