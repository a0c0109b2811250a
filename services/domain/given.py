"""Values as somebody wrote them in ``workspace.yaml``, checked one by one.

Raises ``InvalidSettings`` throughout, naming the key.
"""

import math
from typing import Any

from services.errors import InvalidSettings

MAX_GUIDELINE = 5000


def mapping(value: Any, where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """A mapping that has none but these keys."""
    if not isinstance(value, dict):
        raise InvalidSettings(f"{where} is not a mapping of keys to values.", "See docs/formats.md.")
    for key in value:
        if key not in keys:
            raise InvalidSettings(f"{where} has the unknown key '{str(key)[:80]}'.", f"Known: {', '.join(keys)}.")
    return value


def text(given: dict[str, Any], key: str) -> str:
    """Text; empty where there is none."""
    value = given.get(key, "")
    if not isinstance(value, str):
        raise InvalidSettings(f"'{key}' in workspace.yaml is not text.", "Write it on one line.")
    return value


def number(given: dict[str, Any], key: str, *, default: int, low: int, high: int) -> int:
    """A whole number within bounds."""
    if key not in given:
        return default
    try:
        found = int(given[key])
    except (TypeError, ValueError, OverflowError):
        raise InvalidSettings(f"'{key}' in workspace.yaml is not a whole number.", "Write digits only.") from None
    if not low <= found <= high:
        raise InvalidSettings(f"'{key}' in workspace.yaml is {found}.", f"It goes from {low} to {high}.")
    return found


def share(given: dict[str, Any], key: str, default: float, *, ends: bool = False) -> float:
    """A number between 0 and 1; ``ends``: these two as well."""
    try:
        found = float(given.get(key, default))
    except (TypeError, ValueError):
        found = math.nan
    # NaN is between nothing.
    if not (0 <= found <= 1 if ends else 0 < found < 1):
        bounds = "from 0 to 1" if ends else "between 0 and 1"
        raise InvalidSettings(f"'{key}' in workspace.yaml is no number {bounds}.", f"The default is {default}.")
    return found


def guidelines(value: Any, sections: tuple[str, ...]) -> dict[str, str]:
    """What people who judge go by, for some of these sections; one that says nothing is left out."""
    given = mapping(value, "'guidelines' in workspace.yaml", sections)
    for section, told in given.items():
        if not isinstance(told, str):
            raise InvalidSettings(f"The guideline of '{section}' in workspace.yaml is not text.", "Write sentences.")
        if len(told) > MAX_GUIDELINE:
            raise InvalidSettings(
                f"The guideline of '{section}' in workspace.yaml has {len(told):,} characters.",
                f"Keep it to {MAX_GUIDELINE:,}.",
            )
    return {section: given[section].strip() for section in sections if given.get(section, "").strip()}
