r"""How one cell of a table holds a list, and text that a spreadsheet would take for a formula.

Both spellings can be undone exactly. A list is separated by ``;``, a ``;`` within a label is written ``\;`` and a
backslash ``\\``; a single label with a comma in it has a ``;`` behind it, so that nobody takes the comma for the
separator, as it is in other people's tables. Text that begins with one of ``= + - @`` (or their wide forms), a tab or a
line end gets an apostrophe in front, so that no spreadsheet runs it (CSV injection, OWASP).
"""

import re
from collections.abc import Iterable

_LABEL = re.compile(r"(?:\\[\\;]|[^;])+")
_ESCAPED = re.compile(r"\\([\\;])")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def join_labels(labels: tuple[str, ...]) -> str:
    """A list of labels as one cell."""
    joined = "; ".join(label.replace("\\", "\\\\").replace(";", "\\;") for label in labels)
    return f"{joined};" if len(labels) == 1 and "," in joined else joined


def by_commas(cells: Iterable[str]) -> bool:
    """Whether the lists in a column are separated by commas: there are some, and no semicolon in the whole column."""
    commas = False
    for cell in cells:
        if ";" in cell:
            return False
        commas = commas or "," in cell
    return commas


def split_labels(cell: str) -> tuple[str, ...]:
    """The labels in a cell, without the blank ones."""
    found = (_ESCAPED.sub(r"\1", match).strip() for match in _LABEL.findall(cell))
    return tuple(label for label in found if label)


def guard(cell: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """The text that ``guard`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
