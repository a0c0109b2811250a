"""Ctrl-C as a wish to stop: what was done until then is kept and told, where it would be lost otherwise."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from services.errors import Cancelled
from services.ground.progress import Report


class Stop:
    """Whether somebody wants to stop. ``report`` tells the work, which stops where it has something whole."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.wanted = False

    def report(self, stage: str, done: int, total: int) -> None:
        """Say how far it is. Raises ``Cancelled`` once a stop is wanted."""
        if self.wanted:
            raise Cancelled("It was stopped with Ctrl-C.", "Start it again for the rest.")
        self._report(stage, done, total)

    def press(self, number: int, frame: FrameType | None) -> None:
        """The first Ctrl-C is heard at the next report; one more ends everything at once."""
        if self.wanted:
            signal.default_int_handler(number, frame)
        self.wanted = True


@contextmanager
def stoppable(report: Report) -> Iterator[Stop]:
    """Ctrl-C within it is a wish."""
    stop = Stop(report)
    # Only there are signals heard, and only where nobody has turned them off, as ``nohup`` does.
    unchanged = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    heard = unchanged and threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, stop.press) if heard else None
    try:
        yield stop
    finally:
        if heard:
            signal.signal(signal.SIGINT, before)
