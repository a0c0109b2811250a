"""An Excel workbook: each sheet with a header is a table, one script a row, with the columns of a CSV."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.domain.drafts import Item, refused
from services.errors import InvalidInput
from services.readers import child, rows


def read(path: Path, source: str) -> Iterator[Item]:
    """The script in each row of the sheets that have the column ``text``. Raises ``InvalidInput``."""
    found = tables(path, source)
    for sheet in found:
        try:
            places = rows.own_mapping(sheet)
        except InvalidInput as error:
            yield refused(sheet.source, error)
            continue
        yield from rows.drafts(sheet, places, path)


def tables(path: Path, source: str, limit: int = 0) -> list[rows.Sheet]:
    """The sheets that are not blank; ``limit`` rows of each, all where it is 0. Raises ``InvalidInput``."""
    told = child.ask("sheet", path, source, limit=limit)
    sheets = [one for one in told["sheets"] if one["rows"]]
    if not sheets:
        raise InvalidInput(f"{source} has no sheet with anything in it.", "Check that it is the right file.")
    notes = tuple(told["notes"])
    several = len(told["sheets"]) > 1
    return [_sheet(one["rows"], f"{source} sheet {one['name']}" if several else source, notes) for one in sheets]


def _sheet(found: Sequence[tuple[int, list[str]]], source: str, notes: tuple[str, ...]) -> rows.Sheet:
    (_, header), *rest = found
    made = (rows.Row(f"{source} row {number}", cells) for number, cells in rest)
    return rows.Sheet(source, header, made, notes)
