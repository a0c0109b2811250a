"""Records as this or another workspace keeps them: one YAML file, or a zip file of them such as our own export."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from services.drafts import LISTS, TEXTS, Draft, Item, refused
from services.errors import InvalidInput
from services.readers.decoding import read_bytes
from services.scripts import Record
from services.yaml_text import MAX_BYTES

_SUFFIXES = (".yaml", ".yml")
# Against an archive that unpacks to more than any corpus of scripts.
_MAX_UNPACKED = 4 * 1024**3


class Decode(Protocol):
    """The record in a file's bytes, as ``services.records.record_format.decode`` reads it."""

    def __call__(self, data: bytes, *, source: str) -> Record:
        """Raises ``InvalidInput``."""


def read(path: Path, source: str, decode: Decode) -> Iterator[Item]:
    """The script in each record, with its vectors. Raises ``InvalidInput``."""
    if path.suffix.lower() == ".zip":
        yield from _zipped(path, source, decode)
    else:
        yield _draft(decode(read_bytes(path, source), source=source), source)


def _zipped(path: Path, source: str, decode: Decode) -> Iterator[Item]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((m for m in archive.infolist() if _is_record(m.filename)), key=lambda m: m.filename)
            if sum(member.file_size for member in members) > _MAX_UNPACKED:
                raise InvalidInput(f"{source} unpacks to more than 4 GB.", "Split it into several.")
            if not members:
                raise InvalidInput(f"{source} holds no YAML file.", "Name a zip file made by export.")
            for member in members:
                yield _member(archive, member, f"{source}: {member.filename}", decode)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise InvalidInput(f"{source} cannot be unpacked ({error}).", "Make the zip file again.") from None


def _is_record(name: str) -> bool:
    place = PurePosixPath(name)
    return place.suffix.lower() in _SUFFIXES and not any(part.startswith((".", "__MACOSX")) for part in place.parts)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, source: str, decode: Decode) -> Item:
    try:
        with archive.open(member) as file:
            # The directory of an archive may lie about sizes; the decoder refuses what is too long.
            return _draft(decode(file.read(MAX_BYTES + 1), source=source), source)
    except InvalidInput as error:
        return refused(source, error)


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
