"""Where vectors cannot be compared, that is said and nothing is claimed."""

from dataclasses import replace

import numpy as np

from services.domain.inspection import (
    Origin,
)
from services.domain.model_digest import State
from tests.unit.inspecting.spaces import ONE, WORDS, Space, collection, look_at, only, said, texts


def test_another_length_of_cutting_is_not_another_model() -> None:
    documents = [
        text if number % 3 else f"{text} {' '.join((*WORDS, *WORDS, *WORDS, *WORDS))}"
        for number, text in enumerate(texts(300))
    ]
    made = replace(ONE, window=20).embed_documents(documents)
    found = only(collection(documents, made), models=[ONE])
    assert found.state is State.MATCH
    assert "one does not read 33.3% of the documents to their end, 30 tokens" in said(found, "unread")


def test_where_no_text_is_short_enough_that_is_said_and_nothing_claimed() -> None:
    documents = texts(60, words=50)
    cut = replace(ONE, window=10).embed_documents(documents)
    found = only(collection(documents, cut), models=[ONE])
    assert (found.state, found.origin) == (State.UNVERIFIED, Origin.UNKNOWN)
    assert "No document that was compared is short enough for one to read whole" in said(found, "comparison")
    alike = only(collection(documents, ONE.embed_documents(documents)), models=[ONE])
    assert alike.state is State.MATCH
    other = only(collection(documents, Space("other").embed_documents(documents)), models=[ONE])
    assert other.origin in {Origin.NONE, Origin.UNKNOWN}


# Embedders that cannot be compared


def test_an_embedder_whose_server_is_down_is_never_a_no() -> None:
    documents = texts(30)
    down = Space("far-away", up=False)
    held = [collection(documents, Space("far-away").embed_documents(documents), name=name) for name in ("a", "b")]
    found = look_at(*held, models=[ONE, down])
    assert [c.state for c in found.collections] == [State.UNVERIFIED] * 2
    assert "Not compared with far-away: it could not be asked. The server of 'far-away' does not answer." in said(
        found.collections[1], "comparison"
    )
    assert found.collections[0].matches.keys() == {"one"}
    assert found.verdict == "a and b could not be checked."
    beside = look_at(collection(documents, ONE.embed_documents(documents)), models=[ONE, down])
    assert [c.state for c in beside.collections] == [State.MATCH]


def test_an_embedder_of_other_dimensions_is_not_asked_and_that_is_said() -> None:
    documents = texts(30)
    wide = Space("wide", dimensions=96)
    found = only(collection(documents, ONE.embed_documents(documents)), models=[wide])
    assert (found.state, found.matches, wide.asked) == (State.UNVERIFIED, {}, [])
    assert "Not compared with wide: it makes 96 numbers of a text, and here are 64." in said(found, "comparison")


def test_without_documents_nothing_is_claimed() -> None:
    made = ONE.embed_documents(texts(5))
    found = only(collection([None] * 5, made), models=[ONE])
    assert (found.state, found.origin, found.normalised) == (State.UNVERIFIED, Origin.UNKNOWN, True)
    assert "No row has a document" in said(found, "documents")


def test_rows_without_a_document_are_counted_and_the_others_compared() -> None:
    documents = texts(5)
    found = only(collection([*documents[:3], None, "  "], ONE.embed_documents(documents)), models=[ONE])
    assert (found.state, found.comparisons[0].compared) == (State.MATCH, 3)
    assert said(found, "documents") == "2 rows without a document: row-3, row-4."


def test_an_empty_store_and_an_empty_collection_say_so() -> None:
    nothing = look_at(models=[ONE])
    assert (nothing.verdict, nothing.attention) == ("The shelf holds no collection.", True)
    documents = texts(5)
    held = [collection([], np.zeros((0, 0)), name="bare"), collection(documents, ONE.embed_documents(documents))]
    found = look_at(*held, models=[ONE])
    assert found.verdict == "bare is empty; scripts was embedded by one."
    assert not found.attention
