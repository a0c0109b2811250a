"""The lines of a PDF as text again: paragraphs by the room between lines, without what stands on every page."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdf

# So much more room than usual between two lines is the end of a paragraph.
_APART = 1.3
# An indented line begins a paragraph, where so many lines are not; in points.
_INDENT = (6.0, 60.0)
_MARGIN = 0.5
# The usual room is the least that so many of the lines keep.
_COMMON = 0.08
# A step so small against the middle one is no line of its own, as of a raised number.
_RAISED = 0.4
# A line is broken at the margin where it is so long, with the next word, against the longest; where as many as this
# are, the text was set in lines by a program and not by its author.
_FITS = 0.82
_WRAPPED = 0.85
# Else a line this long against the longest of all goes on in the next one.
_FULL = 0.72
_LONG = 40
# Headers and footers stand on so many pages at least, and on such a share of them.
_RUNNING = 3
_OFTEN = 0.4
# A line of so many words is hardly a heading with a number.
_MANY = 3
_PAGE = re.compile(r"(?i)(?=.*(?:page|seite|of|von|/))(?:page|seite)?\s*(\d{1,4})\s*(?:(?:/|of|von)\s*(\d{1,4}))?")
_WORDS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d{1,6}")
# What browsers print above and below a page: its address with the number, and when it was.
_PRINTED = re.compile(r"(?:(?:https?|file)://|about:)\S*\s+\d+/\d+|\d+[./-]\d+[./-]\d+,? \d+:\d\d(?: ?[AP]M)?( .*)?")
_ENDED = re.compile(r"[.!?:;\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*$")


@dataclass
class Line:
    """A line of a page, with where it begins, up from below and in from the left, in points; None where it is blank."""

    text: str
    height: float | None = None
    left: float = 0.0


def lines(page: pypdf.PageObject) -> list[Line]:
    """The lines of a page from its top to its bottom."""
    made = [Line("")]

    def note(text: str, matrix: Sequence[float], place: Sequence[float], *_: object) -> None:
        for number, piece in enumerate(text.replace("\r", "\n").split("\n")):
            if number:
                made.append(Line(""))
            made[-1].text += piece
            if piece.strip() and made[-1].height is None and not number:
                made[-1].height = place[5] * matrix[3] + matrix[5]
                made[-1].left = place[4] * matrix[0] + matrix[4]

    page.extract_text(visitor_text=note)
    return [Line(line.text.rstrip(), line.height, line.left) for line in made]


def without_running(pages: Sequence[list[Line]], title: str) -> tuple[list[list[Line]], list[str]]:
    """The pages without headers, footers and page numbers; and every line that was left out as such, each once.

    A number alone proves nothing: a text may count. It goes where it is the page's, or as far from it, page after page.
    """
    edges = [_edges(page) for page in pages]
    marks = [
        [(place, mark) for place, at in found.items() for mark in _marks(page[at].text, place, number)]
        for number, (page, found) in enumerate(zip(pages, edges, strict=True), start=1)
    ]
    times = Counter(mark for found in marks for mark in set(found))
    left_out: dict[str, None] = {}
    made = []
    for number, (page, found) in enumerate(zip(pages, edges, strict=True), start=1):
        kept = list(page)
        for place, at in sorted(found.items(), key=lambda item: item[1]):
            line = page[at].text.strip()
            often = max(times[place, mark] for mark in _marks(line, place, number))
            if _is_running(line, often, len(pages)) or _is_own(line, number, len(pages)) or _is_printed(line, title):
                kept[at] = Line("")
                left_out[line] = None
        made.append(kept)
    return made, list(left_out)


def texts(pages: Sequence[list[Line]]) -> list[str]:
    """The text of each page, with a blank line where there is more room than between most lines."""
    steps = [b - a for page in pages for b, a in pairwise(line.height for line in page if line.height) if b > a]
    usual, margin = _usual(steps), _margin(pages)
    return ["\n".join(_spaced(page, usual, margin)).strip("\n") for page in pages]


def together(pages: Sequence[str]) -> str:
    """The pages as one text; what ends in the middle of a sentence goes on where the next page begins."""
    made = ""
    for page in filter(None, pages):
        goes_on = made and not _ENDED.search(made)
        made = f"{made}{chr(10) if goes_on else chr(10) * 2}{page}" if made else page
    return made


def flowing(text: str) -> str:
    """Lines that were broken at the margin as paragraphs; lines that end where they need not, as of a verse, stay."""
    rows = text.split("\n")
    longest = max(map(len, rows), default=0)
    breaks = [(line, after) for line, after in pairwise(rows) if line.strip() and after.strip()]
    at_margin = [_at_margin(line, after, longest) for line, after in breaks]
    wrapped = sum(at_margin) >= _WRAPPED * len(breaks)
    made: list[str] = []
    joined = False
    for line, after in pairwise([*rows, ""]):
        if joined and line.strip():
            made[-1] = f"{made[-1]} {line.strip()}"
        else:
            made.append(line)
        full = _at_margin(line, after, longest) if wrapped else len(line) >= max(_LONG, _FULL * longest)
        joined = full and not line.endswith("-")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(made))


def _at_margin(line: str, after: str, longest: int) -> bool:
    """Whether the first word of the next line would hardly have fitted on this one; letters differ in width."""
    return len(line) + 1 + len(after.partition(" ")[0]) >= _FITS * longest


def _edges(page: Sequence[Line]) -> dict[int, int]:
    """Where the first and the last lines of a page stand that are not blank: 0 is the first one, -1 the last."""
    filled = [at for at, line in enumerate(page) if line.text.strip()]
    found: dict[int, int] = {}
    for place in (0, -1, 1, -2) if len(filled) > 1 else ():
        at = filled[place] if -len(filled) <= place < len(filled) else None
        if at is not None and at not in found.values():
            found[place] = at
    return found


def _marks(line: str, place: int, number: int) -> list[tuple[str, int, int]]:
    """What a line has in common with its like on other pages: its words, and how far a number is from the page's.

    A short first line with a number may as well be a heading, as 'Day 1' is, and has its words only.
    """
    line = line.strip()
    same = [(line, 0, 0)]
    if place >= 0 and 0 < len(_WORDS.findall(line)) < _MANY and not _PAGE.fullmatch(line):
        return same
    values = enumerate(map(int, _DIGITS.findall(line)), start=1)
    return [*same, *((_DIGITS.sub("#", line), at, value - number) for at, value in values)]


def _is_running(line: str, often: int, pages: int) -> bool:
    """Whether it stands on enough pages; numbers alone on all of them."""
    if not _WORDS.search(line):
        return pages > 1 and often == pages
    return often >= max(_RUNNING, _OFTEN * pages)


def _is_own(line: str, number: int, pages: int) -> bool:
    """Whether a line says outright which page this is, of how many."""
    found = _PAGE.fullmatch(line)
    return found is not None and int(found[1]) == number and int(found[2] or pages) == pages


def _is_printed(line: str, title: str) -> bool:
    found = _PRINTED.fullmatch(line)
    return found is not None and (found[1] or "").strip() in ("", title)


def _usual(steps: Sequence[float]) -> float:
    """The room between two lines of a paragraph, in points; 0 where there are no two.

    Not the middle one: in a text of short paragraphs most steps are from one to the next.
    """
    least = _RAISED * median(steps or [0])
    counted = Counter(round(step) for step in steps if step > least)
    for size in sorted(counted):
        if counted[size] + counted[size + 1] >= _COMMON * len(steps):
            return size + counted[size + 1] / (counted[size] + counted[size + 1])
    return min(steps, default=0.0)


def _margin(pages: Sequence[Sequence[Line]]) -> float:
    """Where most lines begin, in points; beyond all of them where there is no such place, as in centred text."""
    lefts = Counter(round(line.left) for page in pages for line in page if line.height is not None)
    most, count = max(lefts.items(), key=lambda item: item[1], default=(0, 0))
    return most if count >= _MARGIN * lefts.total() else float("inf")


def _spaced(page: Sequence[Line], usual: float, margin: float) -> list[str]:
    made: list[str] = []
    last: float | None = None
    for line in page:
        apart = line.height is not None and last is not None and usual and last - line.height > _APART * usual
        indented = last is not None and _INDENT[0] <= line.left - margin <= _INDENT[1] and line.text.strip()
        if apart or (indented and made[-1].strip()):
            made.append("")
        made.append(line.text)
        last = line.height if line.text.strip() else last
    return made
