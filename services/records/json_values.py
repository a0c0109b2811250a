"""What was read from JSON, if it is what is expected there.

Each raises ``TypeError`` where it is of another kind, ``ValueError`` where it is out of range.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def words(value: Mapping[str, Any]) -> dict[str, str]:
    """Texts by name."""
    return {word(name): word(item) for name, item in value.items()}


def word(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError("something in it is not text")
    return value


def whole(value: Any, low: int, high: float = math.inf) -> int:
    """A whole number in this range, both ends included; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a number in it is not whole")
    if not low <= value <= high:
        raise ValueError("a number in it is out of range")
    return value


def number(value: Any, low: float, high: float = math.inf) -> float:
    """A finite number in this range, both ends included."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError("something in it is not a number")
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError("a number in it is out of range")
    return float(value)


def moment(value: Any) -> str:
    """A time that says in which zone it is, in ISO 8601."""
    if datetime.fromisoformat(word(value)).tzinfo is None:
        raise ValueError("its time has no zone")
    return word(value)
