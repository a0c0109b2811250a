"""What a new script is called whose file does not say it."""

import re

from services.ground import text

# A first line up to this long is a title; a longer one is the script's first paragraph.
_MAX_TITLE = 80
_LAST = re.compile(r"[^/\\]*$")


def title_of(body: str, source: str) -> str:
    """The first line where it is short, else the name of the file that messages call ``source``."""
    first = text.one_line(body.strip().split("\n", 1)[0].lstrip("#"))
    if 0 < len(first) <= _MAX_TITLE:
        return first
    found = _LAST.search(source)
    name = (found[0] if found else source).rpartition(": ")[2]
    stem = name.rpartition(".")[0] or name
    return text.one_line(re.sub(r"[-_]+", " ", stem)).capitalize()
