"""Rows of a table as drafts, whether they come from a text file or from a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from services.domain.cells import by_commas, split_labels, unguard
from services.domain.drafts import LISTS, TEXTS, Draft, Item
from services.domain.reports import Rejected
from services.errors import InvalidInput

# What a column can be, the words of the script first.
FIELDS = ("text", "title", "section", "id", *LISTS, *TEXTS)


@dataclass(frozen=True)
class Row:
    """The cells of one row, and how messages call it."""

    source: str
    cells: Sequence[str]
    # What reading it had to leave out, each a full sentence.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One table: its header as it is written, its rows, and notes on how it was read."""

    source: str
    header: Sequence[str]
    rows: Iterator[Row | Rejected]
    notes: tuple[str, ...] = ()


def names(header: Sequence[str]) -> list[str]:
    """The columns as a person can choose among them: none is blank, none is there twice."""
    made: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = " ".join(cell.split())[:80] or f"Column {number}"
        made.append(name if name not in made else f"{name} ({number})")
    return made


def own_mapping(sheet: Sheet) -> dict[str, int]:
    """The columns that bear the names of fields.

    Raises:
        InvalidInput: none is called 'text', or two are called the same.
    """
    header = [cell.strip().lower() for cell in sheet.header]
    if "text" not in header:
        found = ", ".join(name for name in header if name)[:200] or "none"
        raise InvalidInput(
            f"{sheet.source} has no column 'text' (its columns: {found}).", "Name the column of the words 'text'."
        )
    twice = [name for name in header if name and header.count(name) > 1]
    if twice:
        raise InvalidInput(f"{sheet.source} has the column '{twice[0][:40]}' twice.", "Rename one of the two.")
    return {field: header.index(field) for field in FIELDS if field in header}


def chosen_mapping(sheet: Sheet, mapping: Mapping[str, str]) -> dict[str, int]:
    """The columns that somebody chose for the fields; those that this sheet has not are left out.

    Raises:
        InvalidInput: an unknown field, or this sheet has not the column of the words.
    """
    unknown = next((field for field in mapping if field not in FIELDS), None)
    if unknown is not None:
        raise InvalidInput(f"There is no field '{unknown[:40]}'.", f"Use: {', '.join(FIELDS)}.")
    if not mapping.get("text"):
        raise InvalidInput("No column is chosen for the words of the scripts.", "Choose one for 'text'.")
    there = names(sheet.header)
    if mapping["text"] not in there:
        raise InvalidInput(
            f"{sheet.source} has no column '{mapping['text'][:80]}' (its columns: {', '.join(there)[:200] or 'none'}).",
            "Choose the column that holds the words.",
        )
    return {field: there.index(column) for field, column in mapping.items() if column in there}


def drafts(sheet: Sheet, places: Mapping[str, int], path: Path) -> Iterator[Item]:
    """The script in each row, or why there is none. ``places``: which column each field is in."""
    found = list(sheet.rows)
    commas = [field for field in LISTS if field in places and by_commas(_column(found, places[field]))]
    told = tuple(f"Its column '{names(sheet.header)[places[field]]}' is separated at commas." for field in commas)
    sheet = replace(sheet, notes=(*sheet.notes, *told))
    for row in found:
        if isinstance(row, Rejected):
            yield row
        elif any(cell.strip() for cell in row.cells):
            yield _draft(sheet, row, places, commas, path)


def _column(found: Sequence[Row | Rejected], at: int) -> Iterator[str]:
    return (row.cells[at] for row in found if isinstance(row, Row) and at < len(row.cells))


def _draft(sheet: Sheet, row: Row, places: Mapping[str, int], commas: Sequence[str], path: Path) -> Item:
    if len(row.cells) > len(sheet.header):
        return Rejected(
            row.source,
            f"It has {len(row.cells)} cells, the header has {len(sheet.header)}. "
            "Put quotes around text with separators.",
        )
    cells = {field: unguard(row.cells[at]) for field, at in places.items() if at < len(row.cells)}
    lists = {
        key: split_labels(cells[key].replace(",", ";") if key in commas else cells[key])
        for key in LISTS
        if key in cells
    }
    texts = {key: cells[key] for key in TEXTS if key in cells}
    return Draft(
        source=row.source,
        text=cells.get("text", ""),
        id=cells.get("id", "").strip(),
        title=cells.get("title", ""),
        section=cells.get("section", ""),
        folder=path.absolute().parent.name,
        stated={**texts, **lists},
        notes=row.notes,
        table=sheet.source,
        table_notes=sheet.notes,
    )
