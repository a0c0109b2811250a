"""The documents of a store that somebody else made, as drafts of scripts. Its vectors stay where they are."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from services.domain.cells import split_labels
from services.domain.drafts import LISTS, Draft, Item
from services.domain.inspection import StoredCollection, StoredRows
from services.domain.reports import Rejected
from services.domain.scripts import MAX_TITLE, Status
from services.errors import InvalidInput, NotFound
from services.ground import text
from services.ports import StrangerStore

# A workspace is read whole into memory; a table of more rows is no corpus of scripts.
MAX_ROWS = 50_000
_TEXTS = ("situation", "person", "author", "language")
# Where a row lies, or how many came before it, as a store without keys says it: the next time it is another.
_PLACE = re.compile(r"\(\d+,\d+\)|row \d+")
_STATUSES = {status.value for status in Status}


def read(store: StrangerStore, names: Sequence[str], sections: Collection[str]) -> Iterator[Item]:
    """The script in each row of these collections, all where none is named. ``sections``: those of the workspace.

    Raises:
        NotFound: a collection that is not there.
        InvalidInput: the passages of a Scriptorium index, or more rows than a workspace is made for.
        StoreUnreadable: the store cannot be read any more.
    """
    there = {collection.name: collection for collection in store.collections()}
    missing = next((name for name in names if name not in there), None)
    if missing is not None:
        raise NotFound(
            f"The {store.kind} holds no '{missing[:80]}' any more.", f"It holds: {', '.join(there)[:300] or 'nothing'}."
        )
    for name in names or there:
        yield from _collection(store, there[name], sections)


def _collection(store: StrangerStore, stored: StoredCollection, sections: Collection[str]) -> Iterator[Item]:
    if stored.count > MAX_ROWS:
        raise InvalidInput(
            f"{stored.name} holds {stored.count:,} rows, and a workspace is made for {MAX_ROWS:,} at most.",
            "Import a view or a smaller collection with those that are scripts.",
        )
    rows = store.rows(stored.name, max(1, stored.count))
    _refuse_passages(stored.name, rows)
    for position, row_id in enumerate(rows.ids):
        yield _draft(stored.name, row_id, rows.documents[position], rows.metadatas[position], sections)


def _refuse_passages(name: str, rows: StoredRows) -> None:
    """Pieces of scripts overlap and cannot be joined exactly; their records are where the index was made."""
    if rows.passages:
        raise InvalidInput(
            f"{name} is an index that Scriptorium built: it holds scripts cut into overlapping passages.",
            "Import the folder 'records' of the workspace that it belongs to.",
        )


def _draft(name: str, row_id: str, document: str | None, told: Mapping[str, str], sections: Collection[str]) -> Item:
    source = f"{name}: {row_id}"
    if document is None or not document.strip():
        missing = "It has no document" if document is None else "Its document is blank"
        return Rejected(source, f"{missing}, so there are no words to import. Add them at their source.")
    known = {key.strip().lower(): value for key, value in told.items() if value.strip()}
    own_id, source_id = _identity(name, row_id)
    title = text.one_line(known.get("title", ""))
    return Draft(
        source=source,
        text=document,
        id=own_id,
        title=title if len(title) <= MAX_TITLE else "",
        section=_section(name, known, sections),
        stated={**_stated(known), **({"source_id": source_id} if source_id else {})},
    )


def _identity(name: str, row_id: str) -> tuple[str, str]:
    """The row's id where it can name a script, else what to recognise it by; neither where it only says a place.

    A number counts rows of one collection and would be another script's id in the next.
    """
    if _PLACE.fullmatch(row_id):
        return "", ""
    if any(letter.isalpha() for letter in row_id):
        return row_id, ""
    return "", f"{name}/{row_id}"


def _section(name: str, known: Mapping[str, str], sections: Collection[str]) -> str:
    """What the row says, else the collection's own name, where the workspace has such a section; else it is open."""
    said = text.one_line(known.get("section", "")).lower()
    own = name.lower().split(".")
    return next((candidate for candidate in (said, *own) if candidate in sections), "")


def _stated(known: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
    """What else the row says of the script, as far as it says it in our words."""
    lists: dict[str, str | tuple[str, ...]] = {key: _labels(known[key]) for key in LISTS if key in known}
    texts = {key: known[key] for key in _TEXTS if key in known}
    status = text.one_line(known.get("status", "")).lower()
    return {**lists, **texts, **({"status": status} if status in _STATUSES else {})}


def _labels(value: str) -> tuple[str, ...]:
    """Labels between semicolons, as we write them, or between commas, as others do."""
    return split_labels(value if ";" in value else value.replace(",", ";"))
