"""Vectors as text: base64 of little-endian float32, 20 times faster to parse than numbers and half as long."""

import base64

import numpy as np

from services.domain.scripts import Vectors

_FLOAT = np.dtype("<f4")


def encode(values: Vectors) -> str:
    """The text of an array of any shape, row after row."""
    return base64.b64encode(np.ascontiguousarray(values, _FLOAT).tobytes()).decode("ascii")


def decode(text: str, rows: int, dimensions: int) -> Vectors:
    """``float32[rows, dimensions]``.

    Raises:
        ValueError: not base64, or of another length. The message fits behind a colon.
    """
    data = base64.b64decode(text, validate=True)
    expected = rows * dimensions * _FLOAT.itemsize
    if rows < 1 or dimensions < 1 or len(data) != expected:
        raise ValueError(f"{len(data)} bytes where {rows} passages of {dimensions} numbers take {expected}")
    values: Vectors = np.frombuffer(data, _FLOAT).reshape(rows, dimensions).astype(np.float32, copy=False)
    return values
