"""Vectors that were paid for, kept below ``derived/embeddings``: one SQLite file a vector space, content-addressed.

A row is the BLAKE3 digest of the exact text that was embedded, and its vector. A space is found again by its canaries,
not by its name: where a provider has changed what a name means, a new file begins and the old vectors stay unused.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex

import numpy as np

from services.domain.canaries import Canaries, min_cosine
from services.domain.model_change import SAME_SPACE
from services.domain.scripts import Vectors
from services.errors import StorageFailed
from services.ground import digests, files

SUFFIX = ".sqlite"
_OF_RECORDS = "records"
_PREFIX = 16
_AT_A_TIME = 500
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS canaries (told TEXT NOT NULL, documents BLOB NOT NULL, questions BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID",
)


class Space:
    """One file. Each call opens it anew, so that any thread may ask and a folder that was deleted is made again."""

    def __init__(self, path: Path, canaries: Canaries | None = None) -> None:
        self._path = path
        self._canaries = canaries
        self._lock = threading.Lock()
        self.name = path.stem

    @property
    def canaries(self) -> Canaries | None:
        """Those that the space was opened with first; None where records carried the vectors."""
        return self._canaries

    def get(self, texts: Sequence[str]) -> Mapping[str, Vectors]:
        """``float32[d]`` by text, of those that are known."""
        wanted = {_key(text): text for text in texts}
        found: dict[str, Vectors] = {}
        if not self._path.exists():
            return found
        keys = list(wanted)
        with self._opened() as database:
            if not database.execute("SELECT name FROM sqlite_master WHERE name = 'vectors'").fetchone():
                return found  # made by somebody who was killed before anything was kept
            for start in range(0, len(keys), _AT_A_TIME):
                some = keys[start : start + _AT_A_TIME]
                marks = ", ".join("?" * len(some))
                rows = database.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", some)  # noqa: S608  marks only
                found |= {wanted[key]: np.frombuffer(vector, "<f4").astype(np.float32) for key, vector in rows}
        return found

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep ``float32[n, d]``; on the disk when this returns."""
        rows = [(_key(t), v.astype("<f4").tobytes()) for t, v in zip(texts, vectors, strict=True)]
        with self._lock, self._opened() as database, database:
            self._begin(database)
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def replace(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep these instead of all that is there; on the disk, wholly or not at all."""
        rows = [(_key(t), v.astype("<f4").tobytes()) for t, v in zip(texts, vectors, strict=True)]
        with self._lock, self._opened() as database, database:
            self._begin(database)
            database.execute("DELETE FROM vectors")
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def known(self, texts: Sequence[str]) -> set[str]:
        """Which of the texts have a vector."""
        return set(self.get(texts))

    def read_canaries(self) -> Canaries | None:
        """Those in the file."""
        with self._opened() as database:
            there = database.execute("SELECT name FROM sqlite_master WHERE name = 'canaries'").fetchone()
            row = database.execute("SELECT told, documents, questions FROM canaries").fetchone() if there else None
        self._canaries = _decode(*row) if row else None
        return self._canaries

    def _begin(self, database: sqlite3.Connection) -> None:
        for statement in _SCHEMA:
            database.execute(statement)
        empty = database.execute("SELECT count(*) FROM canaries").fetchone()[0] == 0
        if self._canaries and empty:
            database.execute("INSERT INTO canaries VALUES (?, ?, ?)", _encode(self._canaries))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with files.storage_errors(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=30)) as database:
                # On the disk, not only with the operating system: a power cut loses nothing that was paid for.
                database.execute("PRAGMA synchronous = FULL")
                yield database
        except sqlite3.OperationalError as error:
            raise StorageFailed(
                f"The cache of embeddings {self._path.name} cannot be used: {error}.",
                "Free some space or check the folder derived/embeddings, then start again; what was paid for is kept.",
            ) from error
        except sqlite3.DatabaseError as error:
            raise StorageFailed(
                f"The cache of embeddings {self._path.name} is damaged: {error}.",
                f"Delete derived/embeddings/{self._path.name}; what was in it is embedded again when it is needed.",
            ) from error


class KeptEmbeddings:
    """All spaces of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def space(self, canaries: Canaries) -> Space:
        """Those of the space that these canaries live in: the nearest that is near enough, else a new one."""
        there = ((space.read_canaries(), space) for space in self._spaces(canaries.model_digest))
        near = [(min_cosine(known, canaries), space) for known, space in there if known and _same_set(known, canaries)]
        best = max(near, key=lambda item: item[0], default=None)
        return best[1] if best and best[0] >= SAME_SPACE else self.anew(canaries)

    def anew(self, canaries: Canaries) -> Space:
        """A new one for them, whatever is there."""
        return Space(self._folder / f"{canaries.model_digest[:_PREFIX]}-{token_hex(4)}{SUFFIX}", canaries)

    def named(self, name: str) -> Space | None:
        """The space of this name; None where it is gone."""
        path = self._folder / f"{name}{SUFFIX}"
        if path.parent != self._folder or not path.is_file():
            return None
        space = Space(path)
        space.read_canaries()
        return space

    def of_records(self, model_digest: str) -> Space:
        """Vectors that records carried under this model."""
        return Space(self._folder / f"{model_digest[:_PREFIX]}-{_OF_RECORDS}{SUFFIX}")

    def known(self, model_digest: str, texts: Sequence[str], *, of_records: bool = True) -> set[str]:
        """Which of the texts are kept: those of the space that has most of them, and those that records carried."""
        carried = self.of_records(model_digest).known(texts) if of_records else set()
        return max((space.known(texts) for space in self._spaces(model_digest)), key=len, default=set()) | carried

    def _spaces(self, model_digest: str) -> list[Space]:
        paths = sorted(self._folder.glob(f"{model_digest[:_PREFIX]}-*{SUFFIX}"))
        return [Space(path) for path in paths if not path.stem.endswith(_OF_RECORDS)]


def _key(text: str) -> bytes:
    return bytes.fromhex(digests.of_bytes(text.encode("utf-8", "surrogatepass")))


def _same_set(one: Canaries, other: Canaries) -> bool:
    return one.sentences == other.sentences and one.model_digest == other.model_digest


def _encode(canaries: Canaries) -> tuple[str, bytes, bytes]:
    told = {key: value for key, value in asdict(canaries).items() if key not in ("documents", "questions")}
    documents, questions = (v.astype("<f4").tobytes() for v in (canaries.documents, canaries.questions))
    return json.dumps(told), documents, questions


def _decode(told: str, documents: bytes, questions: bytes) -> Canaries:
    given = json.loads(told)
    sentences = tuple(given.pop("sentences"))
    arrays = (np.frombuffer(v, "<f4").astype(np.float32).reshape(len(sentences), -1) for v in (documents, questions))
    return Canaries(**given, sentences=sentences, documents=next(arrays), questions=next(arrays))
