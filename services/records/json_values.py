"""What was read from JSON, if it is of the kind that is expected there. Each raises ``TypeError`` where it is not."""

from collections.abc import Mapping
from typing import Any


def words(value: Mapping[str, Any]) -> dict[str, str]:
    """Texts by name."""
    return {word(name): word(item) for name, item in value.items()}


def word(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError("something in it is not text")
    return value


def whole(value: Any) -> int:
    """A whole number; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a number in it is not whole")
    return value


def number(value: Any) -> float:
    """A number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError("something in it is not a number")
    return float(value)
