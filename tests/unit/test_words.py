"""Words that the pages and the command line share."""

import pytest

from pages.ui import words as page_words
from services.domain import words
from services.domain.model_digest import State


def test_each_state_has_a_shape_of_its_own() -> None:
    assert set(words.SHAPES) == set(State)
    assert len(set(words.SHAPES.values())) == len(State)
    assert words.state(State.MATCH) == "● match"


def test_a_number_with_its_noun() -> None:
    assert [words.count(n, "script") for n in (0, 1, 2, 1200)] == [
        "0 scripts",
        "1 script",
        "2 scripts",
        "1,200 scripts",
    ]


def test_the_pages_say_the_same() -> None:
    assert page_words.state is words.state
    assert page_words.count is words.count


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "under a second"),
        (1, "1 second"),
        (89, "89 seconds"),
        (90, "about 2 minutes"),
        (5300, "about 88 minutes"),
        (7200, "about 2 hours"),
    ],
)
def test_a_duration_is_as_exact_as_anybody_cares(seconds: float, told: str) -> None:
    assert words.duration(seconds) == told


@pytest.mark.parametrize(
    ("count", "told"),
    # At 130 words a minute.
    [(5, "under a minute"), (130, "1.0 min"), (305, "2.3 min"), (7_730, "59.5 min"), (54_000, "6 h 55 min")],
)
def test_how_long_reading_aloud_takes(count: int, told: str) -> None:
    assert page_words.aloud(count) == f"{told} read aloud"


def test_all_words_in_common_are_a_hundred_percent_only_where_the_texts_are_the_same() -> None:
    assert [page_words.share(1.0, same=same) for same in (True, False)] == ["100%", "99%"]
    assert page_words.share(0.876, same=False) == "88%"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Two *words*", r"Two \*words\*"),
        ("a\u00a0b  c\n d ", "a\u00a0b c d"),
        # What Streamlit makes something of after Markdown was read lies in two pieces of text.
        ("http://a.b", r"http\:|//a\.b"),
        ("www.a.b", r"www|\.a\.b"),
        ("a@b.c", r"a@|b\.c"),
        (":smile: 12: 30", r"\:|smile\: 12\: 30"),
        ("-- <-> >= ~=", r"\-|\- \<|\-|\> \>|\= \~|\="),
        ("well-read, 3 - 2", r"well\-read, 3 \- 2"),
    ],
)
def test_what_is_drawn_as_it_stands(text: str, shown: str) -> None:
    """Worked out by hand; tests/browser/test_library.py sees it drawn. A bar stands for what cuts a text in two."""
    assert page_words.plain(text) == shown.replace("|", page_words.CUT)
