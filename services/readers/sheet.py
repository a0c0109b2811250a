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
    several = len(told["sheets"]) > 1
    return [_sheet(one["rows"], f"{source} sheet {one['name']}" if several else source) for one in sheets]


def _sheet(found: Sequence[tuple[int, list[str], int]], source: str) -> rows.Sheet:
    (_, header, _), *rest = found
    made = (rows.Row(f"{source} row {number}", cells, _unknown(cells_unknown)) for number, cells, cells_unknown in rest)
    return rows.Sheet(source, header, made)


def _unknown(cells: int) -> tuple[str, ...]:
    """What to say of a row with so many formulas without a result."""
    if not cells:
        return ()
    told = "1 cell holds a formula" if cells == 1 else f"{cells:,} cells hold formulas"
    read = "it was read as empty" if cells == 1 else "they were read as empty"
    step = "Open the workbook in Excel, save it, and bring it in again."
    return (f"{told} whose result the file does not have; {read}. {step}",)
