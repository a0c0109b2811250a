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
