"""What is in a table that holds vectors: its rows, its documents, and what it says of the model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from services.stores.postgres_tables import Column, Table

# As many rows as a guess is made from.
_GUESS_ROWS = 200
# Above this a table is read a few pages at a time: numbering the rows of a larger one means reading all of it.
_NUMBERED_ROWS = 50_000
# More rows than are wanted, because pages are picked at random and come whole; and so many that no page is missed.
_SPARE = 4
_LEAST_SAMPLED = 5_000
_CLAIM_VALUES = 3
_MODEL_COLUMN = re.compile(r"(^|_)(model|embedder)($|_)|^embedding_(name|type|function)$", re.IGNORECASE)
# In a comment only what looks like the name of a model is a claim: the words around it are nobody's name.
_MODEL_NAME = re.compile(
    r"[\w./:-]*(?:text-embedding-|minilm|mpnet|bge-|gte-|e5-|nomic-embed|mxbai-embed|voyage-|jina-embeddings"
    r"|embed-(?:english|multilingual))[\w./:-]*",
    re.IGNORECASE,
)
# Names that no column of anybody's has.
NUMBER = sql.Identifier("scriptorium row number")
STORED_AT = sql.Identifier("scriptorium row place")


@dataclass(frozen=True)
class Words:
    """Where a table keeps its documents: a text column, or a key of a JSON column."""

    column: str
    key: str = ""

    @property
    def expression(self) -> sql.Composed:
        """The words as a statement reads them."""
        column = sql.Identifier(self.column)
        if not self.key:
            return sql.SQL("{}").format(column)
        return sql.SQL("({}::json ->> {})").format(column, sql.Literal(self.key))


def count(connection: Connection[Any], table: Table) -> int:
    """Its rows, counted."""
    return _one(connection, sql.SQL("SELECT count(*) FROM {}").format(table.place))


def spread(connection: Connection[Any], table: Table, limit: int, total: int) -> sql.Composed:
    """At most ``limit`` of its ``total`` rows as a subquery, spread evenly in the order in which they are stored.

    Up to 50,000 rows every so-manieth row is taken. Of a larger table some pages are taken at random, always the same
    ones, and every so-manieth row in them: what is read then depends on ``limit`` and not on the size. A view has no
    pages and is read from end to end.
    """
    sample = sql.Composed([])
    wanted = max(limit * _SPARE, _LEAST_SAMPLED)
    if table.paged and total > _NUMBERED_ROWS and wanted < total:
        percent = sql.Literal(100 * wanted / total)
        sample = sql.SQL(" TABLESAMPLE SYSTEM ({}) REPEATABLE (0)").format(percent)
        total = _one(connection, sql.SQL("SELECT count(*) FROM {}{}").format(table.place, sample))
    stored_at = sql.SQL("t.ctid::text") if table.paged else sql.SQL("''")
    return sql.SQL(
        "(SELECT * FROM (SELECT row_number() OVER () AS {n}, {at} AS {ctid}, t.* FROM {table} t{sample}) numbered "
        "WHERE {n} * {limit} / {total} <> ({n} - 1) * {limit} / {total}) spread"
    ).format(
        n=NUMBER,
        at=stored_at,
        ctid=STORED_AT,
        table=table.place,
        sample=sample,
        limit=sql.Literal(min(limit, total)),
        total=sql.Literal(max(total, 1)),
    )


def identifier(table: Table) -> sql.Composed:
    """What names a row: its primary key, else the column ``id``, else where it is stored, else its number."""
    key = [c.name for c in table.columns if c.in_key] or [c.name for c in table.columns if c.name.lower() == "id"]
    if key:
        return sql.SQL("concat_ws('/', {})").format(sql.SQL(", ").join(map(sql.Identifier, key)))
    return sql.SQL("{}::text").format(STORED_AT if table.paged else NUMBER)


def dimensions(connection: Connection[Any], table: Table, total: int) -> int:
    """Numbers in a vector: as the column declares it, else as most of the rows that are looked at have it; 0: none."""
    if table.modifier > 0:
        return table.modifier
    statement = sql.SQL(
        "SELECT array_length({column}::real[], 1) FROM {rows} WHERE {column} IS NOT NULL "
        "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ).format(column=sql.Identifier(table.column), rows=spread(connection, table, _GUESS_ROWS, total))
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def words(connection: Connection[Any], table: Table, total: int) -> Words | None:
    """Where the documents are: the text column with the longest values, else the JSON key; None where there is none."""
    candidates = [c for c in table.columns if c.is_text and not c.in_key and not _MODEL_COLUMN.search(c.name)]
    rows = spread(connection, table, _GUESS_ROWS, total)
    lengths = _lengths(connection, [c.name for c in candidates], rows)
    if lengths:
        return Words(max(lengths, key=lambda name: lengths[name]))
    keys = [_longest_key(connection, c, rows) for c in table.columns if c.is_json]
    return next((found for found in keys if found is not None), None)


def _lengths(connection: Connection[Any], names: Sequence[str], rows: sql.Composed) -> dict[str, float]:
    """The mean length by column, without those that hold nothing, or nothing but identifiers."""
    if not names:
        return {}
    measured = [sql.SQL("CASE WHEN bool_or(NOT {0}) THEN avg({1}) END").format(*_measures(name)) for name in names]
    statement = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(measured), rows)
    found = connection.execute(statement).fetchone() or ()
    return {name: float(length) for name, length in zip(names, found, strict=True) if length}


def _measures(name: str) -> tuple[sql.Composed, sql.Composed]:
    """Whether a value is one word with digits or signs in it, as an identifier is; and how long it is."""
    column = sql.Identifier(name)
    return (
        sql.SQL("({0} ~ '^[!-~]*[0-9/_:.@-][!-~]*$' AND length({0}) < 100)").format(column),
        sql.SQL("length({})").format(column),
    )


def _longest_key(connection: Connection[Any], column: Column, rows: sql.Composed) -> Words | None:
    value = sql.SQL("to_json({})").format(sql.Identifier(column.name))
    statement = sql.SQL(
        "SELECT pair.key FROM {rows}, "
        "json_each(CASE WHEN json_typeof({value}) = 'object' THEN {value} ELSE '{{}}' END) pair "
        "WHERE json_typeof(pair.value) = 'string' GROUP BY pair.key "
        "HAVING bool_or((pair.value #>> '{{}}') ~ '\\s') ORDER BY avg(length(pair.value #>> '{{}}')) DESC LIMIT 1"
    ).format(rows=rows, value=value)
    row = connection.execute(statement).fetchone()
    return Words(column.name, row[0]) if row else None


def claims(connection: Connection[Any], table: Table, total: int) -> Mapping[str, str]:
    """What the table says of the model: in columns that are called after one, and in comments that name one."""
    comments = {
        f"comment of the table {table.table}": table.table_comment,
        f"comment of the column {table.column}": table.column_comment,
    }
    found: dict[str, str] = {}
    for where, comment in comments.items():
        found |= _each(where, list(dict.fromkeys(name.rstrip(".:/") for name in _MODEL_NAME.findall(comment))))
    rows = spread(connection, table, _GUESS_ROWS, total)
    for column in table.others():
        if _MODEL_COLUMN.search(column.name) and not column.is_json:
            found |= _values(connection, column.name, rows)
    return found


def _values(connection: Connection[Any], name: str, rows: sql.Composed) -> dict[str, str]:
    """The column's values, the most frequent first; each a claim of its own."""
    statement = sql.SQL(
        "SELECT left({column}::text, 200) FROM {rows} WHERE {column}::text <> '' "
        "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {limit}"
    ).format(column=sql.Identifier(name), rows=rows, limit=sql.Literal(_CLAIM_VALUES))
    return _each(f"column {name}", [row[0] for row in connection.execute(statement)])


def _each(where: str, values: Sequence[str]) -> dict[str, str]:
    """Every value is a claim of its own."""
    if len(values) == 1:
        return {where: values[0]}
    return {f"{where}, value {rank}": value for rank, value in enumerate(values, start=1)}


def _one(connection: Connection[Any], statement: sql.Composed) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
