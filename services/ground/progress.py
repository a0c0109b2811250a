"""How work says how far it is."""

import contextlib
from collections.abc import Callable

from services.errors import Cancelled

# Called with (done, total) as one stage proceeds.
Progress = Callable[[int, int], None]
# Called with what is being done, how much of it is done, of how much.
Report = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """A report that nobody reads."""


def deaf(report: Report) -> Report:
    """The same report, where it is too late to stop: what is under way goes on to its end."""

    def told(stage: str, done: int, total: int) -> None:
        with contextlib.suppress(Cancelled):
            report(stage, done, total)

    return told
