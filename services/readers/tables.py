"""Tables whose columns a person assigns: what the columns are, which field each is likely to be, and reading them so.

A mapping is field by column: ``{"text": "Skript", "title": "Überschrift"}``. Fields are ``FIELDS``; columns are named
as ``columns`` names them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from services.domain.drafts import Item, Reader, refused
from services.domain.reports import Rejected
from services.errors import InvalidInput
from services.readers import archive, csv, rows, sheet, walk
from services.readers.rows import FIELDS

ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm")
# What such files are called by ``walk``.
_FORMATS = ("csv", "sheet")
SAMPLES = 5
# How columns are called by those who never saw our fields, in German and English, best first.
_NAMES = {
    "text": ("text", "script", "skript", "body", "content", "inhalt", "wortlaut", "words", "transcript", "volltext"),
    "title": ("title", "titel", "name", "headline", "überschrift", "ueberschrift", "heading", "bezeichnung"),
    "section": ("section", "abschnitt", "phase", "sektion", "teil", "part", "bereich", "kategorie", "category"),
    "id": ("id", "slug", "key", "kennung", "schlüssel", "schluessel"),
    "focus_areas": ("focus areas", "focus area", "focus", "themen", "thema", "topics", "topic", "schwerpunkte",
                    "schwerpunkt", "tags", "schlagworte", "schlagwörter", "labels", "keywords", "stichworte"),
    "techniques": ("techniques", "technique", "techniken", "technik", "methode", "methoden", "method", "methods"),
    "situation": ("situation", "anlass", "context", "kontext", "description", "beschreibung", "use case", "indikation"),
    "person": ("person", "ansprache", "perspective", "perspektive", "anrede"),
    "author": ("author", "autor", "autorin", "verfasser", "verfasserin", "writer", "written by", "von"),
    "language": ("language", "sprache", "lang", "locale"),
    "status": ("status", "state", "zustand", "stand"),
    "source_id": ("source id", "quelle", "source", "original id", "reference", "referenz", "nr", "no", "number"),
}  # fmt: skip
_STATUSES = {"draft", "approved", "retired", ""}


@dataclass(frozen=True)
class Look:
    """What a table shows at first sight: its columns, and a few rows, each as wide as the columns."""

    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    # Rows that are not blank, over all sheets.
    rows: int


def is_table(path: Path) -> bool:
    """Whether a file of this name has columns to assign."""
    return path.suffix.lower() in ENDINGS


def within(path: Path, source: str) -> Iterator[tuple[str, Path]]:
    """The tables in a file, itself or those of a zip file: as messages call each, and where it lies until the next one.

    Raises:
        InvalidInput: a zip file that cannot be read.
    """
    if is_table(path):
        yield source, path
    elif walk.format_of(path.name) == "archive":
        yield from archive.unpacked(path, source, _FORMATS)


def chosen(otherwise: Reader, mappings: Mapping[str, Mapping[str, str]]) -> Reader:
    """A reader of tables that follows the mapping of a table, by what messages call it, where it has one."""

    def read_chosen(path: Path, source: str) -> Iterator[Item]:
        return read(path, source, mappings[source]) if source in mappings else otherwise(path, source)

    return read_chosen


def columns(path: Path, source: str = "") -> list[str]:
    """The names of the columns, none blank and none twice; of a workbook those of all its sheets, each once.

    Raises:
        InvalidInput: it is no table, or has nothing in it.
    """
    return list(look(path, source).columns)


def look(path: Path, source: str = "") -> Look:
    """Its columns and its first rows. Raises ``InvalidInput`` as ``columns`` does."""
    found: dict[str, None] = {}
    samples: list[dict[str, str]] = []
    total = 0
    for table in _tables(path, source or path.name):
        header = rows.names(table.header)
        found.update(dict.fromkeys(header))
        for row in table.rows:
            if isinstance(row, Rejected) or not any(cell.strip() for cell in row.cells):
                continue
            total += 1
            if len(samples) < SAMPLES:
                samples.append(dict(zip(header, row.cells, strict=False)))
    return Look(tuple(found), tuple(tuple(row.get(name, "") for name in found) for row in samples), total)


def guess(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """Which column each field is likely to be; fields for which there is none are missing.

    By name, in German or English; the words of the script otherwise are the column with the longest cells.
    """
    folded = {column: _folded(column) for column in columns}
    words = _words(columns, samples, folded)
    made = {"text": words} if words else {}
    for exact in (True, False):
        for field, known in _NAMES.items():
            free = [column for column in columns if column not in made.values()]
            if field not in made and (named := _named(free, folded, known, exact=exact)):
                made[field] = named
    if not _says(made.get("status", ""), columns, samples, _STATUSES):
        made.pop("status", None)
    return {field: made[field] for field in FIELDS if field in made}


def read(path: Path, source: str, mapping: Mapping[str, str]) -> Iterator[Item]:
    """The script in each row by a mapping, or why there is none; sheets without the column of the words are refused.

    Raises:
        InvalidInput: it is no table, or the mapping has an unknown field or no column for ``text`` that is there.
    """
    tables = _tables(path, source)
    for table in tables:
        try:
            places = rows.chosen_mapping(table, mapping)
        except InvalidInput as error:
            if len(tables) == 1:
                raise
            yield refused(table.source, error)
            continue
        yield from rows.drafts(table, places, path)


def _tables(path: Path, source: str) -> list[rows.Sheet]:
    if not is_table(path):
        raise InvalidInput(f"{source} is no table.", f"Tables end in {', '.join(ENDINGS)}.")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return sheet.tables(path, source)
    table = csv.table(path, source)
    if not any(cell.strip() for cell in table.header):
        raise InvalidInput(f"{source} has no header.", "Write the names of the columns into its first line.")
    return [table]


def _folded(column: str) -> str:
    return " ".join(re.findall(r"\w+", column.lower().replace("_", " ")))


def _named(free: Sequence[str], folded: Mapping[str, str], known: Sequence[str], *, exact: bool) -> str:
    for name in known:
        for column in free:
            words = folded[column]
            if words == name or (not exact and name in words.split()):
                return column
    return ""


def _says(column: str, columns: Sequence[str], samples: Sequence[Sequence[str]], allowed: set[str]) -> bool:
    """Whether the samples of this column are among what it may say."""
    if not column:
        return False
    at = columns.index(column)
    return all(row[at].strip().lower() in allowed for row in islice(samples, SAMPLES) if at < len(row))


def _words(columns: Sequence[str], samples: Sequence[Sequence[str]], folded: Mapping[str, str]) -> str:
    """The column that is called so and has words in it, else the one with most characters; empty without samples."""
    lengths = {column: sum(len(row[at]) for row in samples if at < len(row)) for at, column in enumerate(columns)}
    named = _named(columns, folded, _NAMES["text"], exact=True)
    if named and (lengths[named] or not samples):
        return named
    longest = max(columns, key=lambda column: lengths[column], default="")
    return longest if longest and lengths[longest] else ""
