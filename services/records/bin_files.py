"""The bin: records that were deleted, each under its id and its digest, until somebody empties it."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from services.domain.history import Binned
from services.errors import InvalidInput
from services.ground import files, text, yaml_text
from services.records import record_format

_NAME = re.compile(r"(?P<id>[a-z0-9-]+)\.(?P<digest>[0-9a-f]{16})\.yaml")
# Where the next line goes on with it, it is no title of ours, and the whole record tells.
_TITLE = re.compile(rb"^title: \S[^\r\n]*(?=\r?\n\S)", re.MULTILINE)
# The title stands among the first lines of a file that we wrote.
_HEAD = 4096
# So many titles are remembered; more are read once more.
_REMEMBERED = 20_000

# Modified in nanoseconds, size, inode: what tells one version of a file from another without reading it.
_Mark = tuple[int, int, int]


def listed(folder: Path) -> list[Binned]:
    """What lies there, the last put there first. Reads the beginning of each file, once."""
    return sorted(_found(folder), key=lambda binned: (binned.time, binned.id), reverse=True)


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
                    title = _title(entry.path, (stat.st_mtime_ns, stat.st_size, stat.st_ino))
                    changed = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="milliseconds")
                    yield Binned(name["id"], title, section.name, changed.replace("+00:00", "Z"), name["digest"])


def _entries(section: Path) -> Iterator[os.DirEntry[str]]:
    if text.is_slug(section.name):
        with contextlib.suppress(NotADirectoryError, FileNotFoundError), os.scandir(section) as entries:
            yield from entries


@lru_cache(maxsize=_REMEMBERED)
def _title(path: str, mark: _Mark) -> str:  # noqa: ARG001  another version of the file has another title
    """Empty where the record cannot be read. Raises ``FileNotFoundError``."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
            told = _TITLE.search(head)
            if told is not None:
                title = yaml_text.load(told[0], source=path)["title"]
                if isinstance(title, str) and title:
                    return text.one_line(title)
            return record_format.decode(head + file.read(), source=Path(path).name).script.title
    except FileNotFoundError:
        raise
    except (OSError, InvalidInput):
        return ""
