"""A CSV file with a header: one script a row. It needs the column ``text``; others are used when present."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.domain.drafts import Item
from services.domain.reports import Rejected
from services.domain.scripts import MAX_TEXT
from services.errors import InvalidInput
from services.readers import decoding, rows

_DELIMITERS = ",;\t|"
_BEGINNING_CHARACTERS = 65_536
_BEGINNING_ROWS = 5
# Python's own limit is 131,072 characters; a script may be longer.
csv.field_size_limit(2 * MAX_TEXT)
_UNREADABLE = (
    f"It cannot be read: a quotation mark is missing or one too many, or a cell has more than {2 * MAX_TEXT:,} "
    "characters. Mend it, and bring the file in again."
)


def read(path: Path, source: str) -> Iterator[Item]:
    """The script in each row, or why there is none. Raises ``InvalidInput`` for a file without usable header."""
    sheet = table(path, source)
    yield from rows.drafts(sheet, rows.own_mapping(sheet), path)


def table(path: Path, source: str) -> rows.Sheet:
    """The table in the file. Raises ``InvalidInput`` where it has no header that can be read."""
    read_as = decoding.legible(decoding.read_bytes(path, source), source)
    whole, delimiter, skipped = _delimited(read_as.text)
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
    except csv.Error:
        raise InvalidInput(f"{source} has a header that cannot be read.", "Mend its first line.") from None
    return rows.Sheet(source, header, _rows(reader, source, skipped), read_as.notes)


def sniff(whole: str) -> str:
    """The delimiter: the one that cuts the beginning into most columns, best with ``text`` among them, else a comma."""
    beginning = whole[:_BEGINNING_CHARACTERS]

    def fit(delimiter: str) -> tuple[bool, int, int]:
        read = csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter)
        found = [row for _, row in zip(range(_BEGINNING_ROWS), read, strict=False) if row]
        header = [cell.strip().lower() for cell in found[0]] if found else []
        alike = sum(len(row) == len(header) for row in found[1:])
        return "text" in header, alike if len(header) > 1 else -1, len(header)

    try:
        return max(_DELIMITERS, key=fit)
    except csv.Error:
        return ","


def _delimited(whole: str) -> tuple[str, str, int]:
    """The table without the line ``sep=;`` that Excel may put first, its delimiter, and the lines left out."""
    first, _, rest = whole.partition("\n")
    told = first.strip().lower()
    if told.startswith("sep=") and len(told) == len("sep=;"):
        return rest, told[-1], 1
    return whole, sniff(whole), 0


def _rows(reader: Any, source: str, skipped: int) -> Iterator[rows.Row | Rejected]:
    while True:
        row_source = f"{source} line {reader.line_num + skipped + 1}"
        try:
            yield rows.Row(row_source, next(reader))
        except StopIteration:
            return
        except csv.Error:
            yield Rejected(row_source, _UNREADABLE)
