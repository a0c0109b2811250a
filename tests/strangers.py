"""Chroma folders that somebody else made, and the marks by which one sees that nobody touched them."""

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings

from services.domain.scripts import Vectors
from services.embedders.hashing import Hashing


@dataclass(frozen=True, eq=False)
class Given:
    """What is put into a collection."""

    vectors: Vectors
    documents: Sequence[str | None]
    ids: Sequence[str] = ()
    metadatas: Sequence[Mapping[str, Any]] = ()
    distance: str = "cosine"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return list(self.ids) or [f"row-{number:04d}" for number in range(len(self.documents))]


def hashed(documents: Sequence[str], **more: Any) -> Given:
    """As the hashing embedder makes them."""
    return Given(Hashing().embed_documents(documents), documents, **more)


def make_chroma(folder: Path, collections: Mapping[str, Given]) -> Path:
    """A folder as another program leaves it: its own collections, nothing of ours."""
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    for name, given in collections.items():
        made = client.create_collection(
            name,
            metadata=dict(given.metadata) or None,
            configuration={"hnsw": {"space": given.distance}},
            embedding_function=None,
        )
        for start in range(0, len(given.names), 5_000):
            part = slice(start, start + 5_000)
            _add(made, given, part)
    client.close()
    return folder


def _add(made: chromadb.Collection, given: Given, part: slice) -> None:
    told = [dict(metadata) for metadata in given.metadatas[part]] or None
    # Chroma takes no None beside texts: such rows are added on their own, and what is read comes in the order of ids.
    documents = list(given.documents[part])
    with_text = [i for i, text in enumerate(documents) if text is not None]
    without = [i for i, text in enumerate(documents) if text is None]
    for positions, texts in ((with_text, [documents[i] for i in with_text]), (without, None)):
        if positions:
            made.add(
                [given.names[part][i] for i in positions],
                np.asarray(given.vectors[part][positions], np.float32),
                [told[i] for i in positions] if told else None,
                texts,
            )


def marks(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Digest, time of the last change and rights of everything in a folder."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in (folder, *sorted(folder.rglob("*")))
    }


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Every byte of it stays as it is, and nothing comes or goes."""
    before = marks(folder)
    yield
    assert marks(folder) == before


def tamper(folder: Path, *statements: str) -> None:
    """Change the database behind Chroma's back."""
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        for statement in statements:
            assert database.execute(statement).rowcount, f"changes nothing: {statement}"
        database.commit()
