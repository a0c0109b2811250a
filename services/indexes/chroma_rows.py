"""The rows of a Chroma collection: what they are called, how scripts become rows, and rows scripts again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import numpy as np
from chromadb.api.models.Collection import Collection

from services.domain.directions import unit
from services.domain.scripts import Record, Vectors
from services.errors import IndexBroken
from services.indexes.matrix import Rows

# Read pages of this many rows: an answer of 100,000 rows at once takes gigabytes.
_PAGE = 5_000
# How far a number of a unit vector may be from itself after it was kept and scaled.
_ROUNDING = 1e-6
_Item = TypeVar("_Item")


def row_id(script: str, ordinal: int) -> str:
    """The id of the row that holds a script's passage."""
    return f"{script}#{ordinal}"


def place(row: str) -> tuple[str, int]:
    """The script and the passage that a row id names."""
    script, _, ordinal = row.rpartition("#")
    if not ordinal.isdecimal():
        raise IndexBroken(f"The Chroma row '{row[:80]}' is not one of ours.", "Rebuild the index.")
    return script, int(ordinal)


def read(collection: Collection) -> dict[str, Rows]:
    """Everything in a collection, script by script; a script whose passages are not all there has no digest."""
    found: dict[str, list[_Found]] = {}
    total = collection.count()
    for offset in range(0, total, _PAGE):
        page = collection.get(limit=_PAGE, offset=offset, include=["embeddings", "metadatas"])
        vectors = np.asarray(page["embeddings"], np.float32)
        for row, metadata, vector in zip(page["ids"], page["metadatas"] or [], vectors, strict=True):
            script, ordinal = place(row)
            told = metadata or {}
            mark = (str(told.get("record", "")), int(str(told.get("passages", 0))))
            found.setdefault(script, []).append(_Found(ordinal, mark, vector))
    return {script: _assemble(items) for script, items in found.items()}


def replace(target: Collection, gone: Mapping[str, Rows], upserts: Sequence[Record], card: str, batch: int) -> None:
    """Take out the rows of ``gone`` that no upsert writes again, then write those of ``upserts``.

    Where neither vectors nor words are others, only what else is said of a row: a vector costs the graph many times it.
    """
    old = [row_id(script, ordinal) for script, rows in gone.items() for ordinal in range(len(rows.values))]
    new = {row.id: row for row in _new_rows(upserts, card)}
    for lost in batches([row for row in old if row not in new], batch):
        target.delete(ids=lost)
    near = [row for r in upserts if r.script.id in gone for row in _near(gone[r.script.id], r)]
    same = {row for ids in batches(near, batch) for row in _same(target, ids, new)}
    for rows in batches([new[row] for row in same], batch):
        target.update([row.id for row in rows], metadatas=[row.metadata for row in rows])
    for rows in batches([row for row in new.values() if row.id not in same], batch):
        ids, vectors, documents, metadatas = zip(*rows, strict=True)
        target.upsert(list(ids), np.stack(vectors), list(metadatas), list(documents))


def _near(held: Rows, record: Record) -> list[str]:
    """The ids of the script's rows that hold the record's vectors, which Chroma gives back scaled."""
    wanted = record.vectors.values if record.vectors else held.values[:0]
    if not held.digest or held.values.shape[1] != wanted.shape[1]:
        return []
    both = min(len(held.values), len(wanted))
    apart = np.abs(unit(held.values[:both]) - unit(wanted[:both])).max(axis=1)
    return [row_id(record.script.id, int(ordinal)) for ordinal in np.flatnonzero(apart <= _ROUNDING)]


def _same(target: Collection, ids: list[str], new: Mapping[str, "_Row"]) -> set[str]:
    """Those of the rows that are stored with the words that they are to have."""
    page = target.get(ids=ids, include=["documents"])
    held = zip(page["ids"], page["documents"] or [], strict=True)
    return {row for row, document in held if new[row].document == document}


def batches(items: list[_Item], size: int) -> Iterator[list[_Item]]:
    """The items, at most ``size`` at a time: Chroma takes no more in one call."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


@contextmanager
def in_our_words(section: str, but: type[Exception] = IndexBroken) -> Iterator[None]:
    """Raise as ``IndexBroken`` whatever fails in here: Chroma raises its own, SQLite's and Rust's errors alike.

    ``but`` passes as it is, and so does an ``IndexBroken``.
    """
    try:
        yield
    except (IndexBroken, but):
        raise
    except Exception as error:
        # Chroma often hides a full disk behind words of its own, so that the step names it either way.
        full = "disk is full" in str(error) or "No space left" in str(error)
        first = "Free some space" if full else "Check that the disk has room"
        raise IndexBroken(f"Chroma failed on '{section}' ({error}).", f"{first}, then rebuild the index.") from error


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


class _Row(NamedTuple):
    """A row as Chroma is given it."""

    id: str
    vector: Vectors
    document: str
    metadata: dict[str, str | int]


def _new_rows(records: Sequence[Record], card: str) -> Iterator[_Row]:
    for record in records:
        if record.vectors is None:
            continue
        script = record.script
        # What a reader of this folder filters by. The rest is in the record.
        passages = len(record.vectors.passages)
        metadata: dict[str, str | int] = {
            "script": script.id,
            "record": record.digest,
            "passages": passages,
            "status": script.status.value,
        }
        for ordinal, (passage, vector) in enumerate(zip(record.vectors.passages, record.vectors.values, strict=True)):
            yield _Row(row_id(script.id, ordinal), vector, script.passage_text(passage, card), metadata)
