"""One Chroma collection a section, in a folder that this process alone opens.

Distances are computed from the vectors read out of the collection: every one of them, which its graph could not give,
and at this size faster than one question to the graph. Only where a section has grown large does the graph answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import chromadb
import numpy as np
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import NotFoundError

from services.domain.model_digest import Stamp
from services.domain.results import PassageHit, Scores
from services.domain.scripts import Record, Vectors
from services.errors import IndexBroken
from services.indexes import chroma_proof, chroma_rows
from services.indexes.chroma_rows import in_our_words
from services.indexes.matrix import Rows, SectionMatrix

# Passages of a section: up to here a look at all of them takes no longer than a question to the graph, and misses none.
EXACT_UP_TO = 50_000
# Chroma's own name check compares class names only; identity is kept in metadata of ours, under this prefix.
_PREFIX = "scriptorium_"


class ChromaIndex:
    """An open Chroma folder. ``card`` fills the card passage's document, so that the folder can be read on its own."""

    name = "chroma"

    def __init__(self, folder: Path, card: str) -> None:
        self._card = card
        self._rows: dict[str, dict[str, Rows]] = {}
        # With the rows that each was made of: a thread may make one while another writes.
        self._matrices: dict[str, tuple[dict[str, Rows], SectionMatrix]] = {}
        self._counts: dict[str, tuple[dict[str, Rows], int]] = {}
        self._collections: dict[str, Collection] = {}
        try:
            self._client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
            self._batch = self._client.get_max_batch_size()
        except Exception as error:  # Chroma raises its own, SQLite's and Rust's errors alike
            raise IndexBroken(f"The Chroma folder cannot be opened ({error}).", "Rebuild the index.") from error

    def stamp(self, section: str) -> Stamp | None:
        """The identity in the collection's metadata; None where there is no collection, or none of ours."""
        collection = self._existing(section)
        metadata = dict(collection.metadata or {}) if collection is not None else {}
        try:
            return Stamp(
                str(metadata[f"{_PREFIX}model_name"]),
                str(metadata[f"{_PREFIX}model_digest"]),
                str(metadata[f"{_PREFIX}recipe_digest"]),
                int(metadata[f"{_PREFIX}dimensions"]),
            )
        except KeyError:
            return None

    def digests(self, section: str) -> Mapping[str, str]:
        """Record digest by script id."""
        return {script: rows.digest for script, rows in self._section(section).items()}

    def apply(self, section: str, stamp: Stamp, upserts: Sequence[Record], deletes: Sequence[str]) -> None:
        """Replace and remove scripts. Raises ``IndexBroken`` where the collection holds vectors of another recipe."""
        rows = dict(self._section(section))
        gone = [script for script in {*deletes, *(r.script.id for r in upserts)} if script in rows]
        if rows.keys() - set(gone) and self.stamp(section) != stamp:
            raise IndexBroken(f"'{section}' holds vectors of another recipe.", "Rebuild the index.")
        try:
            with in_our_words(section):
                target = self._stamped(section, stamp, empty=len(gone) == len(rows))
                self._write(target, {script: rows[script] for script in gone}, upserts)
        except Exception:
            # What this process remembers may no longer be what the store holds.
            self._rows.clear()
            self._matrices.clear()
            self._collections.clear()
            raise
        for script in gone:
            del rows[script]
        rows.update({r.script.id: Rows(r.digest, r.vectors.values) for r in upserts if r.vectors is not None})
        self._rows[section] = rows

    def score(self, section: str, vector: Vectors) -> Scores:
        """The exact distance of every script in the section."""
        return self._matrix(section).score(vector)

    def nearest(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        """The nearest passages: exact in a section of ordinary size, by Chroma's graph in a larger one."""
        if self.count(section) <= EXACT_UP_TO:
            return self._matrix(section).nearest(vector, passages)
        return self.walk(section, vector, passages)

    def walk(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        """The nearest passages by Chroma's graph."""
        collection = self._existing(section)
        if collection is None or passages < 1:
            return []
        with in_our_words(section):
            answer = collection.query(query_embeddings=vector[np.newaxis], n_results=passages, include=["distances"])
        distances = answer["distances"] or [[]]
        return [
            PassageHit(*chroma_rows.place(row), max(0.0, float(distance)))
            for row, distance in zip(answer["ids"][0], distances[0], strict=True)
        ]

    def count(self, section: str) -> int:
        """Number of passages in the section."""
        rows = self._section(section)
        counted = self._counts.get(section)
        if counted is None or counted[0] is not rows:
            counted = self._counts[section] = (rows, sum(len(held.values) for held in rows.values()))
        return counted[1]

    def distance(self, section: str) -> str:
        """The space of the collection's graph; empty where there is no collection."""
        collection = self._existing(section)
        graph = collection.configuration_json.get("hnsw") if collection is not None else None
        return str(graph.get("space", "")) if graph else ""

    def prove(self, section: str, records: Sequence[Record]) -> list[str]:
        """Ask Chroma for each passage of these records by the vector that the record keeps for it."""
        collection = self._existing(section)
        if collection is None or not records:
            return []
        with in_our_words(section):
            return chroma_proof.prove(collection, records, self.count(section), self._batch)

    def take_over(self, filled: "ChromaIndex") -> None:
        """Know what another object wrote into this same folder, so that nothing is read that was written just now.

        A section whose passages are not as many as were written is read all the same.
        """
        for section, rows in filled._rows.items():  # noqa: SLF001  an object of this class
            collection = self._existing(section)
            with in_our_words(section):
                if collection is not None and collection.count() == filled.count(section):
                    self._rows[section] = rows

    def close(self) -> None:
        """Close the client, so that the folder may be moved or deleted."""
        self._collections.clear()
        self._client.close()  # type: ignore[attr-defined]  # the client has it, its interface does not

    def _existing(self, section: str) -> Collection | None:
        if section not in self._collections:
            try:
                with in_our_words(section, but=NotFoundError):
                    self._collections[section] = self._client.get_collection(_name(section), embedding_function=None)
            except NotFoundError:
                return None
        return self._collections[section]

    def _stamped(self, section: str, stamp: Stamp, *, empty: bool) -> Collection:
        """The section's collection with this stamp; made anew where it is empty and carries another."""
        present = self._existing(section)
        if present is not None and empty and self.stamp(section) != stamp:
            self._client.delete_collection(_name(section))
            del self._collections[section]
            present = None
        if present is None:
            metadata = {f"{_PREFIX}{key}": value for key, value in asdict(stamp).items()}
            self._collections[section] = self._client.create_collection(
                _name(section),
                metadata={**metadata, f"{_PREFIX}section": section},
                configuration={"hnsw": {"space": "cosine"}},
                embedding_function=None,
            )
        return self._collections[section]

    def _write(self, target: Collection, gone: Mapping[str, Rows], upserts: Sequence[Record]) -> None:
        chroma_rows.replace(target, gone, upserts, self._card, self._batch)

    def _section(self, section: str) -> dict[str, Rows]:
        if section not in self._rows:
            collection = self._existing(section)
            with in_our_words(section):
                self._rows[section] = chroma_rows.read(collection) if collection is not None else {}
        return self._rows[section]

    def _matrix(self, section: str) -> SectionMatrix:
        rows = self._section(section)
        made_of, matrix = self._matrices.get(section, (None, None))
        if matrix is None or made_of is not rows:
            matrix = SectionMatrix.of(rows)
            self._matrices[section] = (rows, matrix)
        return matrix


def _name(section: str) -> str:
    """Collection names have at least three characters; a section may have one."""
    return f"section-{section}"
