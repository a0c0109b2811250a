"""A change of the model as small JSON files: ``changing.json`` while records are replaced, the rest is derived."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from services.domain.model_change import Begun, Outcome
from services.domain.settings import Paths
from services.errors import StorageFailed, WorkspaceBusy
from services.ground import files


class ChangeFiles:
    """The changes of one workspace.

    ``changing.json`` stands beside the records and is canonical: deleting ``derived/`` may cost the new vectors, but
    never the knowledge that the records are half and half.
    """

    def __init__(self, paths: Paths) -> None:
        self._switching = paths.changing
        self._begun = paths.change / "begun.json"
        self._last = paths.change / "last.json"
        self._lock = paths.change / "running.lock"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Only one change at a time; the operating system frees it on a kill."""
        with files.storage_errors(self._lock):
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._lock, thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise WorkspaceBusy(
                    "The model is being changed already, here or in another process.", "Wait until that has finished."
                ) from None
        try:
            yield
        finally:
            lock.release()

    @property
    def is_running(self) -> bool:
        """Whether one is under way, in any process."""
        if not self._lock.exists():
            return False
        try:
            with self.running():
                return False
        except WorkspaceBusy:
            return True

    def begun(self) -> Begun | None:
        """The change that was begun and neither finished nor forgotten."""
        try:
            return Begun.of_json(_read(self._begun))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def begin(self, change: Begun) -> None:
        """Remember how far it is."""
        _write(self._begun, change.as_json())

    @property
    def is_switching(self) -> bool:
        """Whether records are being replaced, or were when somebody was killed."""
        return self._switching.exists()

    def switching(self) -> Begun | None:
        """The change whose records are just being replaced."""
        try:
            return Begun.of_json(_read(self._switching))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StorageFailed(
                f"{self._switching.name} says that the model was being changed, and cannot be read ({error}).",
                "Run: python -m services rebuild --embedder NAME, with the model that the scripts should have.",
            ) from None

    def switch(self, change: Begun) -> None:
        """From here on the records are replaced."""
        _write(self._switching, change.as_json())

    def switched(self) -> None:
        """All of them are."""
        with files.storage_errors(self._switching):
            self._switching.unlink(missing_ok=True)
            files.fsync_folder(self._switching.parent)

    def forget(self) -> None:
        """Forget the change that was begun."""
        # Derived: where the disk does not let go of it, a change that is done is offered once more, and does nothing.
        with contextlib.suppress(OSError):
            self._begun.unlink(missing_ok=True)

    def last(self) -> Outcome | None:
        """The last change that was finished."""
        try:
            return Outcome.of_json(_read(self._last))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def finish(self, outcome: Outcome) -> None:
        """Remember a finished change."""
        _write(self._last, outcome.as_json())


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _write(path: Path, value: dict[str, Any]) -> None:
    files.write_atomically(path, json.dumps(value, indent=1).encode())
