"""Whether the files of a Chroma folder hold together, as far as can be seen without Chroma.

Chroma itself makes an empty store of a database that is none, does not notice that a file of an index was cut short,
and dies of some. Used on a copy.
"""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

_MAGIC = b"SQLite format 3\x00"
# Larger ones take too long to go through; Chroma's own reading has to do.
_CHECKED_UP_TO = 2 * 2**30
# The header of an index, as hnswlib writes it: version, offset of the lowest level, room, elements, bytes an element,
# offset of the label, offset of the vector, highest level, entry point, three limits of links, multiplier, effort.
_HEADER = struct.Struct("<i6Qii3QdQ")
_VERSION = 1
_LENGTH = 4


class DamagedError(Exception):
    """A file that cannot be what was written. The parent process words it for people."""


class _Header(NamedTuple):
    elements: int
    size: int


def check_database(path: Path) -> None:
    """Whether this is a whole SQLite database, and Chroma's. Raises ``DamagedError``."""
    if path.stat().st_size == 0:
        raise DamagedError(f"{path.name} is empty")
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise DamagedError(f"{path.name} is no SQLite database")
    try:
        with closing(sqlite3.connect(path)) as database:
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            found = (
                database.execute("PRAGMA quick_check(1)").fetchone() if path.stat().st_size < _CHECKED_UP_TO else None
            )
    except sqlite3.Error as error:
        raise DamagedError(f"{path.name} is damaged ({error})") from error
    if found and found[0] != "ok":
        raise DamagedError(f"{path.name} is damaged ({' '.join(str(found[0]).split())[:120]})")
    if not {"collections", "segments", "embeddings"} <= tables:
        raise DamagedError(f"{path.name} is a database of something else, or of an unknown version of Chroma")


def check_segments(folder: Path, database: sqlite3.Connection) -> None:
    """Whether the index files of the collections are as long as they say. Raises ``DamagedError``."""
    for (segment,) in database.execute("SELECT id FROM segments WHERE scope = 'VECTOR'"):
        if (folder / str(segment)).is_dir():
            _check_index(folder / str(segment))


def _check_index(folder: Path) -> None:
    header = _read_header(folder / "header.bin")
    if header is None:
        return
    least = {"data_level0.bin": header.elements * header.size, "length.bin": header.elements * _LENGTH}
    for name, size in least.items():
        path = folder / name
        if not path.is_file():
            raise DamagedError(f"the index file {name} is missing")
        if path.stat().st_size < size:
            raise DamagedError(f"the index file {name} is cut short")
    _check_links(folder / "link_lists.bin", header.elements)


def _read_header(path: Path) -> _Header | None:
    """None where there is no index yet, or one of another version, which Chroma may know."""
    if not path.is_file():
        if any(path.parent.iterdir()):
            raise DamagedError(f"the index file {path.name} is missing")
        return None
    data = path.read_bytes()
    if len(data) < _HEADER.size:
        raise DamagedError(f"the index file {path.name} is cut short")
    version, _, room, elements, size, *_ = _HEADER.unpack_from(data)
    if version != _VERSION:
        return None
    if not 0 <= elements <= room or not size:
        raise DamagedError(f"the index file {path.name} is damaged")
    return _Header(elements, size)


def _check_links(path: Path, elements: int) -> None:
    """For each element the number of bytes of its links above the lowest level, then these bytes."""
    if not path.is_file():
        raise DamagedError(f"the index file {path.name} is missing")
    data, position = path.read_bytes(), 0
    for _ in range(elements):
        if position + _LENGTH > len(data):
            raise DamagedError(f"the index file {path.name} is cut short")
        position += _LENGTH + int.from_bytes(data[position : position + _LENGTH], "little")
    if position > len(data):
        raise DamagedError(f"the index file {path.name} is cut short")
