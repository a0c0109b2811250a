"""One Chroma collection a section, in a folder that this process alone opens.

Distances are computed from the vectors read out of the collection: every one of them, which its graph could not give,
and at this size faster than one question to the graph. Only where a section has grown large does the graph answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import chromadb
import numpy as np
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import NotFoundError

from services.errors import IndexBroken
from services.indexes.matrix import Rows, SectionMatrix, unit
from services.model_digest import Stamp
from services.results import PassageHit, Scores
from services.scripts import Record, Vectors

# Read pages of this many rows: an answer of 100,000 rows at once takes gigabytes.
_PAGE = 5_000
_SAME = 1e-3
# Passages of a section: up to here a look at all of them takes no longer than a question to the graph, and misses none.
EXACT_UP_TO = 50_000
# A graph may leave a few of its rows unreachable, which the exact score makes up for; a larger share is a broken graph.
_UNREACHED = 0.1
# Chroma's own name check compares class names only; identity is kept in metadata of ours, under this prefix.
_PREFIX = "scriptorium_"
_Item = TypeVar("_Item")


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
            self._write(self._stamped(section, stamp, empty=len(gone) == len(rows)), rows, gone, upserts)
        except Exception as error:
            # What this process remembers may no longer be what the store holds.
            self._rows.clear()
            self._matrices.clear()
            self._collections.clear()
            raise _broken(section, error) from error
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
        return self._by_graph(section, vector, passages)

    def count(self, section: str) -> int:
        """Number of passages in the section."""
        rows = self._section(section)
        counted = self._counts.get(section)
        if counted is None or counted[0] is not rows:
            counted = self._counts[section] = (rows, sum(len(held.values) for held in rows.values()))
        return counted[1]

    def prove(self, section: str, records: Sequence[Record]) -> list[str]:
        """Ask Chroma for each passage of these records by the vector that the record keeps for it."""
        collection = self._existing(section)
        asked = [
            _Asked(_row(record.script.id, ordinal), vector)
            for record in records
            if record.vectors is not None
            for ordinal, vector in enumerate(record.vectors.values)
        ]
        if not asked or collection is None:
            return []
        findings = []
        unfound: list[_Asked] = []
        try:
            held = collection.count()
            if held != self.count(section):
                findings.append(f"Chroma counts {held} passages where {self.count(section)} were read.")
            for batch in _batches(asked, self._batch):
                unfound += _unfound(collection, batch)
            lost = [passage for batch in _batches(unfound, self._batch) for passage in _lost(collection, batch)]
        except Exception as error:
            raise _broken(section, error) from error
        findings += [f"The passage {passage.row} is not found by its own vector." for passage in lost]
        if len(unfound) - len(lost) > _UNREACHED * len(asked):
            findings.append(f"Chroma's graph does not reach {len(unfound)} of {len(asked)} passages.")
        return findings

    def take_over(self, filled: "ChromaIndex") -> None:
        """Know what another object wrote into this same folder, so that nothing is read that was written just now.

        A section whose passages are not as many as were written is read all the same.
        """
        for section, rows in filled._rows.items():  # noqa: SLF001  an object of this class
            collection = self._existing(section)
            try:
                if collection is not None and collection.count() == filled.count(section):
                    self._rows[section] = rows
            except Exception as error:
                raise _broken(section, error) from error

    def close(self) -> None:
        """Close the client, so that the folder may be moved or deleted."""
        self._collections.clear()
        self._client.close()  # type: ignore[attr-defined]  # the client has it, its interface does not

    def _by_graph(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        collection = self._existing(section)
        if collection is None or passages < 1:
            return []
        try:
            answer = collection.query(query_embeddings=vector[np.newaxis], n_results=passages, include=["distances"])
        except Exception as error:
            raise _broken(section, error) from error
        distances = answer["distances"] or [[]]
        return [
            PassageHit(*_parse_row(row), max(0.0, float(distance)))
            for row, distance in zip(answer["ids"][0], distances[0], strict=True)
        ]

    def _existing(self, section: str) -> Collection | None:
        if section not in self._collections:
            try:
                self._collections[section] = self._client.get_collection(_name(section), embedding_function=None)
            except NotFoundError:
                return None
            except Exception as error:
                raise _broken(section, error) from error
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

    def _write(self, target: Collection, rows: Mapping[str, Rows], gone: list[str], upserts: Sequence[Record]) -> None:
        old = [_row(script, ordinal) for script in gone for ordinal in range(len(rows[script].values))]
        new = {_row(r.script.id, i) for r in upserts if r.vectors for i in range(len(r.vectors.passages))}
        for ids in _batches([row for row in old if row not in new], self._batch):
            target.delete(ids=ids)
        for batch in _batches(list(self._new_rows(upserts)), self._batch):
            ids, vectors, documents, metadatas = zip(*batch, strict=True)
            target.upsert(list(ids), np.stack(vectors), list(metadatas), list(documents))

    def _new_rows(self, records: Sequence[Record]) -> Iterator[tuple[str, Vectors, str, dict[str, Any]]]:
        for record in records:
            if record.vectors is None:
                continue
            script = record.script
            # What a reader of this folder filters by. The rest is in the record.
            passages = len(record.vectors.passages)
            metadata = {
                "script": script.id,
                "record": record.digest,
                "passages": passages,
                "status": script.status.value,
            }
            for ordinal, (passage, vector) in enumerate(
                zip(record.vectors.passages, record.vectors.values, strict=True)
            ):
                yield _row(script.id, ordinal), vector, script.passage_text(passage, self._card), metadata

    def _section(self, section: str) -> dict[str, Rows]:
        if section not in self._rows:
            self._rows[section] = self._read(section)
        return self._rows[section]

    def _matrix(self, section: str) -> SectionMatrix:
        rows = self._section(section)
        made_of, matrix = self._matrices.get(section, (None, None))
        if matrix is None or made_of is not rows:
            matrix = SectionMatrix.of(rows)
            self._matrices[section] = (rows, matrix)
        return matrix

    def _read(self, section: str) -> dict[str, Rows]:
        """Everything in a collection, script by script; a script whose passages are not all there has no digest."""
        collection = self._existing(section)
        if collection is None:
            return {}
        found: dict[str, list[_Found]] = {}
        try:
            total = collection.count()
            for offset in range(0, total, _PAGE):
                page = collection.get(limit=_PAGE, offset=offset, include=["embeddings", "metadatas"])
                vectors = np.asarray(page["embeddings"], np.float32)
                for row, metadata, vector in zip(page["ids"], page["metadatas"] or [], vectors, strict=True):
                    script, ordinal = _parse_row(row)
                    told = metadata or {}
                    mark = (str(told.get("record", "")), int(str(told.get("passages", 0))))
                    found.setdefault(script, []).append(_Found(ordinal, mark, vector))
        except Exception as error:
            raise _broken(section, error) from error
        return {script: _assemble(items) for script, items in found.items()}


class _Asked(NamedTuple):
    """A passage as the record has it."""

    row: str
    vector: Vectors


class _Found(NamedTuple):
    """A row as Chroma holds it; ``mark`` is the record's digest and how many passages it has."""

    ordinal: int
    mark: tuple[str, int]
    vector: Vectors


def _assemble(found: list[_Found]) -> Rows:
    """The rows of one script, without a digest where they are not whole, so that sync writes them again.

    A write that was cut short leaves them so, and so does a damaged file, whose vectors may have lengths that are none.
    """
    found.sort(key=lambda item: item.ordinal)
    marks = {item.mark for item in found}
    digest, passages = marks.pop()
    whole = not marks and [item.ordinal for item in found] == list(range(passages))
    values = np.stack([item.vector for item in found])
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(values, axis=1)
    sound = bool(lengths.all() and np.isfinite(lengths).all())
    return Rows(digest if whole and sound else "", values)


def _unfound(collection: Collection, asked: list[_Asked]) -> list[_Asked]:
    """Passages by whose own vectors the graph finds nothing that lies there."""
    vectors = np.stack([passage.vector for passage in asked])
    answer = collection.query(query_embeddings=vectors, n_results=1, include=["distances"])
    # Two passages may say the same: something must lie there, it need not be this row.
    answers = zip(asked, answer["distances"] or [], strict=True)
    return [passage for passage, distances in answers if not distances or distances[0] > _SAME]


def _lost(collection: Collection, asked: list[_Asked]) -> list[_Asked]:
    """Passages that the store does not hold, or holds with another vector."""
    if not asked:
        return []
    page = collection.get(ids=[passage.row for passage in asked], include=["embeddings"])
    held = dict(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))
    return [p for p in asked if p.row not in held or not _same_direction(held[p.row], p.vector)]


def _same_direction(one: Vectors, other: Vectors) -> bool:
    return float(unit(one[np.newaxis])[0] @ unit(other[np.newaxis])[0]) > 1 - _SAME


def _name(section: str) -> str:
    """Collection names have at least three characters; a section may have one."""
    return f"section-{section}"


def _row(script: str, ordinal: int) -> str:
    return f"{script}#{ordinal}"


def _parse_row(row: str) -> tuple[str, int]:
    script, _, ordinal = row.rpartition("#")
    if not ordinal.isdecimal():
        raise IndexBroken(f"The Chroma row '{row[:80]}' is not one of ours.", "Rebuild the index.")
    return script, int(ordinal)


def _batches(items: list[_Item], size: int) -> Iterator[list[_Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _broken(section: str, error: Exception) -> IndexBroken:
    if isinstance(error, IndexBroken):
        return error
    # Chroma often hides a full disk behind words of its own, so that the step names it either way.
    full = "disk is full" in str(error) or "No space left" in str(error)
    first = "Free some space" if full else "Check that the disk has room"
    return IndexBroken(f"Chroma failed on '{section}' ({error}).", f"{first}, then rebuild the index.")
