"""The scripts as a list to search and filter: prepared once for each record, so that typing stays quick."""

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from services.domain.scripts import Record, Script, Status
from services.ports import Catalogue


@dataclass(frozen=True)
class Row:
    """One script of the list, with all that a search looks at, in case-folded form."""

    record: Record
    words: int
    parts: int
    order: str
    where: str

    @property
    def script(self) -> Script:
        """The script itself."""
        return self.record.script


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty lets everything through."""

    search: str = ""
    sections: Collection[str] = ()
    statuses: Collection[Status] = ()
    focus_areas: Collection[str] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.search.split() or self.sections or self.statuses or self.focus_areas)


@dataclass(frozen=True, eq=False)
class Shelf:
    """The scripts of a catalogue by section, as the workspace lists them, and then by title."""

    catalogue: Catalogue
    sections: tuple[str, ...]
    rows: tuple[Row, ...]
    focus_areas: tuple[str, ...]

    def find(self, wanted: Wanted) -> Sequence[Row]:
        """The rows that have every word of the search somewhere, and pass the filters; in the order of the list."""
        if wanted.is_everything:
            return self.rows
        # Rarest first would be quicker still; the longest word is nearly always it, and costs nothing to find.
        sought = sorted(set(wanted.search.casefold().split()), key=len, reverse=True)
        rows: Sequence[Row] = list(self._passing(wanted))
        for word in sought:
            rows = [row for row in rows if word in row.where]
        return rows

    def _passing(self, wanted: Wanted) -> Iterator[Row]:
        sections, statuses, focus = set(wanted.sections), set(wanted.statuses), set(wanted.focus_areas)
        for row in self.rows:
            script = row.record.script
            if sections and script.section not in sections:
                continue
            if statuses and script.status not in statuses:
                continue
            if focus and focus.isdisjoint(script.focus_areas):
                continue
            yield row


class Shelves:
    """Keeps the shelf of the catalogue that was asked for last. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None

    def of(self, catalogue: Catalogue, sections: tuple[str, ...]) -> Shelf:
        """The catalogue's shelf; of another one than before, only the rows whose records are others are prepared."""
        with self._lock:
            last = self._shelf
            if last is None or last.catalogue is not catalogue or last.sections != sections:
                known = {row.record.script.id: row for row in last.rows} if last else {}
                last = self._shelf = _prepared(catalogue, sections, known)
            return last


def _prepared(catalogue: Catalogue, sections: tuple[str, ...], known: dict[str, Row]) -> Shelf:
    places = {section: place for place, section in enumerate(sections)}
    rows = []
    for script_id, record in catalogue.records.items():
        row = known.get(script_id)
        rows.append(row if row is not None and row.record is record else _row(record))
    rows.sort(key=lambda row: (places.get(row.script.section, len(places)), row.order, row.script.id))
    areas = {area for record in catalogue.records.values() for area in record.script.focus_areas}
    return Shelf(catalogue, sections, tuple(rows), tuple(sorted(areas)))


def _row(record: Record) -> Row:
    script = record.script
    where = "\n".join((script.title, script.situation, " ".join(script.focus_areas), script.author, script.text))
    # Not the card: what people count are the parts of the text.
    parts = sum(p.kind == "body" for p in record.vectors.passages) if record.vectors else 0
    return Row(record, script.words, parts, script.title.casefold(), where.casefold())
