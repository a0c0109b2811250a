"""Characters that are not what they look like: named, counted and placed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.suspicious import noticed, sentences


@pytest.mark.parametrize(
    ("text", "kind", "shown", "count", "line", "column"),
    [
        ("Rest\u202eabc", "override", "U+202E", 1, 1, 5),
        ("a\nb\u200bc\u200b", "invisible", "U+200B", 2, 2, 2),
        ("a\r\nb\ufeff", "invisible", "U+FEFF", 1, 2, 2),
        ("x\ud800", "surrogate", "U+D800", 1, 1, 2),
        ("x\ufffd\ufffd", "replacement", "U+FFFD", 2, 1, 2),
        ("\ue001", "private", "U+E001", 1, 1, 1),
        ("a\x07", "control", "U+0007", 1, 1, 2),
        ("five\x0cform", "break", "U+000C", 1, 1, 5),
        ("\x00", "control", "U+0000", 1, 1, 1),
        ("re\u00adlax", "soft hyphen", "U+00AD", 1, 1, 3),
        ("a\U000e0041", "tag", "U+E0041", 1, 1, 2),
        ("a\uffff", "undefined", "U+FFFF", 1, 1, 2),
        ("a\u200fb", "mark", "U+200F", 1, 1, 2),
        ("Now r\u0435lax", "mixed", "", 1, 1, 5),
    ],
)
def test_what_is_noticed(text, kind, shown, count, line, column):
    (found,) = noticed(text)
    assert (found.kind, found.shown, found.count, found.line, found.column) == (kind, shown, count, line, column)


@pytest.mark.parametrize(
    "text",
    [
        "Plain words,\tand tabs.\r\nLines\rof\x85all kinds.",
        "Größe, naïve café, Ελλάδα и Привет",
        "5 \u00b5m and 10 \u2126",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\ufeffA mark in front",
        "\ud83d\ude42",
    ],
)
def test_what_is_all_right(text):
    assert noticed(text) == []


def test_it_is_said_in_plain_words():
    assert sentences("Rest\u202eabc\n\u202e p\u0430in") == (
        (
            "Right-to-left override (U+202E), 2 times, first in line 1, character 5. "
            "It turns the direction of reading around, so that the text shown is not the text that is read."
        ),
        (
            "Mixed alphabets (p\u0430in), once, line 2, character 3. "
            "Letters of several alphabets stand in one word; some only look like the right ones."
        ),
    )


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_can_be_looked_at(text):
    for notice in noticed(text):
        assert notice.count >= 1
        assert notice.says.encode("utf-8", "surrogatepass")
        assert notice.line <= text.count("\n") + 1
