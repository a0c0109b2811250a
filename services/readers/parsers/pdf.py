"""The words of a PDF, page by page.

A PDF has lines and no paragraphs, so these are put together again where that is safe.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError, WrongPasswordError

from services.errors import InvalidInput
from services.readers.parsers import pdf_layout as layout

_MAX_PAGES = 2_000
_MAX_CHARACTERS = 20_000_000
# As many of a kind as one reads.
_SHOWN = 10
_SPLIT = re.compile(r"([^\W\d_]{2,})-\n([^\W\d_]{2,})")
_SOFT = re.compile("\u00ad[ \t]*\n[ \t]*")
# Titles that programs make up: their own names, and addresses.
_MADE_UP = ("microsoft word", "powerpoint", "untitled", "unbenannt", "about:", "http:", "https:", "file:")


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
    title = _title(reader)
    lines, running = layout.without_running([layout.lines(page) for page in reader.pages], title)
    pages = layout.texts(lines)
    _check(pages, source)
    text, doubtful = _unhyphenated(layout.together(pages))
    body = _without_title(layout.flowing(text), title)
    return {"title": title, "paragraphs": [body], "notes": _notes(pages, doubtful, running)}


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


def _title(reader: pypdf.PdfReader) -> str:
    try:
        metadata = reader.metadata
        stated = " ".join(str(metadata.title or "").split()) if metadata is not None else ""
    except PyPdfError:
        return ""
    named = re.search(r"\.\w{2,5}$", stated)
    return "" if named or stated.lower().startswith(_MADE_UP) else stated


def _without_title(text: str, title: str) -> str:
    """The text without a first line that only says the title once more."""
    first, _, rest = text.partition("\n")
    return rest.lstrip("\n") if rest.strip() and first.strip() == title else text


def _notes(pages: list[str], doubtful: int, running: Sequence[str]) -> list[str]:
    notes = []
    if running:
        some = f"{'; '.join(running[:_SHOWN])}{' …' if len(running) > _SHOWN else ''}"
        notes.append(f"Taken for headers, footers or page numbers and left out: {some}")
    blank = [str(number) for number, page in enumerate(pages, start=1) if not page]
    if blank:
        some = f"{', '.join(blank[:_SHOWN])}{' …' if len(blank) > _SHOWN else ''}"
        notes.append(f"No text was found on page {some}: pictures cannot be read.")
    if doubtful:
        notes.append(f"Words may still be split at line ends ({doubtful}); look for hyphens there.")
    return notes
