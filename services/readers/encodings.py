"""Which encoding somebody's text is in, where it is none that says so itself."""

import re
from dataclasses import dataclass

from charset_normalizer import CharsetMatch, from_bytes

# Those that text is written in, the likelier first, and how people know them.
_KNOWN = {
    "cp1252": "Windows-1252 (Western Europe)",
    "mac_roman": "Mac Roman (old Macs)",
    "cp1250": "Windows-1250 (Central Europe)",
    "iso8859_2": "ISO 8859-2 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "mac_cyrillic": "Mac Cyrillic",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc_kr": "EUC-KR (Korean)",
    "cp850": "DOS (Western Europe)",
    "utf_16_le": "UTF-16",
    "utf_16_be": "UTF-16",
}
_UTF16 = ("utf_16_le", "utf_16_be")
_SAMPLE = 200_000
_MAX_CHAOS = 0.2
# Two guesses this near to each other are equally good.
_SAME_CHAOS = 0.01
_SAME_COHERENCE = 0.05
# A language was recognised, and no other guess comes near.
_SURE = 0.4
_RIVAL_CHAOS = 0.05
_RIVAL_COHERENCE = 0.15
_KANA = re.compile("[\u3040-\u30ff]")
_KANA_SHARE = 0.2
_KANA_COHERENCE = 0.6
_WITHIN_WORDS = "\u2010\u2011\u2012\u2013\u2014\u2018\u2019\xa0\xad\xb7\u0300\u0301\u0302\u0308"
_FEW_CONTROLS = 0.01
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r\x0b\x0c\x1a\x1b"})
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", re.DOTALL)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True)
class Guess:
    """An encoding by Python's name and by the one that people know; ``sure`` where nothing else comes near."""

    codec: str
    called: str
    sure: bool


def guess(data: bytes) -> Guess | None:
    """The likeliest encoding of text that is not UTF-8; None where the bytes are hardly text at all."""
    if (wide := _wide(data)) is not None:
        return wide
    if len(data.translate(None, _CONTROLS)) < len(data) * (1 - _FEW_CONTROLS):
        return None
    found = from_bytes(_sample(data), cp_isolation=[*_KNOWN], threshold=_MAX_CHAOS)
    matches = [match for match in found if match.encoding in _KNOWN]
    if not matches:
        return _fallback(data)
    least = min(match.chaos for match in matches)
    calm = [match for match in matches if match.chaos <= least + _SAME_CHAOS or _has_kana(str(match))]
    most = max(_coherence(match) for match in calm)
    calm = [match for match in calm if _coherence(match) >= most - _RIVAL_COHERENCE]
    fewest = min(_oddities(str(match)) for match in calm)
    calm = [match for match in calm if _oddities(str(match)) == fewest]
    most = max(_coherence(match) for match in calm)
    good = [match for match in calm if _coherence(match) >= most - _SAME_COHERENCE]
    match = min(good, key=lambda match: [*_KNOWN].index(_likeliest(match)))
    codec = _likeliest(match)
    if not fits(data, codec):
        return _fallback(data)
    return Guess(codec, _KNOWN[codec], most >= _SURE and not any(_rivals(match, other) for other in matches))


def damaged_utf8(data: bytes) -> bool:
    """Whether bytes that are not UTF-8 are so nearly: more of its sequences are whole than broken."""
    whole = _MULTIBYTE.findall(data)
    rest = _MULTIBYTE.sub(b"", data)
    return len(whole) > len(_BEYOND_ASCII.findall(rest))


def _sample(data: bytes) -> bytes:
    """The lines that say something of the encoding."""
    telling = b"\n".join(line for line in data[: 50 * _SAMPLE].splitlines() if not line.isascii())[:_SAMPLE]
    if telling:
        return telling
    found = _BEYOND_ASCII.search(data)
    first = found.start() if found else 0
    return data[max(0, first - _SAMPLE // 2) : first + _SAMPLE // 2]


def _wide(data: bytes) -> Guess | None:
    """UTF-16 without its mark: every other byte of plain text is zero."""
    beginning = data[: _SAMPLE * 2]
    zeros = beginning[1::2].count(0), beginning[::2].count(0)
    if len(data) % 2 or max(zeros) * 10 <= len(beginning) or min(zeros) * 4 > max(zeros):
        return None
    codec = _UTF16[0] if zeros[0] > zeros[1] else _UTF16[1]
    return Guess(codec, _KNOWN[codec], sure=True) if fits(data, codec) else None


def _coherence(match: CharsetMatch) -> float:
    """How much it reads like a language; the library knows too little of short Japanese."""
    return max(match.coherence, _KANA_COHERENCE if _has_kana(str(match)) else 0.0)


def _has_kana(text: str) -> bool:
    return len(_KANA.findall(text)) > _KANA_SHARE * len(text)


def _oddities(text: str) -> int:
    """Capitals behind small letters, and symbols within words: what a wrong encoding makes of accents."""
    around = zip(text, text[1:], f"{text[2:]} ", strict=False)
    return sum(
        before.islower() and (here.isupper() or (after.isalpha() and not here.isalpha() and here not in _WITHIN_WORDS))
        for before, here, after in around
        if not here.isascii()
    )


def _likeliest(match: CharsetMatch) -> str:
    """Of the encodings that give this very text."""
    return min((codec for codec in match.could_be_from_charset if codec in _KNOWN), key=[*_KNOWN].index)


def _rivals(chosen: CharsetMatch, other: CharsetMatch) -> bool:
    if other is chosen:
        return False
    near = other.chaos <= chosen.chaos + _RIVAL_CHAOS
    return near and _coherence(other) >= _coherence(chosen) - _RIVAL_COHERENCE


def _fallback(data: bytes) -> Guess | None:
    codec = "cp1252"
    return Guess(codec, _KNOWN[codec], sure=False) if fits(data, codec) else None


def fits(data: bytes, codec: str) -> bool:
    """Whether the bytes are text in this encoding."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
