"""A copy of somebody else's Chroma folder, of one moment. The original is only ever read.

Chroma cannot open a folder without writing to it: it takes locks, may migrate it, and may compact it.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from blake3 import blake3

from services.errors import NotFound, StoreUnreadable

DATABASE = "chroma.sqlite3"
# Of the database itself those that a killed writer leaves behind, from which SQLite mends it.
_DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal")
_BEFORE_0_4 = ("chroma-collections.parquet", "chroma-embeddings.parquet")
# Waits between attempts, in seconds: a writer's pause between two batches is enough.
_WAITS = (0.2, 0.5, 1.0, 2.0)
# Folders up to this size are read twice, so that a writer that leaves size and time as they were is seen too.
_READ_TWICE = 64 * 2**20
_ROOM_TO_SPARE = 16 * 2**20
_BLOCK = 2**20
_HINT_DEPTH = 4

# Size, time of the last change, and i-node of each file by its path within the folder.
Snapshot = Mapping[str, tuple[int, int, int]]


def check(folder: Path) -> None:
    """Whether this looks like a Chroma folder at all.

    Raises:
        NotFound: there is nothing there.
        StoreUnreadable: it is a file, no Chroma folder, or one from before Chroma 0.4.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, ValueError):  # ValueError: a path that no file can have
        raise NotFound(f"There is no folder {folder}.", "Check the path.") from None
    except NotADirectoryError:
        step = f"Give the folder that it lies in: {folder.parent}" if folder.name == DATABASE else "Give a folder."
        raise StoreUnreadable(f"{folder} is a file, not a folder.", step) from None
    except OSError as error:
        raise _unreadable(folder, error) from error
    if DATABASE in names:
        if not (folder / DATABASE).is_file():
            raise StoreUnreadable(f"{DATABASE} in {folder} is no file.", "Give a folder that Chroma has written.")
        return
    if any(name in names for name in _BEFORE_0_4):
        cause = f"{folder} was written by Chroma before 0.4, whose files later versions cannot open."
        raise StoreUnreadable(cause, "Convert a copy of it with chroma-migrate, then inspect that.")
    inner = next(iter(_databases(folder)), None)
    step = f"Did you mean {inner.parent}?" if inner else "Give the folder that Chroma was told to persist to."
    raise StoreUnreadable(f"{folder} is no Chroma folder: it has no {DATABASE}.", step)


def copy(folder: Path, target: Path) -> None:
    """Copy what Chroma needs of a folder, as it was at one moment.

    Raises:
        StoreUnreadable: another process keeps writing to it, a file cannot be read, or there is no room for the copy.
    """
    for wait in (*_WAITS, None):
        try:
            if _copied(folder, target):
                return
        except FileNotFoundError:
            pass  # A file that went away between looking and copying: a writer, too.
        except OSError as error:
            raise _unreadable(folder, error) from error
        if wait is not None:
            time.sleep(wait)
    raise StoreUnreadable(
        f"Another process is writing to {folder}.", "Stop it, or wait until it has finished, then inspect again."
    )


def snapshot(folder: Path) -> Snapshot:
    """The files that Chroma needs, as they are now."""
    found = {}
    for path in _files(folder):
        stat = path.stat()
        found[path.relative_to(folder).as_posix()] = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
    return found


def _copied(folder: Path, target: Path) -> bool:
    """Copy once; False where the original changed meanwhile."""
    shutil.rmtree(target, ignore_errors=True)
    before = snapshot(folder)
    size = sum(held for held, _, _ in before.values())
    _check_room(folder, target.parent, size)
    digests = {}
    for name in before:
        made = target / name
        made.parent.mkdir(parents=True, exist_ok=True)
        digests[name] = _copy_file(folder / name, made)
    if size <= _READ_TWICE and any(_digest(folder / name) != digest for name, digest in digests.items()):
        return False
    return snapshot(folder) == before


def _files(folder: Path) -> Iterator[Path]:
    """The database and the files in the folders of its segments, whose names are UUIDs. No pipes, no devices."""
    for path in sorted(folder.iterdir()):
        if path.name in _DATABASE_FILES and path.is_file():
            yield path
        elif _is_uuid(path.name) and path.is_dir():
            yield from (inner for inner in sorted(path.iterdir()) if inner.is_file())


def _copy_file(source: Path, target: Path) -> str:
    digest = blake3()
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    digest = blake3()
    with path.open("rb") as reading:
        while block := reading.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _check_room(folder: Path, where: Path, size: int) -> None:
    free = shutil.disk_usage(where).free
    if size + _ROOM_TO_SPARE > free:
        cause = f"{folder} takes {size / 1e6:,.0f} MB, and {where.parent} has room for {free / 1e6:,.0f} MB of a copy."
        raise StoreUnreadable(cause, "Free some space, or set TMPDIR to a folder on a larger disk.")


def _databases(folder: Path) -> Iterator[Path]:
    """Chroma's databases somewhat deeper, such as in a workspace."""
    for top, folders, names in os.walk(folder):
        depth = len(Path(top).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < _HINT_DEPTH else []
        if DATABASE in names:
            yield Path(top) / DATABASE


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _unreadable(folder: Path, error: OSError) -> StoreUnreadable:
    return StoreUnreadable(
        f"{folder} cannot be read ({error.strerror or error}).", "Check the path and its permissions."
    )
