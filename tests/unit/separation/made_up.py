"""Sections of vectors drawn at random."""

import numpy as np

from services.indexes.matrix import Rows, SectionMatrix


def directions(count: int, dimensions: int, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def section(rows: np.ndarray, passages: int = 1) -> SectionMatrix:
    return SectionMatrix.of({f"{i:03d}": Rows("", rows[i : i + passages]) for i in range(0, len(rows), passages)})
