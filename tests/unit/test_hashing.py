"""The hashing embedder: which words count, and what a text without words becomes."""

import subprocess
import sys

import numpy as np
import pytest

from services.embedders.hashing import DIMENSIONS, Hashing


@pytest.mark.parametrize(
    ("one", "other"),
    [("Calm SEA", "calm sea"), ("sea calm", "calm, sea!"), ("café", "cafe\u0301"), ("\ufb01eld", "field")],
    ids=["case", "order-and-punctuation", "composed", "ligature"],
)
def test_spellings_of_the_same_words_are_the_same(one: str, other: str) -> None:
    np.testing.assert_array_equal(Hashing().embed_query(one), Hashing().embed_query(other))


def test_one_word_lies_on_one_axis_and_counts_as_often_as_it_is_said() -> None:
    calm, sea, both = Hashing().embed_documents(["calm", "sea", "calm calm sea"])
    assert np.abs(calm).max() == 1
    assert np.abs(calm).sum() == 1
    np.testing.assert_allclose(both, (2 * calm + sea) / 5**0.5, atol=1e-6)


def test_the_buckets_do_not_move() -> None:
    calm, sea = Hashing().embed_documents(["calm", "sea"])
    assert (int(np.abs(calm).argmax()), float(calm.sum())) == (30, -1)
    assert (int(np.abs(sea).argmax()), float(sea.sum())) == (34, -1)


@pytest.mark.parametrize("text", ["", "  ", "🙂", "!?"])
def test_a_text_without_a_word_is_about_as_far_from_every_text(text: str) -> None:
    vector = Hashing().embed_query(text)
    np.testing.assert_allclose(vector, np.full(DIMENSIONS, DIMENSIONS**-0.5), rtol=1e-6)
    assert np.abs(Hashing().embed_documents(["calm sea", "a wedding toast"]) @ vector).max() < 0.2


def test_words_that_cancel_each_other_out_still_have_a_direction() -> None:
    words = [f"word{i}" for i in range(2000)]
    vectors = Hashing().embed_documents(words)
    opposite = next(j for j in range(1, 2000) if vectors[0] @ vectors[j] < -0.5)
    assert np.linalg.norm(Hashing().embed_query(f"word0 {words[opposite]}")) == pytest.approx(1)


def test_counting_words_does_not_import_scikit_learn() -> None:
    program = (
        "import sys; from services.embedders.hashing import Hashing;"
        "print(Hashing().count_tokens(['the sea, the sky', '']), 'sklearn' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[4, 0] False"
