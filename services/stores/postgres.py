"""Somebody else's PostgreSQL tables with pgvector: read in read-only transactions, never written."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from services.domain.cells import join_labels
from services.domain.inspection import StoredCollection, StoredRows
from services.domain.scripts import Vectors
from services.errors import NotFound, StoreUnreadable
from services.ground import text
from services.stores import postgres_contents as contents
from services.stores import postgres_tables as catalogue
from services.stores.postgres_errors import told
from services.stores.postgres_tables import Column, Table

_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 120
# Rows that travel at once, so that a large answer is never there twice.
_BATCH = 500
# As many names as a sentence carries.
_NAMES = 8
# What ``array_send`` puts in front of its elements: dimensions, flags, type, length and lower bound; see array_send in
# PostgreSQL's src/backend/utils/adt/arrayfuncs.c. Each element is its size and its bytes, all of them big-endian.
_HEAD = 20
_ELEMENT = np.dtype([("size", ">i4"), ("value", ">f4")])


class PostgresStore:
    """The tables of one database that have a vector column; only ``table``, where one is named.

    A table is a collection ``schema.table``; where it has several vector columns, each of them is one,
    ``schema.table.column``. Vectors of another length than most of their column count as missing.
    """

    kind = "PostgreSQL database"

    def __init__(self, dsn: str, table: str = "") -> None:
        self._dsn = dsn.strip()
        self._wanted = table
        self._connection: Connection[Any] | None = None
        self._known: dict[str, Table] = {}
        self._counted: dict[str, int] = {}

    def collections(self) -> Sequence[StoredCollection]:
        """Every vector column that can be read. Raises ``NotFound`` and ``StoreUnreadable``."""
        with self._reading() as connection:
            self._known = {table.name: table for table in self._tables(connection)}
        return [self._described(table) for table in self._known.values()]

    def rows(self, name: str, limit: int) -> StoredRows:
        """At most ``limit`` rows, spread evenly in the order in which they are stored; raises as ``collections``."""
        if name not in self._known:
            self.collections()
        if name not in self._known:
            raise NotFound(f"There is no table '{name}' with vectors.", f"Name one of: {_named(self._known)}.")
        with self._reading(name) as connection:
            return self._read(connection, self._known[name], limit)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _reading(self, table: str = "") -> Iterator[Connection[Any]]:
        """A transaction that sees one state of the database and cannot change it; none stays open in between."""
        with told(self._dsn, table):
            if self._connection is None or self._connection.closed:
                self._connection = _connect(self._dsn)
            with self._connection.transaction():
                self._connection.execute(f"SET LOCAL statement_timeout = '{_STATEMENT_SECONDS}s'")
                yield self._connection

    def _tables(self, connection: Connection[Any]) -> list[Table]:
        found = catalogue.tables(connection)
        if not found:
            raise _without_vectors(connection)
        if self._wanted:
            found = [t for t in found if _is_called(t, self._wanted)] or _not_there(self._wanted, found)
        readable = [t for t in found if t.readable and t.type in ("vector", "halfvec")]
        if not readable:
            raise _unreadable(connection, found)
        return [catalogue.with_columns(connection, table) for table in readable]

    def _described(self, table: Table) -> StoredCollection:
        with self._reading(table.name) as connection:
            total = self._counted[table.name] = contents.count(connection, table)
            return StoredCollection(
                table.name,
                total,
                contents.dimensions(connection, table, total),
                catalogue.distance(connection, table),
                contents.claims(connection, table, total),
            )

    def _read(self, connection: Connection[Any], table: Table, limit: int) -> StoredRows:
        total = self._counted[table.name]
        words = contents.words(connection, table, total)
        width = contents.dimensions(connection, table, total)
        others = [c for c in table.others() if words is None or words.key or c.name != words.column]
        statement = _statement(table, words, others, contents.spread(connection, table, limit, total))
        ids: list[str] = []
        documents: list[str | None] = []
        metadatas: list[Mapping[str, str]] = []
        vectors: Vectors = np.full((min(limit, total), width), np.nan, np.float32)
        with connection.cursor(name="scriptorium_rows") as cursor:
            cursor.itersize = _BATCH
            for row_id, document, sent, *cells in cursor.execute(statement):
                if sent is not None:
                    _put(vectors[len(ids)], sent)
                ids.append(row_id or f"row {len(ids) + 1}")
                documents.append(document)
                metadatas.append(_metadata(others, cells))
        return StoredRows(tuple(ids), tuple(documents), vectors[: len(ids)], tuple(metadatas))


def _connect(dsn: str) -> Connection[Any]:
    """Raises ``StoreUnreadable`` for an address that is none; libpq's own words would repeat what stands in it."""
    try:
        conninfo_to_dict(dsn)
    except psycopg.Error:
        raise StoreUnreadable(
            "This is no PostgreSQL address that can be understood.",
            "Write it as postgresql://user:password@host:5432/database; in a password, write %40 for @ and %2F for /.",
        ) from None
    # Unnamed statements only: a pooler in between may hand each one to another connection.
    connection = psycopg.connect(
        dsn,
        connect_timeout=_CONNECT_SECONDS,
        application_name="scriptorium inspect",
        client_encoding="utf8",
        prepare_threshold=None,
    )
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


def _is_called(table: Table, wanted: str) -> bool:
    return wanted in (table.name, table.table, f"{table.schema}.{table.table}", f"{table.table}.{table.column}")


def _not_there(wanted: str, found: Sequence[Table]) -> list[Table]:
    raise NotFound(
        f"There is no table '{wanted[:80]}' with a vector column.", f"Name one of: {_named(t.name for t in found)}."
    )


def _without_vectors(connection: Connection[Any]) -> NotFound:
    database = connection.info.dbname
    if connection.execute("SELECT FROM pg_extension WHERE extname = 'vector'").fetchone() is None:
        return NotFound(
            f"The database '{database}' has no pgvector extension, so no table in it holds vectors.",
            "Check the database's name: it is the last part of the address.",
        )
    return NotFound(
        f"No table in the database '{database}' has a vector column.",
        "Check the database's name: it is the last part of the address.",
    )


def _unreadable(connection: Connection[Any], found: Sequence[Table]) -> StoreUnreadable:
    named = _named(t.name for t in found)
    if any(table.readable for table in found):
        types = " and ".join(sorted({t.type for t in found if t.readable}))
        return StoreUnreadable(
            f"The vectors of {named} are of the type {types}, which cannot be compared with what a model makes.",
            "Inspect a table with a column of the type vector or halfvec.",
        )
    user = connection.info.user
    return StoreUnreadable(
        f"The user '{user}' may not read {named}.",
        f"Ask the owner of the database for: GRANT SELECT ON {found[0].schema}.{found[0].table} TO {user}.",
    )


def _statement(
    table: Table, words: contents.Words | None, others: Sequence[Column], rows: sql.Composed
) -> sql.Composed:
    cells = [sql.SQL("{}::text").format(_as_json_or_text(column)) for column in others]
    return sql.SQL("SELECT {}::text, {}::text, array_send({}::real[]), {} FROM {}").format(
        contents.identifier(table),
        words.expression if words else sql.SQL("NULL"),
        sql.Identifier(table.column),
        sql.SQL(", ").join(cells) if cells else sql.SQL("NULL"),
        rows,
    )


def _as_json_or_text(column: Column) -> sql.Composable:
    """A list of words as JSON, which tells its members apart."""
    name = sql.Identifier(column.name)
    return sql.SQL("to_json({})").format(name) if column.type.startswith("_") else name


def _put(target: Vectors, sent: bytes) -> None:
    values = np.frombuffer(sent, _ELEMENT, offset=_HEAD)["value"] if len(sent) > _HEAD else np.zeros(0)
    if len(values) == len(target):
        target[:] = values


def _metadata(columns: Sequence[Column], cells: Sequence[str | None]) -> dict[str, str]:
    """Each column under its name, and what a JSON column holds under the names in it, where no column has the name."""
    found: dict[str, str] = {}
    payloads: list[Mapping[str, Any]] = []
    for column, cell in zip(columns, cells, strict=False):
        if cell is None:
            continue
        value = json.loads(cell) if column.is_json or column.type.startswith("_") else cell
        if isinstance(value, dict):
            payloads.append(value)
        else:
            found[column.name] = _in_words(value)
    for payload in payloads:
        for key, value in payload.items():
            if value is not None:
                found.setdefault(key, _in_words(value))
    return found


def _in_words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(member, str) for member in value):
        return join_labels(tuple(value))
    return json.dumps(value, ensure_ascii=False)


def _named(names: Iterable[str]) -> str:
    return text.named(list(names), _NAMES)
