"""Text in any encoding: read as it was written, with a word about it where it had to be guessed."""

import codecs

import pytest

from services.errors import InvalidInput
from services.readers.decoding import legible

GERMAN = "Größe und Ähnlichkeit: Schließen Sie die Augen, spüren Sie Ihre Füße auf dem Boden."
FRENCH = "Fermez les yeux, respirez profondément, l\u2019été revient à la forêt où tout s\u2019apaise."
RUSSIAN = "Закройте глаза и глубоко вдохните. Почувствуйте тепло."
POLISH = "Zamknij oczy, weź głęboki oddech, poczuj ciepło w stopach, już dobrze, ciężar znika."
GREEK = "Κλείσε τα μάτια και πάρε μια βαθιά ανάσα."
JAPANESE = "目を閉じて、深く息を吸ってください。ゆっくりと吐きます。"
CHINESE = "闭上眼睛，深深地吸一口气，慢慢地呼出来。感受你的身体放松。"  # noqa: RUF001
TURKISH = "Gözlerinizi kapatın, derin bir nefes alın, şimdi ayaklarınızı hissedin."  # noqa: RUF001
WRITTEN = [
    *((GERMAN, name) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")),
    *((GERMAN, name) for name in ("mac_roman", "cp850", "latin-1")),
    *((FRENCH, name) for name in ("cp1252", "mac_roman", "utf-16-le")),
    *((RUSSIAN, name) for name in ("cp1251", "koi8-r", "mac_cyrillic", "utf-16")),
    *((POLISH, name) for name in ("cp1250", "iso8859-2")),
    *((JAPANESE, name) for name in ("shift_jis", "euc_jp", "iso2022_jp", "utf-16")),
    *((CHINESE, name) for name in ("gb18030", "big5")),
    (GREEK, "cp1253"),
    ("Größe", "cp1252"),
    ("Größe", "mac_roman"),
    ("caf\u00e9", "cp1252"),
]


@pytest.mark.parametrize(("text", "name"), WRITTEN, ids=lambda part: part[:12])
@pytest.mark.parametrize("times", [1, 40])
def test_text_is_read_as_it_was_written(text, name, times):
    whole = "\r\n".join([text] * times)
    assert legible(whole.encode(name, "replace"), "x.txt").text == whole.encode(name, "replace").decode(name)


@pytest.mark.parametrize(
    ("text", "name", "unsure"),
    [
        (GERMAN, "utf-8", False),
        (GERMAN, "utf-16-le", False),
        (GERMAN, "cp1252", False),
        ("Größe", "cp1252", True),
        (RUSSIAN, "cp1251", True),
        (TURKISH, "cp1254", True),
    ],
)
def test_where_it_is_unsure_it_says_so(text, name, unsure):
    assert bool(legible(text.encode(name), "x.txt").notes) == unsure


def test_the_note_says_how_it_was_read():
    assert legible("Größe".encode("mac_roman"), "x.txt").notes == (
        "Its encoding is not stated; it was read as Mac Roman (old Macs). Check letters with accents.",
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a\0b", "has a zero character"),
        (("Größe, Füße " * 3).encode() + b"\xff", "is not UTF-8 text: byte 48 is 0xff"),
        (codecs.BOM_UTF8 + b"caf\xe9", "is not UTF-8 text: byte 6 is 0xe9"),
        (codecs.BOM_UTF16_LE + b"a\x00\x00\xd8", "is not UTF-16 text"),
        (codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff", "is not UTF-32 text"),
        (bytes(range(1, 256)) * 20, "is not UTF-8 text"),
    ],
)
def test_what_is_damaged_or_no_text_is_refused(data, told):
    with pytest.raises(InvalidInput, match=told):
        legible(data, "x.txt")


def test_a_long_line_of_another_encoding_takes_a_moment():
    data = b"word " * 2_000_000 + "Größe".encode("cp1252")
    assert legible(data, "x.txt").text.endswith("Größe")
