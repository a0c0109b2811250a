"""The cells of a workbook as text: what they show where they hold a formula, dates as 2026-11-21, numbers in full."""

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl

from services.errors import InvalidInput
from services.readers.parsers import package

_MAX_ROWS = 100_000
_MAX_COLUMNS = 500
_MAX_CHARACTERS = 100_000_000
_BLOCK = 2**20
_LAST_ROW = 2**20


def extract(question: Mapping[str, Any]) -> dict[str, Any]:
    """``{"sheets": [{"name", "rows": [[number, cells, unknown]]}]}``, without blank rows. Raises ``InvalidInput``.

    ``unknown``: how many cells of the row hold a formula whose result the file has not. With a ``limit`` above 0 only
    so many rows of each sheet.
    """
    path, source = Path(question["path"]), question["source"]
    with package.opened(path, source) as opened:
        formulas = _has_formulas(opened)
    warnings.simplefilter("ignore")
    values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    written = openpyxl.load_workbook(path, read_only=True, keep_links=False) if formulas else None
    reading = _Reading(source, question.get("limit") or _MAX_ROWS)
    try:
        sheets = [
            {"name": sheet.title, "rows": list(reading.rows(sheet, written[sheet.title] if written else None))}
            for sheet in values.worksheets
        ]
    finally:
        values.close()
        if written is not None:
            written.close()
    return {"sheets": sheets}


def _has_formulas(opened: zipfile.ZipFile) -> bool:
    for name in opened.namelist():
        if "worksheets/" in name and name.endswith(".xml"):
            tail = b""
            with opened.open(name) as file:
                while block := file.read(_BLOCK):
                    if b"<f>" in tail + block or b"<f " in tail + block or b":f>" in tail + block:
                        return True
                    tail = block[-3:]
    return False


class _Reading:
    """Reads the sheets of one workbook within its bounds."""

    def __init__(self, source: str, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._left = _MAX_CHARACTERS

    def rows(self, sheet: Any, written: Any) -> Iterator[tuple[int, list[str], int]]:
        """The rows with something in them, by their numbers, and how many of their cells are not known."""
        # What a sheet says of its size is often wrong, and can be made to be.
        sheet.reset_dimensions()
        formulas: Iterator[Any] = iter(())
        if written is not None:
            written.reset_dimensions()
            formulas = written.iter_rows(values_only=True)
        found = 0
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            pairs = zip(row, next(formulas, ()), strict=False)
            unknown = sum(value is None and formula is not None for value, formula in pairs)
            if number > _LAST_ROW:
                raise InvalidInput(f"{self._source} has rows where Excel has none.", "It is damaged; save it anew.")
            cells = _trimmed([_text(value) for value in row])
            if not cells:
                continue
            found += 1
            if found > self._limit and self._limit < _MAX_ROWS:
                return
            self._check(cells, found)
            yield number, cells, unknown

    def _check(self, cells: list[str], rows: int) -> None:
        self._left -= sum(map(len, cells))
        if rows > _MAX_ROWS or len(cells) > _MAX_COLUMNS or self._left < 0:
            raise InvalidInput(
                f"{self._source} has more than {_MAX_ROWS:,} rows, {_MAX_COLUMNS} columns or 100 MB of text.",
                "Split it, or delete what is not needed.",
            )


def _trimmed(cells: list[str]) -> list[str]:
    """Without the blank cells at the end: formatting reaches further than what is written."""
    filled = [at for at, cell in enumerate(cells) if cell.strip()]
    return cells[: filled[-1] + 1] if filled else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
