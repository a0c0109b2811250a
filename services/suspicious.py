"""Characters in a text that a reader does not see, or that are not what they look like, told in plain words.

Nothing is taken away here: what ``services.text.normalise`` changes is said as changed, all else stays in the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from services import text as texts

# Where several notices are of one kind, more than so many characters are not told apart.
_MAX_NOTICES = 20
_MIXED_SHOWN = 5
_WORD = re.compile(r"[^\W\d_]+")
# Scripts that share look-alike letters, by how Unicode's names of their letters begin.
_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_FULL_WIDTH = ("FULLWIDTH LATIN", "MATHEMATICAL")
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_MARKS = "\u200e\u200f\u061c"
_JOINERS = "\u200c\u200d"
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_WORDS = {
    "override": "It turns the direction of reading around, so that the text shown is not the text that is read.",
    "mark": "It is invisible and steers the direction of reading.",
    "invisible": "It is invisible. Look whether something was hidden or copied along.",
    "tag": "It is invisible and can carry a hidden message.",
    "surrogate": "It is half of a character and cannot be kept; it becomes \ufffd.",
    "replacement": "It stands where a character was lost before. Look up what belongs there.",
    "private": "It has no meaning of its own: each font shows it differently, or as a box.",
    "control": "It is a control character and is taken out.",
    "soft hyphen": "It is a hyphen that only shows at the end of a line.",
    "undefined": "It is no character that means anything.",
    "mixed": "Letters of several alphabets stand in one word; some only look like the right ones.",
}


@dataclass(frozen=True)
class Notice:
    """One suspicious character, or the words with mixed alphabets, and where it stands first.

    ``character`` is empty for mixed alphabets; ``shown`` is how it can be written where it cannot be seen. ``line``
    and ``column`` count from 1.
    """

    kind: str
    character: str
    shown: str
    name: str
    count: int
    line: int
    column: int
    words: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """One notice in full sentences."""
        times = "once" if self.count == 1 else f"{self.count:,} times"
        at = f"line {self.line}, character {self.column}"
        where = at if self.count == 1 else f"first in {at}"
        what = f"{self.name} ({self.shown})" if self.character else f"Mixed alphabets ({', '.join(self.words)})"
        return f"{what}, {times}, {where}. {_WORDS[self.kind]}"


def noticed(text: str) -> list[Notice]:
    """What is suspicious in a text, in the order in which it first stands there; at most 20 notices.

    Of the text as it came: what normalising takes away can be told only before it.
    """
    if text.isascii() and _SUSPECT.search(text) is None:
        return []
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    # Characters beyond the first plane may come as two halves, and a mark in front of everything is none of the text.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    whole = _paired(text).replace("\r\n", "\n").removeprefix("\ufeff")
    for match in _SUSPECT.finditer(whole):
        if not _harmless(whole, match.start()):
            first.setdefault(match[0], match.start())
            counts[match[0]] = counts.get(match[0], 0) + 1
    found = [_notice(whole, sign, first[sign], counts[sign]) for sign in first]
    mixed = list(_mixed(whole))
    if mixed:
        words = tuple(dict.fromkeys(texts.one_line(word)[:40] for word, _ in mixed))[:_MIXED_SHOWN]
        found.append(Notice("mixed", "", "", "Mixed alphabets", len(mixed), *_place(whole, mixed[0][1]), words))
    found.sort(key=lambda notice: (notice.line, notice.column))
    return found[:_MAX_NOTICES]
