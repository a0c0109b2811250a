"""The parts of the OpenAI embedder that need no server: counting, batches, starts, waits."""

import json
from email.utils import formatdate
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.embedders import openai_wire
from services.embedders.openai import OpenAIEmbedder

# Counted with cl100k_base, the vocabulary of the embedding models.
CL100K = {
    "Close your eyes now, and let your breathing slow down.": 12,
    "Hengitä syvään ja anna hartioidesi rentoutua.": 17,
    "أهلا وسهلا بكم في هذه الجلسة.": 20,
    "深呼吸,放松你的身体。": 15,
    "🙂👩‍👩‍👧‍👦": 20,
    "BREATHE IN... 4, 3, 2, 1": 16,
    "aGVsbG8gd29ybGQhIQ==": 13,
}


@pytest.mark.parametrize(("text", "tokens"), CL100K.items())
def test_counts_no_fewer_than_the_vocabulary_and_no_more_than_bytes(text: str, tokens: int) -> None:
    (counted,) = OpenAIEmbedder("text-embedding-3-small").count_tokens([text])
    assert tokens <= counted <= len(text.encode())


def test_counts_by_hand() -> None:
    # calm 2, a comma 1, deep 2, 1234 2 and the space before it 1.
    assert OpenAIEmbedder("text-embedding-3-small").count_tokens(["Calm, deep 1234", "\n"]) == [8, 0]


@given(st.text())
def test_never_counts_more_than_the_bytes(text: str) -> None:
    (counted,) = OpenAIEmbedder("text-embedding-3-small").count_tokens([text])
    assert 0 <= counted <= len(text.encode())
    assert bool(counted) == bool(text.strip())


@given(st.lists(st.integers(1, 30_000), max_size=400))
def test_batches_hold_every_text_once_in_order_within_the_limits(sizes: list[int]) -> None:
    batches = list(openai_wire.batches(["x" * size for size in sizes]))
    assert [i for batch in batches for i in batch] == list(range(len(sizes)))
    for batch in batches:
        assert 1 <= len(batch) <= openai_wire.MAX_TEXTS
        assert sum(sizes[i] for i in batch) <= openai_wire.MAX_BYTES
        assert len(batch) == 1 or max(sizes[i] for i in batch) <= openai_wire.WINDOW


@pytest.mark.parametrize("text", ["short", "é" * 5000, "word " * 60_000, "😀" * 100_000])
def test_starts_shorten_to_what_surely_fits(text: str) -> None:
    starts = list(openai_wire.starts(text))
    assert all(text.startswith(start) for start in starts)
    assert [len(start) for start in starts] == sorted({len(start) for start in starts}, reverse=True)
    assert len(starts[-1].encode()) <= openai_wire.WINDOW
    assert len(starts[-1].encode()) > openai_wire.WINDOW - 4 or starts == [text]


@pytest.mark.parametrize(
    ("value", "seconds"), [("2", 2.0), ("0.5", 0.5), ("", None), ("soon", None), ("nan", None), ("-3", None)]
)
def test_reads_the_seconds_to_wait(value: str, seconds: float | None) -> None:
    assert openai_wire.retry_after({"retry-after": value}) == seconds


def test_reads_the_moment_to_wait_for() -> None:
    assert openai_wire.retry_after({"retry-after": formatdate(time() + 60, usegmt=True)}) == pytest.approx(60, abs=2)
    assert openai_wire.retry_after({"retry-after": formatdate(time() - 60, usegmt=True)}) == 0


def test_the_size_that_is_wrong_is_the_one_that_is_named() -> None:
    rows = [[1.0, 0.0, 0.0], [1.0, 0.0]]
    body = json.dumps({"data": [{"index": i, "embedding": row} for i, row in enumerate(rows)]}).encode()
    assert openai_wire.read(body, 2, 3)[1] == "answered with vectors of 2 numbers, not 3"
