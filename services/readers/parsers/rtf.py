"""The words of an RTF file, each byte by the code page of its font."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.errors import InvalidInput

_TOKEN = re.compile(
    r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\", re.DOTALL
)
_MAX_DEPTH = 2_000
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850", 0: "cp1252",
}  # fmt: skip
_PLATFORMS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850", "ansi": "cp1252"}
_BREAKS = ("par", "sect", "page", "row", "nestrow")
_SIGNS = {
    "line": "\n", "lbr": "\n", "tab": "\t", "cell": "\t", "nestcell": "\t", "emdash": "\u2014", "endash": "\u2013",
    "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005", "bullet": "\u2022", "lquote": "\u2018",
    "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d", "zwj": "\u200d", "zwnj": "\u200c",
    "ltrmark": "\u200e", "rtlmark": "\u200f",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "-": "\u00ad", "_": "\u2011", "{": "{", "}": "}", "\\": "\\"}
# Groups whose text is no text of the file, though nothing marks them as such.
_ASIDE = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "nonshppict", "header", "headerl", "headerr", "headerf",
    "footer", "footerl", "footerr", "footerf", "footnote", "annotation", "atnid", "atnauthor", "fldinst", "xe", "tc",
    "txe", "rxe", "filetbl", "listtable", "listoverridetable", "revtbl", "rsidtbl", "objdata", "nonesttables",
    "objclass", "objname", "bkmkstart", "bkmkend", "template", "themedata", "colorschememapping", "datastore",
    "latentstyles", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "private", "do", "shpinst", "sp", "pgptbl",
    "xmlnstbl", "generator",
}  # fmt: skip
_NOTES = {
    "footnote": "Its footnotes were left out.",
    "annotation": "Its comments were left out.",
    "pict": "Its pictures were left out.",
    "shpinst": "Its text boxes and drawings were left out.",
    "deleted": "Text deleted in tracked changes was left out.",
    "v": "Hidden text was left out.",
}


@dataclass(frozen=True)
class _State:
    """What holds within a group."""

    aside: str = ""
    font: int | None = None
    skip: int = 1
    unseen: bool = False
    capture: str = ""


def extract(question: Mapping[str, Any]) -> dict[str, Any]:
    """``{"title", "paragraphs", "notes"}``. Raises ``InvalidInput``."""
    source = question["source"]
    data = Path(question["path"]).read_bytes()
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise InvalidInput(f"{source} is no RTF file.", "Open it in Word, save it as .rtf or .docx and import that.")
    reading = _Reading(source)
    reading.run(data.decode("latin-1"))
    notes = [note for kind, note in _NOTES.items() if kind in reading.left_out]
    return {"title": " ".join(reading.title.split()), "paragraphs": reading.paragraphs, "notes": notes}


class _Reading:
    """One pass over the tokens; groups are a list of states, so that depth costs no stack."""

    def __init__(self, source: str) -> None:
        self.title = ""
        self.left_out: set[str] = set()
        self.paragraphs: list[str] = []
        self._source = source
        self._state = _State()
        self._outer: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._defined: int | None = None
        self._codec = "cp1252"
        self._default: int | None = None
        self._bytes = bytearray()
        self._parts: list[str] = []
        self._captured: list[str] = []
        self._skip = 0

    def run(self, text: str) -> None:
        """Read all of it."""
        at = 0
        while found := _TOKEN.match(text, at):
            at = found.end()
            word, number, byte, symbol, brace, plain = found.groups()
            if word == "bin" and number:
                at += max(0, int(number))
            elif word:
                self._word(word, int(number) if number else None)
            elif byte:
                self._plain(chr(int(byte, 16)))
            elif symbol:
                self._symbol(symbol)
            elif brace:
                self._group(opens=brace == "{")
                if brace == "}" and not self._outer:
                    break
            elif plain:
                self._plain(plain)
        self._break(last=True)

    def _plain(self, text: str) -> None:
        """Bytes in the code page at hand; two of them may be one character, so they are decoded together."""
        dropped = min(self._skip, len(text))
        self._skip -= dropped
        if self._state.capture or not (self._state.aside or self._state.unseen):
            self._bytes += text[dropped:].encode("latin-1")

    def _say(self, text: str) -> None:
        self._decode()
        if self._state.capture:
            self._captured.append(text)
        elif not self._state.aside and not self._state.unseen:
            self._parts.append(text)

    def _decode(self) -> None:
        if self._bytes:
            font = self._state.font if self._state.font is not None else self._default
            codec = self._fonts.get(font, self._codec) if font is not None else self._codec
            said = self._bytes.decode(codec, "replace")
            self._bytes.clear()
            (self._captured if self._state.capture else self._parts).append(said)

    def _group(self, *, opens: bool) -> None:
        self._decode()
        self._skip = 0
        if opens:
            if len(self._outer) >= _MAX_DEPTH:
                raise InvalidInput(f"{self._source} is nested too deeply.", "Save it as .docx and import that.")
            self._outer.append(self._state)
            return
        inner, self._state = self._state, self._outer.pop() if self._outer else _State()
        if inner.capture and inner.capture != self._state.capture:
            self._keep(inner.capture)

    def _keep(self, capture: str) -> None:
        said = "".join(self._captured)
        self._captured = []
        if capture == "title":
            self.title = said
        else:
            number = said.strip()
            self._say(f"{number} " if any(sign.isalnum() for sign in number) else "- ")

    def _symbol(self, symbol: str) -> None:
        if self._skip:
            self._skip -= 1
        elif symbol == "*":
            self._decode()
            self._state = replace(self._state, aside=self._state.aside or "*")
        elif symbol in "\r\n":
            self._break()
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

    def _word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._unicode(number or 0)
            return
        self._skip = 0
        if word in _BREAKS:
            self._break(row=word in ("row", "nestrow"))
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        elif word in _ASIDE or word in ("title", "listtext", "pntext"):
            self._begin(word)
        else:
            self._formatting(word, number)

    def _begin(self, word: str) -> None:
        """A group of its own kind."""
        self._decode()
        if word == "title":
            captured = "title" if self._state.aside == "info" else ""
            self._state = replace(self._state, capture=captured)
        elif word in ("listtext", "pntext"):
            if not self._state.aside and not self._state.unseen:
                self._state = replace(self._state, capture="list")
        else:
            self.left_out.add(word)
            self._state = replace(self._state, aside=word, capture="")

    def _formatting(self, word: str, number: int | None) -> None:
        if word in ("deleted", "v"):
            self._decode()
            unseen = number != 0
            self._state = replace(self._state, unseen=unseen)
            if unseen and not self._state.aside:
                self.left_out.add(word)
        elif word == "plain":
            self._decode()
            self._state = replace(self._state, unseen=False, font=None)
        elif word == "f":
            self._decode()
            self._defined = number
            self._state = replace(self._state, font=number)
        elif word == "uc":
            self._state = replace(self._state, skip=max(0, number if number is not None else 1))
        elif word == "deff":
            self._default = number
        else:
            self._code_page(word, number)

    def _code_page(self, word: str, number: int | None) -> None:
        if word == "ansicpg" or (word == "cpg" and self._defined is not None):
            codec = _known(f"cp{number}") if number != 65001 else "utf-8"  # noqa: PLR2004  Windows' number of UTF-8
            if word == "ansicpg":
                self._codec = codec or self._codec
            elif codec and self._defined is not None:
                self._fonts[self._defined] = codec
        elif word in _PLATFORMS:
            self._codec = _PLATFORMS[word]
        elif word == "fcharset" and self._defined is not None and number in _CHARSETS and number:
            self._fonts[self._defined] = _CHARSETS[number]

    def _unicode(self, number: int) -> None:
        code = number + 0x10000 if number < 0 else number
        self._say(chr(code) if 0 <= code < 0x110000 else "\ufffd")  # noqa: PLR2004  where Unicode ends
        self._skip = self._state.skip

    def _break(self, *, last: bool = False, row: bool = False) -> None:
        """The end of a paragraph; a text that ends without one has no blank one behind it."""
        self._decode()
        if self._state.aside or self._state.capture or (self._state.unseen and not last):
            return
        said = "".join(self._parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._parts = []
        if said or not last:
            # The last cell of a row ends with a tab too.
            self.paragraphs.append(said.rstrip("\t") if row else said)


def _known(codec: str) -> str:
    try:
        codecs.lookup(codec)
    except LookupError:
        return ""
    return codec
