"""One writer at a time in a workspace, across threads and processes; whoever waits learns who holds the lock."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from services.errors import WorkspaceBusy
from services.ground import files

PATIENCE_SECONDS = 10.0


class WriterLock:
    """A lock on a file, taken again freely by the thread that holds it. The operating system frees it on a kill."""

    def __init__(self, path: Path, patience: float = PATIENCE_SECONDS) -> None:
        self._path = path
        self._holder = path.with_suffix(".holder")
        self._patience = patience
        self._threads = threading.RLock()
        self._depth = 0
        # The thread that waits may be another than the one that locked; only this object's RLock tells them apart.
        self._file = FileLock(path, thread_local=False)

    @contextlib.contextmanager
    def hold(self, purpose: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold the lock; yields whether it was taken now and not already held further up.

        Raises:
            WorkspaceBusy: somebody else holds it and does not let go within the patience; at once without ``wait``.
            StorageFailed: the lock file cannot be made.
        """
        patience = self._patience if wait else 0.0
        deadline = time.monotonic() + patience
        if not self._threads.acquire(timeout=patience):
            raise self._busy()
        try:
            outermost = self._depth == 0
            if outermost:
                self._acquire(max(0.0, deadline - time.monotonic()), purpose)
            self._depth += 1
            try:
                yield outermost
            finally:
                self._depth -= 1
                if outermost:
                    self._release()
        finally:
            self._threads.release()

    def _acquire(self, patience: float, purpose: str) -> None:
        with files.storage_errors(self._path):
            try:
                self._file.acquire(timeout=patience)
            except Timeout:
                raise self._busy() from None
        holder = {"process": os.getpid(), "machine": socket.gethostname(), "purpose": purpose, "since": _now()}
        # Only a courtesy to whoever waits: the lock holds without it, on a full disk too.
        with contextlib.suppress(OSError):
            self._holder.write_text(json.dumps(holder), "utf-8")

    def _release(self) -> None:
        with contextlib.suppress(OSError):
            self._holder.unlink(missing_ok=True)
        self._file.release()

    def _busy(self) -> WorkspaceBusy:
        try:
            holder = json.loads(self._holder.read_text("utf-8"))
            who = f"process {holder['process']} on {holder['machine']} ({holder['purpose']}, since {holder['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            who = "another process"
        return WorkspaceBusy(
            f"The workspace is being written to by {who}.", "Nothing was changed; try again when it has finished."
        )


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
