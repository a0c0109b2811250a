"""The way back from each upload: ``uploads/<id>.json``, one file an upload, the newest few of them."""

import contextlib
import json
import re
import threading
from pathlib import Path

from services.domain.upload_journal import FORMAT, Summary, Upload, new_id
from services.errors import NotFound, StorageFailed
from services.ground import files, text

SUFFIX = ".json"
# Older ones go: a way back over what was edited since leads nowhere, and they hold whole records.
KEPT = 20
# More than the keys in front of the entries take.
_HEAD = 1000
_TIME = re.compile(r"\d{1,30}")


class UploadFiles:
    """The uploads of one workspace. Canonical: what a record was before an upload can be had from nowhere else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        # Of the one that was asked for last: a page asks with every run.
        self._seen: tuple[Path, int, Summary] | None = None

    def names(self) -> list[str]:
        """The ids of those that can be undone, the newest first."""
        try:
            found = [path.stem for path in self._folder.iterdir() if path.suffix == SUFFIX and text.is_slug(path.stem)]
        except OSError:
            return []
        return sorted(found, key=_order, reverse=True)

    def last(self) -> Summary | None:
        """The newest one in one line; cheap, however large it is. Raises ``StorageFailed``."""
        newest = next(iter(self.names()), "")
        if not newest:
            return None
        path = self._path(newest)
        try:
            written = path.stat().st_mtime_ns
            with self._lock:
                if self._seen is None or self._seen[:2] != (path, written):
                    self._seen = path, written, _summary(path)
                return self._seen[2]
        except FileNotFoundError:
            return None

    def get(self, upload_id: str) -> Upload:
        """One of them. Raises ``NotFound``, ``StorageFailed``."""
        path = self._path(upload_id)
        if not path.is_file():
            raise NotFound("This upload has been undone already, or is too old to be undone.", "Reload the page.")
        return _decoded(path)

    def fresh_id(self, made: str) -> str:
        """An id for an upload of this moment, newer than all that are here, whatever the clock said then."""
        made_id, newest = new_id(made), next(iter(self.names()), "")
        after = _order(newest)[0] + 1
        return made_id if _order(made_id)[0] >= after else made_id.replace(made_id.partition("-")[0], str(after), 1)

    def put(self, upload: Upload) -> None:
        """Keep one, or what is left of it, and let go of the oldest others. Raises ``StorageFailed``."""
        files.write_atomically(self._path(upload.id), json.dumps(upload.as_json(), ensure_ascii=False).encode())
        others = [name for name in self.names() if name != upload.id]
        for old in others[KEPT - 1 :]:
            self.forget(old)

    def forget(self, upload_id: str) -> None:
        """It is undone. Raises ``StorageFailed``."""
        path = self._path(upload_id)
        with files.storage_errors(path):
            path.unlink(missing_ok=True)
            files.fsync_folder(path.parent)

    def _path(self, upload_id: str) -> Path:
        if not text.is_slug(upload_id):
            raise NotFound(f"'{upload_id[:80]}' names no upload.", "Use the id that the upload was given.")
        return self._folder / f"{upload_id}{SUFFIX}"


def _order(upload_id: str) -> tuple[int, str]:
    """Ids begin with a moment as a number; one that does not was not given here, and is older than all."""
    moment = _TIME.match(upload_id)
    return int(moment[0]) if moment else 0, upload_id


def _summary(path: Path) -> Summary:
    """What stands in front of the entries; earlier versions wrote no numbers there, and are read whole."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace").partition(', "entries": ')[0]
        told = json.loads(f"{head}}}")
        if told["format"] == FORMAT:
            return Summary(str(told["id"]), str(told["made"]), int(told["created"]), int(told["updated"]))
    return _decoded(path).summary


def _decoded(path: Path) -> Upload:
    try:
        return Upload.of_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StorageFailed(
            f"What the upload {path.stem} replaced cannot be read ({type(error).__name__}).",
            f"Its scripts can be changed one by one; delete uploads/{path.name} when that is done.",
        ) from None
