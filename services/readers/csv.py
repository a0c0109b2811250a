"""A CSV file with a header: one script a row. It needs the column ``text``; others are used when present."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from services.cells import split_labels, unguard
from services.drafts import LISTS, TEXTS, Draft, Item
from services.errors import InvalidInput
from services.readers.decoding import read_text
from services.reports import Rejected
from services.scripts import MAX_TEXT

_DELIMITERS = ",;\t|"
_HEADER_CHARACTERS = 65_536
# Python's own limit is 131,072 characters; a script may be longer.
csv.field_size_limit(2 * MAX_TEXT)


def read(path: Path, source: str) -> Iterator[Item]:
    """The script in each row, or why there is none. Raises ``InvalidInput`` for a file without usable header."""
    whole = read_text(path, source)
    delimiter = sniff(whole)
    rows = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter, strict=True)
    header = _header(rows, source)
    while True:
        row_source = f"{source} line {rows.line_num + 1}"
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(
                row_source, f"It cannot be read ({error}). Check that its quotes pair, and import the file again."
            )
            continue
        if any(cell.strip() for cell in cells):
            yield _row(header, cells, row_source, path)


def sniff(whole: str) -> str:
    """The delimiter: the one that cuts the header into most columns with ``text`` among them, else a comma."""
    beginning = whole[:_HEADER_CHARACTERS]

    def columns(delimiter: str) -> int:
        first = next(csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter), [])
        return len(first) if "text" in [_name(cell) for cell in first] else 0

    try:
        return max(_DELIMITERS, key=columns)
    except csv.Error:
        return ","


def _header(rows: Iterator[list[str]], source: str) -> list[str]:
    try:
        header = [_name(cell) for cell in next(rows, [])]
    except csv.Error as error:
        raise InvalidInput(f"{source} has a header that cannot be read ({error}).", "Mend its first line.") from None
    if "text" not in header:
        found = ", ".join(name for name in header if name)[:200] or "none"
        raise InvalidInput(
            f"{source} has no column 'text' (its columns: {found}).", "Name the column of the words 'text'."
        )
    twice = [name for name in header if name and header.count(name) > 1]
    if twice:
        raise InvalidInput(f"{source} has the column '{twice[0][:40]}' twice.", "Rename one of the two.")
    return header


def _name(cell: str) -> str:
    return cell.strip().lower()


def _row(header: list[str], cells: list[str], source: str, path: Path) -> Item:
    if len(cells) > len(header):
        return Rejected(
            source, f"It has {len(cells)} cells, the header has {len(header)}. Put quotes around text with separators."
        )
    row = {name: unguard(cell) for name, cell in zip(header, cells, strict=False)}
    lists = {key: split_labels(row[key]) for key in LISTS if key in row}
    texts = {key: row[key] for key in TEXTS if key in row}
    return Draft(
        source=source,
        text=row.get("text", ""),
        id=row.get("id", "").strip(),
        title=row.get("title", ""),
        section=row.get("section", ""),
        folder=path.absolute().parent.name,
        stated={**texts, **lists},
    )
