"""Whose vectors these are: decided by the vectors."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.inspection import (
    Origin,
    fraction,
    portion,
)
from services.domain.model_digest import State
from tests.unit.inspecting.spaces import ONE, TWO, Space, collection, look_at, only, said, texts


@pytest.mark.parametrize("count", [1, 2, 5, 92, 5_000])
def test_the_model_that_made_the_vectors_is_named(count: int) -> None:
    documents = texts(count)
    found = look_at(collection(documents, ONE.embed_documents(documents)), models=[TWO, ONE])
    (scripts,) = found.collections
    assert (scripts.state, scripts.origin, scripts.model) == (State.MATCH, Origin.ONE, "one")
    assert scripts.matches["one"] == pytest.approx(1, abs=1e-6)
    assert scripts.matches["two"] < 0.6
    assert found.verdict == "scripts was embedded by one."
    assert not found.attention
    assert scripts.comparisons[1].compared == min(count, 24)


def test_none_of_the_models_made_them() -> None:
    documents = texts(100)
    found = look_at(collection(documents, Space("other").embed_documents(documents)), models=[ONE, TWO])
    assert [c.state for c in found.collections] == [State.MISMATCH]
    assert found.verdict == "scripts was embedded by none of the configured models."
    assert found.attention


def test_only_a_sample_is_embedded_spread_over_the_collection_and_of_short_texts() -> None:
    documents = [text if number % 10 else f"{text} {text} {text}" for number, text in enumerate(texts(1_000))]
    model = Space("one")
    found = only(collection(documents, model.embed_documents(documents)), models=[model], sample=12)
    assert found.comparisons[0].compared == 12
    positions = sorted(documents.index(text) for text in model.asked[1:])
    assert len(positions) == 12
    assert {position * 8 // 1_000 for position in positions} == set(range(8))
    # Four of the twelve are those that lie farthest from the middle, whatever their length.
    assert sum(position % 10 == 0 for position in positions) <= 4


def test_slightly_noisy_answers_of_the_same_model_match() -> None:
    documents = texts(500)
    noisy = replace(ONE, away=0.0001)
    found = only(collection(documents, ONE.embed_documents(documents)), models=[noisy])
    assert found.state is State.MATCH
    assert 0.9998 < found.matches["one"] < 0.99995


def test_weights_of_lower_precision_are_drifted_with_their_cosine() -> None:
    documents = texts(60)
    found = look_at(collection(documents, ONE.embed_documents(documents)), models=[replace(ONE, away=0.012), TWO])
    (scripts,) = found.collections
    assert (scripts.state, scripts.origin) == (State.DRIFTED, Origin.NEAR)
    assert scripts.matches["one"] == pytest.approx(0.988, abs=1e-4)
    assert "lowest cosine is 0.9880" in said(scripts, "comparison")
    assert found.verdict == "scripts was embedded by something close to one, but not by it."


def test_the_exact_weights_win_over_those_that_are_close() -> None:
    documents = texts(60)
    models = [replace(ONE, away=0.012), ONE]
    found = only(collection(documents, ONE.embed_documents(documents)), models=models, names=["int8", "full"])
    assert (found.state, found.embedder) == (State.MATCH, "full")


def test_half_of_one_model_and_half_of_another_is_a_mixture_with_its_share_and_ids() -> None:
    documents = texts(400)
    vectors = ONE.embed_documents(documents)
    vectors[300:] = TWO.embed_documents(documents[300:])
    found = look_at(collection(documents, vectors), models=[ONE, TWO])
    (scripts,) = found.collections
    assert (scripts.state, scripts.origin, scripts.model) == (State.MISMATCH, Origin.MIXED, "one")
    assert scripts.share == pytest.approx(0.75, abs=0.02)
    assert len(scripts.strangers) == 20
    assert {int(row.removeprefix("row-")) >= 300 for row in scripts.strangers} == {True}
    # The spread of 200 over 400 rows meets 50 of the last hundred.
    assert said(scripts, "mixture").startswith("50 of 200 rows that were compared, and ")
    assert said(scripts, "mixture").endswith(" more. two made them.")
    assert found.verdict == "About 25% of scripts was embedded by another model: two instead of one."


def half(claims, *, first: Space = ONE, second: Space = TWO):
    """97 rows, the first 48 by one model and the other 49 by another."""
    documents = texts(97)
    vectors = np.vstack([first.embed_documents(documents[:48]), second.embed_documents(documents[48:])])
    return collection(documents, vectors, name="section-awakening", **claims)


def test_the_verdict_of_a_mixture_is_a_plain_sentence_without_digests() -> None:
    claims = {"metadata.model": "one", "metadata.scriptorium_model_digest": ONE.identity.digest}
    found = look_at(half(claims), models=[TWO, ONE])
    assert found.verdict == "About half of section-awakening was embedded by another model: two instead of one."
    (scripts,) = found.collections
    assert (scripts.model, scripts.other, scripts.stranger_count, len(scripts.strangers)) == ("one", "two", 49, 20)
    assert not any(ONE.identity.digest in finding.text for finding in scripts.findings)
    (told,) = [finding.text for finding in scripts.findings if finding.kind == "claim"]
    assert told == (
        "The claim that one made them (metadata.model and metadata.scriptorium_model_digest) is false. "
        "It made only some of the vectors that were compared."
    )


def test_the_verdict_begins_with_what_is_mixed() -> None:
    documents = texts(30)
    sound = collection(documents, ONE.embed_documents(documents), name="rows")
    assert look_at(sound, half({}), models=[ONE, TWO]).verdict.endswith("; rows was embedded by one.")


def test_the_rightful_part_of_a_mixture_is_the_one_that_the_store_claims() -> None:
    # Without a claim the greater part is, and the claim may name the smaller one.
    assert only(half({}), models=[ONE, TWO], sample=97).model == "two"
    assert only(half({"metadata.model": "one"}), models=[ONE, TWO], sample=97).model == "one"


def test_the_other_model_of_a_mixture_is_named_only_where_it_is_known() -> None:
    found = look_at(half({}, second=Space("other")), models=[ONE])
    assert found.verdict == "About half of section-awakening was embedded by another model than one."
    assert "Another model made them, or of another text." in said(found.collections[0], "mixture")


def test_a_mixture_is_counted_on_one_basis() -> None:
    (scripts,) = look_at(half({"metadata.model": "one"}), models=[ONE, TWO]).collections
    assert said(scripts, "mixture").startswith("49 of 97 rows that were compared are not what one makes")
    assert scripts.share == pytest.approx(48 / 97)
    assert [(c.compared, c.same) for c in scripts.comparisons] == [(97, 48), (97, 49)]


@pytest.mark.parametrize(
    ("share", "words"), [(0.5, "half"), (0.51, "about half"), (0.46, "about half"), (0.44, "about 44%")]
)
def test_a_half_is_called_half(share: float, words: str) -> None:
    assert fraction(share) == words


def test_a_few_strangers_among_many_are_found_where_they_lie_apart() -> None:
    documents = [f"{text} calm calm calm calm calm calm" for text in texts(5_000)]
    vectors = ONE.embed_documents(documents)
    wrong = [1_234, 4_321]
    vectors[wrong] = Space("other").embed_documents([documents[p] for p in wrong])
    found = only(collection(documents, vectors), models=[ONE])
    assert found.origin is Origin.MIXED
    assert found.strangers == ("row-1234", "row-4321")
    assert 0.99 < (found.share or 0) < 1


def test_half_of_the_same_model_in_lower_precision_is_a_mixture_where_both_are_known() -> None:
    documents = texts(40)
    low = replace(ONE, away=0.012, precision="int8")
    vectors = ONE.embed_documents(documents)
    vectors[::2] = low.embed_documents(documents[::2])
    found = only(collection(documents, vectors), models=[ONE, low], names=["full", "int8"])
    assert (found.state, found.origin, found.share) == (State.MISMATCH, Origin.MIXED, 0.5)
    assert [comparison.model for comparison in found.comparisons] == ["one", "one in 8 bits"]


def test_texts_with_something_in_front_are_said_to_be_near_and_no_mixture() -> None:
    documents = texts(200, words=10)
    made = ONE.embed_documents([f"title page {text}" for text in documents])
    found = only(collection(documents, made), models=[ONE, TWO])
    assert (found.state, found.origin) == (State.MISMATCH, Origin.NONE)
    assert "one comes near, with a median cosine of 0.9" in said(found, "comparison")


@pytest.mark.parametrize(
    ("share", "words"), [(0.9996, "more than 99%"), (0.51, "about 51%"), (0.99, "about 99%"), (0.002, "less than 1%")]
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, words: str) -> None:
    assert portion(share) == words
