"""Words for people that the pages and the command line share."""

from services.model_digest import State

# Each state as a word with a shape of its own, so that no colour is needed to tell them apart.
SHAPES = {State.MATCH: "●", State.MISMATCH: "■", State.DRIFTED: "▲", State.STALE: "◆", State.UNVERIFIED: "○"}


def state(value: State) -> str:
    """A state as its shape and its word."""
    return f"{SHAPES[value]} {value.value}"


def count(number: int, noun: str) -> str:
    """'1 script', '2 scripts'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
