"""The places of a map's scripts as a table, CSV or Parquet."""

import importlib
import io
from collections.abc import Iterable, Mapping
from typing import Any

from services.domain.cells import guard
from services.domain.landscape import Landscape
from services.domain.maps import NONE, Map
from services.shelf import Row

COLUMNS = ("script", "title", "section", "status", "cluster", "cluster_name", "x", "y", "fitted")


def table(of: Map, rows: Iterable[Row], landscape: Landscape | None, format_name: str) -> bytes:
    """A line for each script that has a place. ``cluster`` counts from 1, and is empty for none."""
    # Takes a third of a second to import, and only this needs it.
    polars: Any = importlib.import_module("polars")
    names: Mapping[int, str] = landscape.names if landscape else {}
    values = [_line(of, row, names) for row in rows if row.script.id in of.places]
    schema = {
        **dict.fromkeys(COLUMNS, polars.String),
        "cluster": polars.Int64,
        "x": polars.Float32,
        "y": polars.Float32,
        "fitted": polars.Boolean,
    }
    buffer = io.BytesIO()
    if format_name == "parquet":
        polars.DataFrame(values, schema=schema, orient="row").write_parquet(buffer)
    else:
        # Only here: no program that reads the other form runs what is in a cell.
        guarded = [tuple(guard(v) if isinstance(v, str) else v for v in line) for line in values]
        polars.DataFrame(guarded, schema=schema, orient="row").write_csv(buffer)
    return buffer.getvalue()


def _line(of: Map, row: Row, names: Mapping[int, str]) -> tuple[Any, ...]:
    script, place = row.script, of.places[row.script.id]
    cluster = int(of.clusters[place])
    x, y = of.positions[place].tolist()
    number = None if cluster == NONE else cluster + 1
    told = (script.id, script.title, script.section, script.status.value)
    return (*told, number, names.get(cluster, ""), x, y, bool(of.fitted[place]))
