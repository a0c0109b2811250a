"""The words of a PDF, page by page.

A PDF has lines and no paragraphs, so these are put together again where that is safe.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pypdf
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError, WrongPasswordError

from services.errors import InvalidInput

_MAX_PAGES = 2_000
_MAX_CHARACTERS = 20_000_000
# A line this long against the longest of its page goes on in the next one.
_FULL = 0.72
_LONG = 40
# So much more room than usual between two lines is the end of a paragraph.
_APART = 1.3
_SPLIT = re.compile(r"([^\W\d_]{2,})-\n([^\W\d_]{2,})")
_SOFT = re.compile("\u00ad[ \t]*\n[ \t]*")
_NUMBER = re.compile(r"(?i)(?:page|seite|-|\u2013)?\s*(\d{1,4})\s*(?:(?:/|of|von)\s*\d{1,4}|-|\u2013)?")
_PROGRAMS = ("microsoft word", "powerpoint", "untitled", "unbenannt")


def extract(question: Mapping[str, Any]) -> dict[str, Any]:
    """``{"title", "paragraphs", "notes"}``. Raises ``InvalidInput`` for one with a password, or without text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    source = question["source"]
    reader = _unlocked(Path(question["path"]))
    if reader is None:
        raise InvalidInput(
            f"{source} is protected by a password.", "Open it, print it to a PDF without one and import that."
        )
    if len(reader.pages) > _MAX_PAGES:
        raise InvalidInput(f"{source} has {len(reader.pages):,} pages.", f"Split it below {_MAX_PAGES:,}.")
    pages = [_page(page, number) for number, page in enumerate(reader.pages, start=1)]
    _check(pages, source)
    text, doubtful = _unhyphenated("\n\n".join(page for page in pages if page))
    return {"title": _title(reader), "paragraphs": [_flowing(text)], "notes": _notes(pages, doubtful)}


def _unlocked(path: Path) -> pypdf.PdfReader | None:
    """The file, where it opens without a password, as those do that only forbid printing; some need a library more."""
    try:
        reader = pypdf.PdfReader(path)
        return reader if not reader.is_encrypted or reader.decrypt("") else None
    except (DependencyError, FileNotDecryptedError, WrongPasswordError):
        return None


def _check(pages: list[str], source: str) -> None:
    if not any(pages):
        raise InvalidInput(
            f"{source} holds no text: its pages are pictures, as of a scan.",
            "Let a program recognise the text (OCR) and import what it saves.",
        )
    if sum(map(len, pages)) > _MAX_CHARACTERS:
        raise InvalidInput(f"{source} holds more text than a script can have.", "Split it into several files.")


def _page(page: pypdf.PageObject, number: int) -> str:
    """The lines of a page, without a last or first one that is only its number."""
    lines = _lines(page)
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for at in {*filled[-1:], *filled[:1]} if len(filled) > 1 else ():
        found = _NUMBER.fullmatch(lines[at].strip())
        if found and int(found[1]) == number:
            lines[at] = ""
    return "\n".join(lines).strip("\n")


def _lines(page: pypdf.PageObject) -> list[str]:
    """The lines of a page, with a blank one where there is more room than between most."""
    lines: list[str] = [""]
    heights: list[float | None] = [None]

    def note(text: str, matrix: Sequence[float], place: Sequence[float], *_: object) -> None:
        for number, piece in enumerate(text.replace("\r", "\n").split("\n")):
            if number:
                lines.append("")
                heights.append(None)
            lines[-1] += piece
            if piece.strip() and heights[-1] is None and not number:
                heights[-1] = place[5] * matrix[3] + matrix[5]

    page.extract_text(visitor_text=note)
    steps = [before - after for before, after in pairwise(heights) if before is not None and after is not None]
    usual = median([step for step in steps if step > 0] or [0])
    made: list[str] = []
    last: float | None = None
    for line, height in zip(lines, heights, strict=True):
        if height is not None and last is not None and usual and last - height > _APART * usual:
            made.append("")
        made.append(line.rstrip())
        last = height if line.strip() else last
    return made


def _unhyphenated(text: str) -> tuple[str, int]:
    """Words that were split at line ends as one again, where the text has the word elsewhere; how many were left."""
    text = _SOFT.sub("", text)
    words = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", _SPLIT.sub(" ", text).lower()))
    doubtful = 0

    def mended(match: re.Match[str]) -> str:
        nonlocal doubtful
        before, after = match.groups()
        if f"{before}{after}".lower() in words and after[0].islower():
            return f"{before}{after}"
        if f"{before}-{after}".lower() in words:
            return f"{before}-{after}"
        doubtful += 1
        return match[0]

    return _SPLIT.sub(mended, text), doubtful


def _flowing(text: str) -> str:
    """Lines that were broken at the margin as paragraphs; short lines, as of a verse, stay."""
    longest = max((len(line) for line in text.split("\n")), default=0)
    made: list[str] = []
    joined = False
    for line in text.split("\n"):
        if joined and line.strip():
            made[-1] = f"{made[-1]} {line.strip()}"
        else:
            made.append(line)
        joined = len(line) >= max(_LONG, _FULL * longest) and not line.endswith("-")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(made))


def _title(reader: pypdf.PdfReader) -> str:
    try:
        metadata = reader.metadata
        stated = " ".join(str(metadata.title or "").split()) if metadata is not None else ""
    except PyPdfError:
        return ""
    named = re.search(r"\.\w{2,5}$", stated)
    return "" if named or stated.lower().startswith(_PROGRAMS) else stated


def _notes(pages: list[str], doubtful: int) -> list[str]:
    notes = []
    blank = [str(number) for number, page in enumerate(pages, start=1) if not page]
    if blank:
        some = f"{', '.join(blank[:10])}{' …' if len(blank) > 10 else ''}"  # noqa: PLR2004  as many as one reads
        notes.append(f"No text was found on page {some}: pictures cannot be read.")
    if doubtful:
        notes.append(f"Words may still be split at line ends ({doubtful}); look for hyphens there.")
    return notes
