"""Characters in a text that a reader does not see, or that are not what they look like, told in plain words.

Nothing is taken away here: what ``services.ground.text.normalise`` changes is said as changed, all else stays.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from services.ground import text as texts

# Where several notices are of one kind, more than so many characters are not told apart.
_MAX_NOTICES = 20
_MIXED_SHOWN = 5
_WORD = re.compile(r"[^\W\d_]+")
# Scripts that share look-alike letters, by how Unicode's names of their letters begin.
_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_STYLED = ("FULLWIDTH LATIN", "MATHEMATICAL ")
_UNITS = "\u00b5\u03bc\u2126\u03a9\u00aa\u00ba"
_TAGS = "".join(map(chr, range(0xE0000, 0xE0080)))
_FLAG = "\U0001f3f4"
_BREAKS = "\x0b\x0c"
_CONTROL_NAMES = {
    0: "Null",
    7: "Bell",
    8: "Backspace",
    11: "Vertical tab",
    12: "Form feed",
    27: "Escape",
    127: "Delete",
}
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_MARKS = "\u200e\u200f\u061c"
_JOINERS = "\u200c\u200d"
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff]"
)
_NAMELESS = {
    "surrogate": "Half of a character",
    "private": "Character for private use",
    "control": "Control character",
    "undefined": "Character that does not exist",
}
_WORDS = {
    "override": "It turns the direction of reading around, so that the text shown is not the text that is read.",
    "mark": "It is invisible and steers the direction of reading.",
    "invisible": "It is invisible. Look whether something was hidden or copied along.",
    "tag": "It is invisible and can carry a hidden message.",
    "surrogate": "It is half of a character and cannot be kept; it becomes \ufffd.",
    "replacement": "It stands where a character was lost before. Look up what belongs there.",
    "private": "It has no meaning of its own: each font shows it differently, or as a box.",
    "control": "It is a control character and is taken out.",
    "break": "It begins a new line or page, and becomes a line end.",
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
    # A mark in front of everything is none of the text.
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


def _paired(text: str) -> str:
    """With halves that belong together as the one character that they are."""
    pairs = re.compile("[\ud800-\udbff][\udc00-\udfff]")
    return pairs.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _harmless(text: str, at: int) -> bool:
    """Joiners and selectors within an emoji or within a word of a script that needs them; a line end of old Macs."""
    sign = text[at]
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if sign in _JOINERS:
        # Between two emoji, or letters of Arabic, Persian and Indic scripts.
        return not before.isascii() and not after.isascii() and not _latin(before) and not before.isspace()
    if sign in _TAGS:
        # The flags of England, Scotland and Wales.
        return before == _FLAG or before in _TAGS
    return False


def _latin(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(_ALIKE)


def _notice(text: str, sign: str, at: int, count: int) -> Notice:
    code = ord(sign)
    name = (
        _CONTROL_NAMES.get(code)
        or _NAMELESS.get(_kind(sign))
        or unicodedata.name(sign, "").capitalize()
        or "Character without a name"
    )
    return Notice(_kind(sign), sign, f"U+{code:04X}", name, count, *_place(text, at))


def _kind(sign: str) -> str:
    if sign in _BREAKS:
        return "break"
    category = unicodedata.category(sign)
    by_category = {"Cs": "surrogate", "Co": "private", "Cc": "control", "Cn": "undefined"}
    if category in by_category:
        return by_category[category]
    by_sign = {"\ufffd": "replacement", "\u00ad": "soft hyphen"}
    if sign in by_sign:
        return by_sign[sign]
    if sign in _OVERRIDES:
        return "override"
    if sign in _MARKS:
        return "mark"
    return "tag" if sign in _TAGS else "invisible"


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _mixed(text: str) -> Iterator[tuple[str, int]]:
    """Words with letters of several alphabets that share look-alikes, and where they are."""
    for match in _WORD.finditer(text):
        word = match[0]
        if not word.isascii() and len({_alphabet(letter) for letter in word} - {""}) > 1:
            yield word, match.start()


@cache
def _alphabet(letter: str) -> str:
    name = unicodedata.name(letter, "")
    if name.startswith(_STYLED):
        return "STYLED LATIN"
    # Signs of units and numbers are letters of no alphabet.
    return "" if letter in _UNITS else next((one for one in _ALIKE if name.startswith(f"{one} ")), "")


def sentences(text: str) -> tuple[str, ...]:
    """The same as full sentences."""
    return tuple(notice.says for notice in noticed(text))
