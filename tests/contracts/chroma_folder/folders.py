"""Chroma folders of somebody else, read as a person would have them read."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.errors import StoreUnreadable
from services.stores.chroma_folder import ChromaFolder
from tests.strangers import Given, untouched

EAST, NORTH, WEST = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)


def plain(count: int = 3, dimensions: int = 2, **more: object) -> Given:
    vectors = np.random.default_rng(5).normal(size=(count, dimensions)).astype(np.float32)
    return Given(vectors, [f"Text {number}." for number in range(count)], **more)


def read(folder: Path, limit: int = 10_000, patience: float = 120) -> dict[str, object]:
    """Rows of every collection; the folder itself is untouched, however that ends."""
    with untouched(folder), closing(ChromaFolder(folder, patience)) as store:
        return {collection.name: store.rows(collection.name, limit) for collection in store.collections()}


def refused(folder: Path, *words: str, **more: float) -> StoreUnreadable:
    with pytest.raises(StoreUnreadable) as caught:
        read(folder, **more)
    for word in words:
        assert word in caught.value.cause
    assert caught.value.next_step
    return caught.value


def segment_files(folder: Path, name: str) -> list[Path]:
    found = sorted(folder.glob(f"*/{name}"))
    assert len(found) == 2
    return found
