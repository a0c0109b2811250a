"""The bin: records that were deleted, each under its id and its digest, until somebody empties it."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from services.domain.history import Binned
from services.errors import InvalidInput
from services.ground import files, text
from services.records import record_format

_NAME = re.compile(r"(?P<id>[a-z0-9-]+)\.(?P<digest>[0-9a-f]{16})\.yaml")


def listed(folder: Path) -> list[Binned]:
    """What lies there, the last put there first."""
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
    for path in folder.glob("*/*.yaml"):
        name = _NAME.fullmatch(path.name)
        if name is None or not text.is_slug(path.parent.name):
            continue
        try:
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            title = record_format.decode(path.read_bytes(), source=path.name).script.title
        except FileNotFoundError:
            continue  # brought back by somebody else just now
        except (OSError, InvalidInput):
            title = ""
        time = changed.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield Binned(name["id"], title, path.parent.name, time, name["digest"])
