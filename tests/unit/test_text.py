"""Text on entry: what is changed once, and that nothing is changed again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ground import text

ANY = st.text(st.characters(codec=None), max_size=40)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("cafe\u0301", "caf\u00e9"),
        ("a\r\nb\rc\x85d", "a\nb\nc\nd"),
        ("five\x0cform\x0bfeed\r\x0c", "five\nform\nfeed\n\n"),
        ("\ufeffFirst", "First"),
        ("\ufeff\ufeffFirst", "First"),
        ("\x00\ufeffFirst", "First"),
        ("in\ufeffside", "in\ufeffside"),
        ("a\x00b\x07c\x1bd\x7fe\x9ff", "abcdef"),
        ("tab\tstays\nso does\nthe line", "tab\tstays\nso does\nthe line"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("whole \ud83d\ude42 pair", "whole \U0001f642 pair"),
        ("e\x00\u0301", "\u00e9"),
        ("  spaces stay  ", "  spaces stay  "),
    ],
    ids=[
        "NFC",
        "line-ends",
        "page-breaks",
        "BOM",
        "two-BOMs",
        "BOM-behind-NUL",
        "BOM-inside",
        "controls",
        "tab-and-newline",
        "lone-surrogate",
        "surrogate-pair",
        "accent-behind-NUL",
        "spaces",
    ],
)
def test_normalise(given_text: str, kept: str) -> None:
    assert text.normalise(given_text) == kept


@given(ANY)
def test_what_is_normalised_stays_as_it_is(given_text: str) -> None:
    once = text.normalise(given_text)
    assert text.normalise(once) == once
    once.encode("utf-8")


@given(ANY)
def test_one_line_is_one_line_and_stays_as_it_is(given_text: str) -> None:
    line = text.one_line(given_text)
    assert "\n" not in line
    assert line == line.strip()
    assert text.one_line(line) == line


def test_one_line_joins_lines_and_spaces() -> None:
    assert text.one_line(" The\tnight \r\n is\u00a0 calm ") == "The night is calm"


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("Cooling iron", "cooling-iron"),
        ("Dentist's ceiling", "dentists-ceiling"),
        ("Dentist\u2019s ceiling", "dentists-ceiling"),
        ("Crème brûlée 2", "creme-brulee-2"),
        ("--- a --- b ---", "a-b"),
        ("深呼吸", "script"),
        ("Ложись", "script"),
        ("", "script"),
        ("CON", "script"),
        ("com7", "script"),
        ("com77", "com77"),
        ("../../etc/passwd", "etc-passwd"),
        ("a" * 100, "a" * 80),
        ("a" * 79 + " bcd", "a" * 79),
    ],
)
def test_slug(title: str, made: str) -> None:
    assert text.slug(title, otherwise="script") == made


@given(ANY)
def test_a_slug_always_names_a_file(title: str) -> None:
    assert text.is_slug(text.slug(title, otherwise="script"))


@pytest.mark.parametrize(
    "name", ["", "A", "a--b", "-a", "a-", "a_b", "a.b", "a/b", "é", "nul", "lpt1", "a\n", "a" * 81]
)
def test_what_may_not_name_a_file(name: str) -> None:
    assert not text.is_slug(name)


def test_an_excerpt_says_that_it_is_one() -> None:
    assert text.excerpt("one two\nthree", 3) == "one two three"
    assert text.excerpt("one two\nthree four", 3) == "one two three…"


def test_the_first_of_many_are_named_and_the_others_counted():
    assert text.named([], 2) == ""
    assert text.named(["a", "b"], 2) == "a, b"
    assert text.named(["a", "b", *"c" * 1_000], 2) == "a, b and 1,000 more"
