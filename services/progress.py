"""How work says how far it is."""

from collections.abc import Callable

# Called with (done, total) as one stage proceeds.
Progress = Callable[[int, int], None]
# Called with what is being done, how much of it is done, of how much.
Report = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """A report that nobody reads."""
