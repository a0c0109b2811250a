"""How a script is cut: at the ends of sentences and paragraphs, nothing lost, nothing too long."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import passages
from services.domain.passages import Passage, PassagePolicy, cut

WORDY = st.text(st.sampled_from("ab .!?…\n\t\"')]\u2019”,\u00a0"), max_size=120)
POLICIES = st.builds(
    lambda longest, overlap: PassagePolicy(max_tokens=longest, overlap_tokens=overlap),
    st.integers(1, 8),
    st.integers(0, 6),
)


def count_words(texts: list[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_letters(texts: list[str]) -> list[int]:
    """A model that reads letter by letter, so that single words are too long for it."""
    return [sum(not c.isspace() for c in text) for text in texts]


def pieces(text: str, longest: int, overlap: int = 0, count=count_words) -> list[str]:
    found = cut(text, PassagePolicy(max_tokens=longest, overlap_tokens=overlap), count)
    assert found[0] == Passage("card")
    return [text[p.start : p.end] for p in found[1:]]


def test_sentences_are_kept_together_as_far_as_they_fit() -> None:
    text = "One two. Three four five. Six seven."
    assert pieces(text, 5) == ["One two. Three four five.", "Six seven."]
    assert pieces(text, 4) == ["One two.", "Three four five.", "Six seven."]
    assert pieces(text, 7) == [text]


def test_paragraphs_end_sentences_that_have_no_full_stop() -> None:
    assert pieces("A heading\n\nThe text begins", 3) == ["A heading", "The text begins"]
    assert pieces("a line\nand the next one", 5) == ["a line\nand the next", "one"]


def test_closing_marks_belong_to_the_sentence() -> None:
    assert pieces('"Let go." She smiled (a little.) "Why?!" Now…  so', 2) == [
        '"Let go."',
        "She smiled",
        "(a little.)",
        '"Why?!" Now…',
        "so",
    ]


def test_a_full_stop_inside_a_word_ends_nothing() -> None:
    assert pieces("It costs 3.50 today. Yes.", 4) == ["It costs 3.50 today.", "Yes."]


def test_whole_sentences_are_repeated_as_overlap() -> None:
    text = "A b. C d. E f. G h."
    assert pieces(text, 6, overlap=2) == ["A b. C d. E f.", "E f. G h."]
    assert pieces(text, 6, overlap=4) == ["A b. C d. E f.", "C d. E f. G h."]
    assert pieces(text, 6, overlap=3) == ["A b. C d. E f.", "E f. G h."]
    assert pieces(text, 6, overlap=1) == ["A b. C d. E f.", "G h."]


def test_overlap_gives_way_where_the_next_sentence_needs_the_room() -> None:
    assert pieces("A b. C d. E f g h i.", 6, overlap=4) == ["A b. C d.", "E f g h i."]


def test_one_giant_sentence_is_cut_between_words() -> None:
    assert pieces("one two three four five six seven", 3) == ["one two three", "four five six", "seven"]


def test_one_giant_word_is_halved_until_it_fits() -> None:
    assert pieces("abcdefgh", 3, count=count_letters) == ["ab", "cd", "ef", "gh"]
    assert pieces("abcdef", 3, count=count_letters) == ["abc", "def"]


def test_a_character_that_is_too_long_for_the_model_ends_the_halving() -> None:
    assert pieces("xy", 1, count=lambda texts: [7 * len(text) for text in texts]) == ["x", "y"]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n", "\u00a0"])
def test_a_text_without_a_word_has_its_card_only(text: str) -> None:
    assert cut(text, PassagePolicy(), count_words) == (Passage("card"),)


@given(WORDY, POLICIES)
def test_nothing_is_lost_and_nothing_is_too_long(text: str, policy: PassagePolicy) -> None:
    for count in (count_words, count_letters):
        found = cut(text, policy, count)[1:]
        covered = {i for p in found for i in range(p.start, p.end)}
        assert all(i in covered for i, c in enumerate(text) if not c.isspace())
        assert all(0 <= p.start < p.end <= len(text) for p in found)
        assert all(tokens <= policy.max_tokens for tokens in count([text[p.start : p.end] for p in found]))


@given(WORDY, POLICIES)
def test_passages_go_forward_and_repeat_no_more_than_the_overlap(text: str, policy: PassagePolicy) -> None:
    found = cut(text, policy, count_words)[1:]
    for one, after in pairwise(found):
        assert one.start < after.start
        assert one.end < after.end
        repeated = text[after.start : one.end] if after.start < one.end else ""
        assert count_words([repeated])[0] <= policy.overlap_tokens


@given(WORDY)
def test_sentences_end_where_a_plainer_reading_ends_them(text: str) -> None:
    plain = re.compile(r"""\S(?:.*?)(?:[.!?…]+["'”\u2019)\]]*(?=\s)|\n\s*\n|\Z)""", re.DOTALL)
    assert [m.span() for m in passages._SENTENCE.finditer(text)] == [m.span() for m in plain.finditer(text)]


@pytest.mark.parametrize("text", ["!" * 100_000, "." * 100_000 + "x", "a" * 100_000, "a" + "\n" + " " * 100_000 + "b"])
def test_a_page_of_one_character_takes_no_time(text: str) -> None:
    started = time.process_time()
    cut(text, PassagePolicy(), count_words)
    # A moment. Where each character was looked at from each one before it, it would be minutes.
    assert time.process_time() - started < 20


@given(WORDY)
def test_the_same_text_is_cut_the_same(text: str) -> None:
    assert cut(text, PassagePolicy(max_tokens=3), count_words) == cut(text, PassagePolicy(max_tokens=3), count_words)
