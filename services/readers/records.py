"""A record as this or another workspace keeps it: a YAML file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from services.domain.drafts import LISTS, TEXTS, Draft, Item
from services.domain.scripts import Record
from services.readers.decoding import read_bytes


class Decode(Protocol):
    """The record in a file's bytes, as ``services.records.record_format.decode`` reads it."""

    def __call__(self, data: bytes, *, source: str) -> Record:
        """Raises ``InvalidInput``."""


def read(path: Path, source: str, decode: Decode) -> Iterator[Item]:
    """The script in the record, with its vectors. Raises ``InvalidInput``."""
    yield _draft(decode(read_bytes(path, source), source=source), source)


def _draft(record: Record, source: str) -> Draft:
    script = record.script
    return Draft(
        source=source,
        text=script.text,
        id=script.id,
        title=script.title,
        section=script.section,
        stated={key: getattr(script, key) for key in (*TEXTS, *LISTS)},
        vectors=record.vectors,
    )
