"""What PostgreSQL's own catalogue says of the tables that hold vectors."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import Connection, sql

# What the catalogue calls tables that are stored in pages: ordinary, partitioned, materialised views.
_PAGED = ("r", "p", "m")
_DISTANCES = {"cosine": "cosine", "l2": "l2", "ip": "ip"}

_VECTOR_COLUMNS = """
SELECT n.nspname, c.relname, c.relkind, c.oid, a.attname, a.attnum, t.typname, a.atttypmod,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
       coalesce(obj_description(c.oid, 'pg_class'), ''), coalesce(col_description(c.oid, a.attnum), '')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT c.relispartition AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND (t.typname = 'bit' AND a.atttypmod >= 64 OR EXISTS (
    SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND e.extname = 'vector'))
ORDER BY n.nspname, c.relname, a.attnum
"""
_COLUMNS = """
SELECT a.attname, t.typname, t.typcategory = 'S',
       coalesce((SELECT a.attnum = ANY (i.indkey) FROM pg_index i
                 WHERE i.indrelid = a.attrelid AND i.indisprimary), false)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
# An index on ``embedding::halfvec(n)`` is one on an expression: its definition names the column.
_OPERATOR_CLASSES = """
SELECT DISTINCT o.opcname
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
JOIN pg_opclass o ON o.oid = i.indclass[0]
WHERE i.indrelid = %s AND m.amname IN ('hnsw', 'ivfflat')
  AND (i.indkey[0] = %s OR i.indkey[0] = 0 AND position(quote_ident(%s) in pg_get_indexdef(i.indexrelid, 1, true)) > 0)
"""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    type: str
    is_text: bool
    in_key: bool

    @property
    def is_json(self) -> bool:
        """Whether it holds a payload of keys and values."""
        return self.type in ("json", "jsonb")


@dataclass(frozen=True)
class Table:
    """A table, view or materialised view with one of its vector columns."""

    schema: str
    table: str
    kind: str
    oid: int
    column: str
    number: int
    type: str
    modifier: int
    readable: bool
    table_comment: str
    column_comment: str
    # ``schema.table``, and the column behind it where the table has several of vectors.
    name: str = ""
    columns: tuple[Column, ...] = field(default=())

    @property
    def place(self) -> sql.Composable:
        """The table as a statement names it."""
        return sql.Identifier(self.schema, self.table)

    @property
    def paged(self) -> bool:
        """Whether it is stored in pages, of which a few can be read without the rest."""
        return self.kind in _PAGED

    def others(self) -> list[Column]:
        """Its columns without vectors."""
        return [c for c in self.columns if c.type not in ("vector", "halfvec", "sparsevec", "bit", "bytea")]


def tables(connection: Connection[Any]) -> list[Table]:
    """Every vector column of the database, whether it can be read or not, in the order of names."""
    found = [Table(*row) for row in connection.execute(_VECTOR_COLUMNS)]
    return [_named(table, found) for table in found]


def _named(table: Table, all_of_them: Sequence[Table]) -> Table:
    own = sum(other.oid == table.oid for other in all_of_them)
    name = f"{table.schema}.{table.table}"
    return replace(table, name=f"{name}.{table.column}" if own > 1 else name)


def with_columns(connection: Connection[Any], table: Table) -> Table:
    """The same with its columns."""
    return replace(table, columns=tuple(Column(*row) for row in connection.execute(_COLUMNS, [table.oid])))


def distance(connection: Connection[Any], table: Table) -> str:
    """The distance that its indexes on this column are made for; empty where there is none, or more than one."""
    classes = {row[0] for row in connection.execute(_OPERATOR_CLASSES, [table.oid, table.number, table.column])}
    named = {_DISTANCES.get(name.split("_")[1], "") for name in classes}
    return named.pop() if len(named) == 1 else ""
