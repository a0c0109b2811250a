"""Read a Chroma folder in a process of its own: a damaged one can take the process that opens it with it.

Run as ``python -m services.stores.chroma_reader FOLDER ANSWERS`` on a copy. Each line of standard input is a question;
its answer becomes the file ``<number>.json`` in ANSWERS, with vectors beside it as ``<number>.npy``. A question is
``{"number", "ask": "collections"}`` or ``{"number", "ask": "rows", "key", "limit"}``. It ends with its input.
"""

import json
import re
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from services.stores import chroma_files
from services.stores.chroma_copy import DATABASE

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

# Rows of one answer of Chroma, and ids of one question to it.
_PAGE = 1_000
# Rows without a vector are looked for one by one; where there are more, the index is what is damaged.
_LOST = 200
_DEFAULT = ("default_tenant", "default_database")
_MODEL_KEY = re.compile(r"(?i)embed|encoder|^model(_?name|_?id)?$|^scriptorium_model_")
_EF_MODEL_KEYS = ("model_name", "model", "model_id", "deployment_id")
_COLLECTIONS = (
    "SELECT c.id, c.name, c.dimension, d.name, d.tenant_id FROM collections c JOIN databases d ON c.database_id = d.id"
)


class Reader:
    """An open copy."""

    def __init__(self, folder: Path) -> None:
        chroma_files.check_database(folder / DATABASE)
        # Imported late: what a check of the files can say needs no Chroma.
        import chromadb  # noqa: PLC0415
        from chromadb.config import Settings  # noqa: PLC0415

        settings = Settings(anonymized_telemetry=False)
        self._make = partial(chromadb.PersistentClient, str(folder), settings)
        self._clients = {_DEFAULT: self._client(*_DEFAULT)}
        # After opening, which brings an older schema up to date.
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            found = database.execute(_COLLECTIONS).fetchall()
            chroma_files.check_segments(folder, database)
        self._rows = {str(row[0]): row for row in found}

    def collections(self) -> list[dict[str, Any]]:
        """What the folder holds, by name."""
        made = [self._describe(key) for key in self._rows]
        return sorted(made, key=lambda described: str(described["name"]))

    def rows(self, key: str, limit: int) -> tuple[dict[str, Any], npt.NDArray[np.float32]]:
        """Rows spread evenly over a collection: everything but the vectors, and the vectors."""
        collection, dimensions = self._collection(key), int(self._rows[key][2] or 0)
        total = collection.count()
        ids: list[str] = []
        for offset in range(0, total, _PAGE):
            ids += collection.get(limit=_PAGE, offset=offset, include=[])["ids"]
        if len(ids) > limit:
            ids = [ids[number * len(ids) // limit] for number in range(limit)]
        texts: dict[str, tuple[Any, Any]] = {}
        vectors: dict[str, Any] = {}
        lost: list[str] = []
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            vectors.update(_vectors(collection, page, lost))
            got = collection.get(ids=page, include=["documents", "metadatas"])
            texts.update(zip(got["ids"], zip(got["documents"] or [], got["metadatas"] or [], strict=True), strict=True))
        if ids and not vectors:
            raise chroma_files.DamagedError("none of its vectors can be read")
        return _texts(ids, texts), _matrix(ids, vectors, dimensions)

    def _describe(self, key: str) -> dict[str, Any]:
        collection = self._collection(key)
        _, name, dimensions, database, tenant = self._rows[key]
        configuration, metadata = collection.configuration_json or {}, collection.metadata or {}
        spaces = [(configuration.get(kind) or {}).get("space") for kind in ("hnsw", "spann")]
        return {
            "key": key,
            "name": name if (tenant, database) == _DEFAULT else f"{database}/{name}",
            "count": collection.count(),
            "dimensions": dimensions or 0,
            "distance": next(filter(None, spaces), None) or metadata.get("hnsw:space") or "",
            "claims": _claims(configuration.get("embedding_function") or {}, metadata),
        }

    def _collection(self, key: str) -> "Collection":
        _, name, _, database, tenant = self._rows[key]
        where = (tenant, database)
        if where not in self._clients:
            self._clients[where] = self._client(*where)
        return self._clients[where].get_collection(name, embedding_function=None)

    def _client(self, tenant: str, database: str) -> "ClientAPI":
        return self._make(tenant=tenant, database=database)


def _vectors(collection: "Collection", ids: Sequence[str], lost: list[str]) -> dict[str, Any]:
    """The vectors that can be had by id: one that is missing fails the answer for all that are asked for with it."""
    try:
        got = collection.get(ids=list(ids), include=["embeddings"])
    except Exception:
        if len(ids) == 1:
            lost += ids
        if len(lost) > _LOST:
            raise
        middle = len(ids) // 2
        halves = (ids[:middle], ids[middle:]) if middle else ()
        return {row: vector for half in halves for row, vector in _vectors(collection, half, lost).items()}
    found = got["embeddings"]
    return {} if found is None else dict(zip(got["ids"], found, strict=True))


def _matrix(ids: Sequence[str], vectors: Mapping[str, Any], dimensions: int) -> npt.NDArray[np.float32]:
    """``float32[n, d]``; a vector that is missing, or of another length, is NaN throughout."""
    made = np.full((len(ids), dimensions), np.nan, np.float32)
    for position, row in enumerate(ids):
        vector = vectors.get(row)
        if vector is not None and len(vector) == dimensions:
            made[position] = vector
    return made


def _texts(ids: Sequence[str], texts: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    found = [texts.get(row, (None, None)) for row in ids]
    return {
        "ids": list(ids),
        "documents": [document if isinstance(document, str) else None for document, _ in found],
        "metadatas": [{str(key): str(value) for key, value in (told or {}).items()} for _, told in found],
    }


def _claims(function: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, str]:
    """What the collection says of its model, by where it says so."""
    given = function.get("config") or {}
    named = [given.get(key) for key in _EF_MODEL_KEYS] if isinstance(given, dict) else []
    says = next((name for name in (*named, function.get("name")) if name and isinstance(name, str)), "")
    told = {f"metadata.{key}": value for key, value in metadata.items() if _MODEL_KEY.search(key)}
    found = {"embedding_function": says, **told}
    return {where: value.strip() for where, value in found.items() if isinstance(value, str) and value.strip()}


def main(folder: str, answers: str) -> None:
    """Answer the questions on standard input until it ends."""
    reader: Reader | None = None
    for line in sys.stdin:
        question = json.loads(line)
        answer = Path(answers) / f"{question['number']}.json"
        try:
            reader = reader or Reader(Path(folder))
            told = _answer(reader, question, answer)
        except Exception as error:  # noqa: BLE001  Chroma raises its own, SQLite's and Rust's alike; the parent words it
            told = {"error": " ".join(str(error).split())[:300] or type(error).__name__}
        half = answer.with_suffix(".half")
        half.write_text(json.dumps(told), "ascii")
        half.replace(answer)


def _answer(reader: Reader, question: Mapping[str, Any], answer: Path) -> dict[str, Any]:
    if question["ask"] == "collections":
        return {"collections": reader.collections()}
    told, vectors = reader.rows(question["key"], question["limit"])
    np.save(answer.with_suffix(".npy"), vectors, allow_pickle=False)
    return told


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
