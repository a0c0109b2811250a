r"""How one cell of a table holds a list, and text that a spreadsheet would take for a formula.

Both spellings can be undone exactly. A list is separated by ``;``, a ``;`` within a label is written ``\;`` and a
backslash ``\\``. Text that begins with one of ``= + - @`` (or their wide forms), a tab or a line end gets an apostrophe
in front, so that no spreadsheet runs it (CSV injection, OWASP).
"""

import re

_LABEL = re.compile(r"(?:\\[\\;]|[^;])+")
_ESCAPED = re.compile(r"\\([\\;])")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def join_labels(labels: tuple[str, ...]) -> str:
    """A list of labels as one cell."""
    return "; ".join(label.replace("\\", "\\\\").replace(";", "\\;") for label in labels)


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
