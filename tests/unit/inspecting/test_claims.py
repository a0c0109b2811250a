"""What a store says of its vectors, held against the vectors."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from services.domain.inspection import (
    StoredRows,
)
from services.domain.model_digest import State
from services.inspect.claims import normal, short_name
from tests.unit.inspecting.spaces import ONE, TWO, Space, collection, look_at, only, texts


def claimed(says: str, made: Space, models: Sequence[Space], where: str = "embedding_function"):
    documents = texts(30)
    found = only(collection(documents, made.embed_documents(documents), **{where: says}), models=models)
    (claim,) = found.claims
    return claim.holds, found.state, claim.reason


MINILM = Space("all-MiniLM-L6-v2")


@pytest.mark.parametrize(
    "says", ["default", "sentence-transformers/all-MiniLM-L6-v2", "ALL-MINILM-L6-V2", "all-minilm:latest"]
)
def test_a_claim_is_true_under_any_name_of_the_model(says: str) -> None:
    assert claimed(says, MINILM, [ONE, MINILM])[:2] == (True, State.MATCH)


def test_a_claim_of_a_configured_model_that_did_not_make_them_is_false() -> None:
    assert claimed("default", ONE, [ONE, MINILM]) == (False, State.MISMATCH, "one made the vectors that were compared.")
    holds, state, reason = claimed("default", Space("other"), [ONE, MINILM])
    assert (holds, state) == (False, State.MISMATCH)
    assert "It makes other vectors of these documents" in reason


def test_a_claim_of_other_dimensions_is_false_without_any_comparison() -> None:
    holds, state, reason = claimed("default", Space("other", dimensions=96), [MINILM])
    assert (holds, state, reason) == (False, State.MISMATCH, "It makes 64 numbers of a text, and here are 96.")


def test_a_model_that_shortens_its_vectors_is_not_judged_by_their_number() -> None:
    small = Space("text-embedding-3-small", dimensions=96)
    assert claimed("text-embedding-3-small", ONE, [small])[0] is None
    assert claimed("text-embedding-3-small", Space("other", dimensions=128), [small])[0] is False


def test_a_claim_of_a_model_that_is_not_configured_cannot_be_checked() -> None:
    holds, state, reason = claimed("our-own-tag", ONE, [ONE])
    assert (holds, state, reason) == (None, State.MATCH, "That model is not configured here.")


def test_a_well_known_name_is_false_where_another_model_is_found() -> None:
    assert claimed("text-embedding-ada-002", ONE, [ONE])[:2] == (False, State.MISMATCH)
    assert claimed("text-embedding-ada-002", Space("other"), [ONE])[0] is None


def test_a_claim_that_the_vectors_are_close_to_is_neither() -> None:
    holds, state, _ = claimed("one", replace(ONE, away=0.012), [ONE])
    assert (holds, state) == (None, State.DRIFTED)


def test_a_recorded_digest_is_held_against_those_that_are_known() -> None:
    where = "metadata.scriptorium_model_digest"
    assert claimed(ONE.identity.digest, ONE, [ONE, TWO], where)[0] is True
    assert claimed(TWO.identity.digest, ONE, [ONE, TWO], where)[0] is False
    assert claimed("0" * 64, ONE, [ONE, TWO], where)[0] is None


def test_a_claim_of_a_server_that_is_down_cannot_be_checked() -> None:
    holds, state, reason = claimed("far-away", Space("far-away"), [Space("far-away", up=False)])
    assert (holds, state) == (None, State.UNVERIFIED)
    assert "does not answer" in reason


def test_names_lose_their_publisher_and_case() -> None:
    assert normal("BAAI/bge-small-en") == "bge-small-en"
    assert normal("DefaultEmbeddingFunction") == normal("default") == "all-minilm-l6-v2"


@pytest.mark.parametrize(
    ("says", "short"),
    [
        ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("nomic-embed-text:latest", "nomic-embed-text"),
        ("0123456789abcdef" * 4, "the model 0123456789ab…"),
        ("see http://there/is/one", "see http://there/is/one"),
    ],
)
def test_a_claim_is_named_shortly(says: str, short: str) -> None:
    assert short_name(says) == short


def test_an_index_that_scriptorium_built_is_recognised_by_its_rows() -> None:
    rows = StoredRows(("a#0", "a#1"), ("x", "y"), np.zeros((2, 2), np.float32), ({"script": "a"}, {"script": "a"}))
    assert rows.passages
    assert not replace(rows, metadatas=({"script": "a"}, {})).passages
    assert not StoredRows((), (), np.zeros((0, 2), np.float32), ()).passages


def test_the_verdict_names_what_is_claimed_falsely() -> None:
    documents = texts(30)
    held = [
        collection(documents, ONE.embed_documents(documents), name="induction"),
        collection(documents, ONE.embed_documents(documents), name="awakening"),
        collection(documents, Space("other").embed_documents(documents), name="affirmations", embedding_function="one"),
    ]
    assert look_at(*held, models=[ONE]).verdict == (
        "induction and awakening were embedded by one; "
        "affirmations was embedded by none of the configured models, though it claims one."
    )
