"""The end of the process, for threads that work in the background.

Python freezes them where they are. One that is inside a native library then (CTranslate2, Chroma) makes the library
abort the whole process, with exit code 134 and a message nobody understands. So at the end the way into them is closed,
background work is told to stop, and both are waited for, but not for long.
"""

import atexit
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PATIENCE_SECONDS = 4.0


class Ending:
    """Knows who is inside a native library, and what is to be stopped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._over = False
        self._stops: list[Callable[[float], None]] = []

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The time that a thread is inside a native library.

        Raises:
            SystemExit: the process ends. No ``Exception``, so that nobody takes it for a finding and keeps it.
        """
        with self._changed:
            if self._over:
                raise SystemExit
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def stops(self, stop: Callable[[float], None]) -> None:
        """Call this at the end: it asks its work to stop, and waits for it as many seconds as it is given."""
        self._stops.append(stop)

    def end(self, patience: float = _PATIENCE_SECONDS) -> None:
        """Let nobody in any more, stop what works, and wait for both together at most ``patience`` seconds."""
        until = time.monotonic() + patience
        with self._changed:
            self._over = True
        for stop in self._stops:
            stop(max(0.0, until - time.monotonic()))
        with self._changed:
            self._changed.wait_for(lambda: not self._inside, max(0.0, until - time.monotonic()))


ending = Ending()
# After the threads that are waited for in any case, and before the others are frozen.
atexit.register(ending.end)
