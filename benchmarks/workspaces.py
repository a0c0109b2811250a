"""What the benchmarks of whole workspaces share: opening one, its rows, and Chroma without us on the same rows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings

from services.domain.scripts import Record, Vectors
from services.domain.settings import DEFAULT_SECTIONS, Paths
from services.embedders.hashing import Hashing
from services.ports import Catalogue
from services.vectors import DEFAULT_POLICY


class Rows(NamedTuple):
    """What a collection is given."""

    ids: list[str]
    vectors: Vectors
    documents: list[str]


def rows_of(records: list[Record]) -> Rows:
    ids: list[str] = []
    documents: list[str] = []
    vectors = []
    for record in records:
        assert record.vectors is not None
        vectors.append(record.vectors.values)
        for ordinal, passage in enumerate(record.vectors.passages):
            ids.append(f"{record.script.id}#{ordinal}")
            documents.append(record.script.passage_text(passage, DEFAULT_POLICY.card))
    return Rows(ids, np.concatenate(vectors), documents)


def rows_by_section(catalogue: Catalogue) -> dict[str, Rows]:
    return {section: rows_of(catalogue.section(section)) for section in DEFAULT_SECTIONS}


@contextmanager
def client(folder: Path) -> Iterator[ClientAPI]:
    opened = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    try:
        yield opened
    finally:
        opened.close()  # type: ignore[attr-defined]


def add_all(folder: Path, sections: dict[str, Rows]) -> None:
    """A bare Chroma ``add``, one collection a section as in the index of a workspace."""
    with client(folder) as opened:
        for section, rows in sections.items():
            add(opened, f"section-{section}", rows)


def add(opened: ClientAPI, name: str, rows: Rows) -> Collection:
    """A bare ``add`` into a new collection, in the largest batches that Chroma takes."""
    made = opened.create_collection(name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    size = opened.get_max_batch_size()
    for start in range(0, len(rows.ids), size):
        part = slice(start, start + size)
        made.add(ids=rows.ids[part], embeddings=rows.vectors[part], documents=rows.documents[part])
    return made


def chroma_folder(paths: Paths) -> Path:
    """Where the current generation keeps its Chroma folder."""
    return paths.index / (paths.index / "CURRENT").read_text("utf-8").strip() / "chroma"


def as_text(times: dict[str, float]) -> str:
    """Parts of a whole, in milliseconds."""
    return ", ".join(f"{name} {seconds * 1e3:.0f}" for name, seconds in times.items())


@contextmanager
def no_model() -> Iterator[list[str]]:
    """Whatever is embedded meanwhile is listed."""
    asked: list[str] = []

    def refuse(self: Hashing, texts: list[str], progress: object = None) -> None:  # noqa: ARG001  the port's signature
        asked.extend(texts)
        raise AssertionError(json.dumps(texts)[:200])

    with mock.patch.object(Hashing, "embed_documents", refuse):
        yield asked
