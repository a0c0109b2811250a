"""The bin: records that were deleted, each under its id and its digest, until somebody empties it."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from services.domain.history import Binned
from services.errors import InvalidInput, NotFound, StorageFailed
from services.ground import files, text, yaml_text
from services.records import record_format

_DIGITS = 16
_NAME = re.compile(r"(?P<id>[a-z0-9-]+)\.(?P<digest>[0-9a-f]{16})\.yaml")
# Where the next line goes on with it, it is no title of ours, and the whole record tells.
_TITLE = re.compile(rb"^title: \S[^\r\n]*(?=\r?\n\S)", re.MULTILINE)
# The title stands among the first lines of a file that we wrote.
_HEAD = 4096
# So many titles are remembered; more are read once more.
_REMEMBERED = 20_000


def listed(folder: Path) -> list[Binned]:
    """What lies there, the last put there first. Reads the beginning of each file, once. Raises ``StorageFailed``."""
    try:
        return sorted(_found(folder), key=lambda binned: (binned.time, binned.id), reverse=True)
    except OSError as error:
        raise StorageFailed(
            f"The bin cannot be read ({error.strerror}).", "Check the permissions of the folder bin and what is in it."
        ) from error


def find(folder: Path, script_id: str, digest: str = "") -> Path:
    """The file that was put there last under this id, or the one whose digest begins so. Raises ``NotFound``."""
    known = text.is_slug(script_id) and (not digest or digest.isalnum())
    found = list(folder.glob(f"*/{script_id}.{digest[:_DIGITS]}*.yaml")) if known else []
    if not found:
        raise NotFound(f"The bin has no script '{script_id[:80]}'.", "It may have been brought back already.")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def read(folder: Path, script_id: str, digest: str) -> bytes:
    """What a file holds. Raises ``NotFound``, ``StorageFailed``."""
    try:
        return find(folder, script_id, digest).read_bytes()
    except OSError as error:
        told = f"'{script_id}' in the bin cannot be read ({error.strerror})."
        raise StorageFailed(told, "Check the permissions of its file and folder.") from error


def remove(folder: Path, binned: Iterable[Binned]) -> None:
    """Delete these. What is gone already is. Raises ``StorageFailed``."""
    touched = set()
    for one in binned:
        path = folder / one.section / f"{one.id}.{one.digest}.yaml"
        with files.storage_errors(path):
            path.unlink(missing_ok=True)
        touched.add(path.parent)
    for section in touched:
        with files.storage_errors(section):
            files.fsync_folder(section)


def _found(folder: Path) -> Iterator[Binned]:
    for section in folder.glob("*/"):
        for entry in _entries(section):
            name = _NAME.fullmatch(entry.name)
            # Brought back by somebody else just now, it is not there any more.
            with contextlib.suppress(FileNotFoundError):
                if name is not None:
                    stat = entry.stat()
                    title = _title(entry.path, files.mark(stat))
                    changed = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="milliseconds")
                    yield Binned(name["id"], title, section.name, changed.replace("+00:00", "Z"), name["digest"])


def _entries(section: Path) -> Iterator[os.DirEntry[str]]:
    if text.is_slug(section.name):
        with contextlib.suppress(NotADirectoryError, FileNotFoundError), os.scandir(section) as entries:
            yield from entries


@lru_cache(maxsize=_REMEMBERED)
def _title(path: str, mark: files.Mark) -> str:  # noqa: ARG001  another version of the file has another title
    """Empty where the record cannot be read. Raises ``FileNotFoundError``."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
            return _stated(head, path) or _whole(head + file.read(), path)
    except FileNotFoundError:
        raise
    except OSError:
        return ""


def title_of(data: bytes) -> str:
    """The title of a record, from its bytes; empty where it cannot be read."""
    return _stated(data[:_HEAD], "a record") or _whole(data, "a record")


def _stated(head: bytes, source: str) -> str:
    """The title, where it stands on a line of its own in the beginning of a record."""
    told = _TITLE.search(head)
    # What is wrong with the line, the whole record tells.
    with contextlib.suppress(InvalidInput):
        title = yaml_text.load(told[0], source=source)["title"] if told else ""
        return text.one_line(title) if isinstance(title, str) else ""
    return ""


def _whole(data: bytes, source: str) -> str:
    try:
        return record_format.decode(data, source=Path(source).name).script.title
    except InvalidInput:
        return ""
