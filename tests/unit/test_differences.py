"""What differs between two texts: marked word by word, and within bounds however long they are."""

import random
import time

import pytest

from services.domain import aligned as alignment
from services.domain.aligned import aligned
from services.domain.alike import numbers_of, shared
from services.domain.differences import Kind, differences

WORDS = [f"w{number}" for number in range(5_000)]
MANY = 300_000


def marked(before: str, after: str) -> str:
    """The text with ``[-gone-]`` and ``{+new+}``."""
    marks = {Kind.SAME: "{}", Kind.GONE: "[-{}-]", Kind.NEW: "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in differences(before, after))


def sides(pieces) -> tuple[str, str]:
    return (
        "".join(piece.text for piece in pieces if piece.kind is not Kind.NEW),
        "".join(piece.text for piece in pieces if piece.kind is not Kind.GONE),
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("", "one", "{+one+}"),
        ("one two", "one two", "one two"),
        ("the calm sea", "the wide sea", "the [-calm-]{+wide+} sea"),
        ("one two", "zero one two three", "{+zero +}one two{+ three+}"),
        ("a b c d", "a d", "a [-b c -]d"),
    ],
)
def test_words_are_marked(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_between_fixed_points_the_words_are_found_as_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than 400 pairs at once: 200 words are compared between what stands once in both."""
    rnd = random.Random(1)
    before = [f"v{number}" for number in range(200)]
    after = [word if rnd.random() > 0.1 else "other" for word in before]
    texts = (" ".join(before), " ".join(after))
    whole = differences(*texts)
    monkeypatch.setattr(alignment, "MOST_AT_ONCE", 400)
    parts = differences(*texts)
    assert parts == whole
    assert parts.whole
    assert len(parts) > 20


def test_what_has_moved_is_found_once() -> None:
    """Two stretches change places: the longer one stays."""
    first, second = [*range(100)], [*range(100, 160)]
    found = aligned(first + second, second + first, run=5)
    assert found.blocks == ((0, 60, 100),)


def test_moved_stretches_keep_the_order_of_both_where_fixed_points_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MOST_AT_ONCE", 400)
    first, second = [*range(100)], [*range(100, 160)]
    found = aligned(first + second, second + first, run=5)
    assert found.blocks == ((0, 60, 100),)


def test_what_is_too_long_to_compare_is_marked_whole_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MOST_AT_ONCE", 3)
    pieces = differences("same la la la la same", "same lo lo lo lo same")
    assert not pieces.whole
    assert [piece.kind for piece in pieces] == [Kind.SAME, Kind.GONE, Kind.NEW, Kind.SAME]
    assert sides(pieces) == ("same la la la la same", "same lo lo lo lo same")


@pytest.fixture(scope="module")
def long_texts() -> tuple[str, str]:
    """300,000 words, and the same with every tenth word another one by chance."""
    rnd = random.Random(2)
    before = rnd.choices(WORDS, k=MANY)
    return " ".join(before), " ".join(word if rnd.random() > 0.1 else "edited" for word in before)


def test_three_hundred_thousand_words_are_compared_word_by_word_within_seconds(long_texts: tuple[str, str]) -> None:
    began = time.process_time()
    pieces = differences(*long_texts)
    # One second here. All pairs at once would be 360,000 million, and 45 GB.
    assert time.process_time() - began < 10
    assert pieces.whole
    assert sides(pieces) == long_texts


def test_words_of_very_long_texts_are_shared_as_they_are(long_texts: tuple[str, str]) -> None:
    began = time.process_time()
    share = shared(*map(numbers_of, long_texts))
    assert time.process_time() - began < 10
    # A word counts where it stands (0.9) and is in a run of three: both neighbours stand, or two on one side of it. Of
    # the four next to it these do with a chance of 0.9^2 + 2 * 0.1 * 0.9^2 = 0.972.
    assert share == pytest.approx(0.9 * 0.972, abs=0.005)
