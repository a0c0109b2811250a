"""A text or Markdown file as one script, with optional ``key: value`` lines in front that end with a line ``---``."""

import re
from collections.abc import Iterator
from pathlib import Path

from services.domain.cells import split_labels
from services.domain.drafts import LISTS, TEXTS, Draft, Item
from services.domain.scripts import MAX_TEXT
from services.errors import InvalidInput
from services.readers import naming
from services.readers.decoding import legible, read_bytes

_KEYS = ("title", "section", "id", *LISTS, *TEXTS)
_LINE = re.compile(r"([A-Za-z_][\w ]*?)\s*:(?:\s+(.*))?$")
_END = "---"
_LINE_ENDS = re.compile("\r\n|\r|\x85")


def read(path: Path, source: str) -> Iterator[Item]:
    """The script in the file. Raises ``InvalidInput``."""
    read_as = legible(read_bytes(path, source), source)
    if len(read_as.text) > 2 * MAX_TEXT:
        raise InvalidInput(f"{source} has {len(read_as.text):,} characters.", f"Split it below {MAX_TEXT:,}.")
    front, body = split_front(_LINE_ENDS.sub("\n", read_as.text).lstrip("\ufeff"), source)
    if not body.strip():
        raise InvalidInput(f"{source} has no text.", "Write or paste the script's words into it.")
    lists = {key: split_labels(front[key]) for key in LISTS if key in front}
    texts = {key: front[key] for key in TEXTS if key in front}
    yield Draft(
        source=source,
        text=body,
        id=front.get("id", ""),
        title=front.get("title", ""),
        section=front.get("section", ""),
        folder=path.absolute().parent.name,
        fallback_title=naming.title_of(body, source or path.name),
        stated={**texts, **lists},
        notes=read_as.notes,
    )


def split_front(whole: str, source: str) -> tuple[dict[str, str], str]:
    """The front matter by key, and the text behind it; everything is text where there is no front matter.

    Raises:
        InvalidInput: front matter with an unknown key or one that is there twice.
    """
    lines = whole.split("\n")
    begin = 1 if lines[0].strip() == _END else 0
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lines[begin:], start=begin):
        if line.strip() == _END:
            if not any(key in _KEYS for key, _ in found):
                break
            return _checked(found, source), "\n".join(lines[number + 1 :]).lstrip("\n")
        match = _LINE.fullmatch(line.strip())
        if line.strip() and match is None:
            break
        if match is not None:
            found.append((match[1].strip().lower().replace(" ", "_"), (match[2] or "").strip()))
    return {}, whole


def _checked(found: list[tuple[str, str]], source: str) -> dict[str, str]:
    front: dict[str, str] = {}
    for key, value in found:
        # A typing error here would lose what was meant.
        if key not in _KEYS:
            raise InvalidInput(
                f"{source}: the unknown key '{key[:40]}' stands in front.", f"Known: {', '.join(_KEYS)}."
            )
        if key in front:
            raise InvalidInput(f"{source}: the key '{key}' stands in front twice.", "Keep one of the two.")
        front[key] = value
    return front
