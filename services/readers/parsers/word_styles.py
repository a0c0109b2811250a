"""What a Word file says of its paragraphs elsewhere: the names of their styles, and how its lists are numbered."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

_MAX_INHERITED = 20
_MAX_LEVELS = 9


@dataclass(frozen=True)
class Style:
    """A paragraph style by its name in English, in lower case; its list and level, empty where it is of none."""

    name: str = ""
    list_id: str = ""
    level: int = 0


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(parent: Any, name: str) -> Any:
    """The first child of this name; None where there is none."""
    return None if parent is None else next((one for one in parent if local(one) == name), None)


def attribute(element: Any, name: str) -> str:
    """An attribute by its name in any namespace; empty where it is missing."""
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


class Styles:
    """The styles of one file."""

    def __init__(self, root: Any) -> None:
        found = root if root is not None else ()
        self._by_id = {attribute(one, "styleId"): one for one in found if local(one) == "style"}

    def of(self, properties: Any) -> Style:
        """The style of a paragraph with these properties."""
        named = attribute(child(properties, "pStyle"), "val")
        element = self._by_id.get(named)
        name = attribute(child(element, "name"), "val").lower() or named.lower()
        for _ in range(_MAX_INHERITED):
            numbered = child(child(element, "pPr"), "numPr")
            if numbered is not None:
                return Style(name, attribute(child(numbered, "numId"), "val"), level_of(numbered))
            element = self._by_id.get(attribute(child(element, "basedOn"), "val"))
            if element is None:
                break
        return Style(name)


class Numbering:
    """The lists of one file; counts as the paragraphs come by."""

    def __init__(self, root: Any) -> None:
        found = list(root) if root is not None else []
        abstract = {attribute(one, "abstractNumId"): one for one in found if local(one) == "abstractNum"}
        self._lists = {
            attribute(one, "numId"): abstract.get(attribute(child(one, "abstractNumId"), "val"))
            for one in found
            if local(one) == "num"
        }
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * _MAX_LEVELS)

    def prefix(self, properties: Any, style: Style) -> str:
        """What stands in front of a paragraph: a number, a hyphen for any other sign, or nothing."""
        numbered = child(properties, "numPr")
        list_id, level = style.list_id, style.level
        if numbered is not None:
            list_id, level = attribute(child(numbered, "numId"), "val") or list_id, level_of(numbered)
        levels = self._lists.get(list_id)
        if list_id in ("", "0") or levels is None:
            return ""
        described = next(
            (one for one in levels if local(one) == "lvl" and attribute(one, "ilvl") == str(level)),
            None,
        )
        kind = attribute(child(described, "numFmt"), "val")
        if kind == "none":
            return ""
        if kind == "bullet":
            return "- "
        return f"{self._next(list_id, level, attribute(child(described, 'start'), 'val'))}. "

    def _next(self, list_id: str, level: int, start: str) -> int:
        counts = self._counts[list_id]
        first = int(start) if start.isascii() and start.isdigit() and len(start) < _MAX_LEVELS else 1
        counts[level] = counts[level] + 1 if counts[level] else first
        counts[level + 1 :] = [0] * (_MAX_LEVELS - level - 1)
        return counts[level]


def level_of(numbered: Any) -> int:
    """How deep in its list a paragraph is, from 0."""
    said = attribute(child(numbered, "ilvl"), "val")
    return min(int(said), _MAX_LEVELS - 1) if said.isascii() and said.isdigit() and len(said) < _MAX_LEVELS else 0
