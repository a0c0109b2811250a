"""Rank-biased overlap, worked out from equation 32."""

import pytest

from services.domain.overlap import overlap

LETTERS = "abcdefghij"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("abc", "abc", 1.0),
        ("abc", "def", 0.0),
        ("", "", 1.0),
        ("", "ab", 0.0),
        # Common down to each rank 0, 1, 2, 4, 5: (0.1/0.9) (0.81/2 + 0.729·2/3 + 0.6561 + 0.59049) + 0.59049.
        ("abcde", "bcdae", 0.828),
        # Shorter, and all of it agrees: nothing speaks against the rest.
        ("abc", "a", 1.0),
        # (0.1/0.9) (0.81/2) + (1/2) 0.81.
        ("ab", "b", 0.45),
        # (0.1/0.9) (0.9 + 0.81/2 + 0.729·2/3 + 0.729/6) + (1/3 + 1/2) 0.729.
        ("ab", "acb", 0.82),
    ],
)
def test_by_hand(one, other, expected):
    assert overlap(one, other) == pytest.approx(expected, abs=1e-9)
    assert overlap(other, one) == pytest.approx(expected, abs=1e-9)


def test_a_swap_at_the_top_weighs_more_than_one_at_the_end():
    top, end = "ba" + LETTERS[2:], LETTERS[:8] + "ji"
    # Only depth 1 tells, and only depth 9.
    assert overlap(LETTERS, top) == pytest.approx(1 - 0.1)
    assert overlap(LETTERS, end) == pytest.approx(1 - 0.1 * 0.9**8 / 9)


def test_persistence_says_how_far_down_it_looks():
    one, other = "ab" + LETTERS[2:], "ab" + LETTERS[2:][::-1]
    assert overlap(one, other, persistence=0.5) > overlap(one, other, persistence=0.9)


def test_agreement_that_goes_on_only_counts_for_more():
    # The same start, seen further down, where it differs.
    assert overlap("abcx", "abcy") < overlap("abc", "abc")
    assert overlap("xab", "yab") > overlap("xa", "ya") > overlap("x", "y")
