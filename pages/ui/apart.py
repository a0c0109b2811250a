"""Labels of a choice, told apart: Streamlit knows options by what is drawn, and takes one of two that read alike."""

from collections import Counter
from collections.abc import Mapping


def by_id(labels: Mapping[str, str]) -> dict[str, str]:
    """The same labels; those that more than one id has, with the id behind it."""
    told = dict(labels)
    while repeated := _repeated(told):
        # Once more where a label was called like another one with its id.
        told = {one: f"{label} · {one}" if label in repeated else label for one, label in told.items()}
    return told


def by_number(labels: Mapping[str, str]) -> dict[str, str]:
    """The same labels, the last ones first; those that more than one has, numbered from the oldest on."""
    repeated, seen = _repeated(labels), Counter[str]()
    told: dict[str, str] = {}
    for one, label in reversed(list(labels.items())):
        seen[label] += 1
        told[one] = f"{label} ({seen[label]})" if label in repeated else label
    return dict(reversed(list(told.items())))


def _repeated(labels: Mapping[str, str]) -> set[str]:
    return {label for label, times in Counter(labels.values()).items() if times > 1}
