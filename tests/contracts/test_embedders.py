"""What every embedder must do, run over each of them: the real weights, real hashing, the real client."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.ports import Embedder
from tests.contracts.openai_client import MODEL, QUICK, TEXTS, openai
from tests.contracts.openai_server import OpenAIServer

UNICODE = (
    "🙂 a smile 👩‍👩‍👧‍👦",
    "تنفس بعمق واسترخ الآن",
    "Cafe\u0301 nai\u0308ve",
    "深呼吸,放松",
    "a\u200bb \ud800 half",
)


@dataclass(frozen=True)
class Subject:
    make: Callable[[], Embedder]
    shared: Embedder


@pytest.fixture(scope="module")
def steady_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(scope="module", params=["minilm", "minilm-int8", "hashing", "openai"])
def subject(request: pytest.FixtureRequest, cache: Path, steady_server: OpenAIServer) -> Subject:
    makers: dict[str, Callable[[], Embedder]] = {
        "minilm": lambda: MiniLM(cache),
        "minilm-int8": lambda: MiniLM(cache, precision="int8"),
        "hashing": Hashing,
        "openai": lambda: openai(steady_server),
    }
    make = makers[request.param]
    return Subject(make, make())


class TestEveryEmbedder:
    def test_gives_one_unit_vector_of_float32_a_text(self, subject: Subject) -> None:
        vectors = subject.shared.embed_documents(TEXTS)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), subject.shared.identity.dimensions)
        assert subject.shared.identity.normalised
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_gives_a_question_one_vector(self, subject: Subject) -> None:
        vector = subject.shared.embed_query(TEXTS[0])
        assert vector.dtype == np.float32
        assert vector.shape == (subject.shared.identity.dimensions,)

    def test_keeps_the_order_whatever_the_lengths(self, subject: Subject) -> None:
        texts = [" ".join([text] * (1 + 7 * i % 5)) for i, text in enumerate(TEXTS * 4)]
        together = subject.shared.embed_documents(texts)
        for i in (0, 1, 13, 23):
            np.testing.assert_allclose(together[i], subject.shared.embed_documents([texts[i]])[0], atol=1e-5)

    def test_tells_texts_apart(self, subject: Subject) -> None:
        similar = subject.shared.embed_documents(TEXTS) @ subject.shared.embed_documents(TEXTS).T
        assert (similar - 2 * np.eye(len(TEXTS))).max() < 0.9

    def test_a_text_as_question_is_nearest_to_itself(self, subject: Subject) -> None:
        vectors = subject.shared.embed_documents(TEXTS)
        for i, text in enumerate(TEXTS):
            similar = vectors @ subject.shared.embed_query(text)
            assert int(similar.argmax()) == i
            assert similar[i] == pytest.approx(1, abs=1e-5)

    def test_shared_words_bring_texts_nearer(self, subject: Subject) -> None:
        near, far = subject.shared.embed_documents(
            ["Your breathing slows, eyes closed.", "Quarterly tax return forms."]
        )
        asked = subject.shared.embed_query("eyes closed, breathing slowly")
        assert near @ asked > far @ asked + 0.1

    def test_no_texts_give_no_vectors(self, subject: Subject) -> None:
        vectors = subject.make().embed_documents([])
        assert vectors.dtype == np.float32
        assert vectors.shape == (0, subject.shared.identity.dimensions)
        assert subject.shared.count_tokens([]) == []

    def test_a_text_beyond_the_window_still_gets_a_vector(self, subject: Subject) -> None:
        vectors = subject.shared.embed_documents(["You drift deeper into rest. " * 4000, TEXTS[0]])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(vectors[1], subject.shared.embed_query(TEXTS[0]), atol=1e-5)

    def test_any_unicode_gets_a_vector(self, subject: Subject) -> None:
        vectors = subject.shared.embed_documents(UNICODE)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_progress_rises_to_the_total(self, subject: Subject) -> None:
        told: list[tuple[int, int]] = []
        subject.shared.embed_documents(TEXTS * 30, lambda done, total: told.append((done, total)))
        assert len(told) > 1
        assert [done for done, _ in told] == sorted({done for done, _ in told})
        assert {total for _, total in told} == {len(TEXTS) * 30}
        assert told[-1][0] == len(TEXTS) * 30

    def test_eight_threads_get_the_same_answers(self, subject: Subject) -> None:
        fresh, expected = subject.make(), subject.shared.embed_documents(TEXTS)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(fresh.embed_documents, [TEXTS] * 16))
        for answer in answers:
            np.testing.assert_allclose(answer, expected, atol=1e-5)

    def test_counts_tokens_of_each_text(self, subject: Subject) -> None:
        one, other = subject.shared.count_tokens(TEXTS[:2])
        assert subject.shared.count_tokens([f"{TEXTS[0]} {TEXTS[1]}"]) == [one + other]
        assert one >= len(TEXTS[0].split())
        assert subject.shared.count_tokens(["", "  \n ", "sleep"])[:2] == [0, 0]
        assert subject.shared.count_tokens(["sleep"])[0] >= 1

    def test_counting_does_not_stop_at_the_window(self, subject: Subject) -> None:
        assert subject.shared.count_tokens(["rest " * 20_000])[0] >= 20_000

    def test_the_identity_is_the_same_for_two_of_a_kind(self, subject: Subject) -> None:
        assert subject.make().identity == subject.shared.identity
        assert subject.make().identity.digest == subject.shared.identity.digest


def test_no_two_models_share_a_digest(cache: Path, server: OpenAIServer) -> None:
    models = [(MODEL, 0), (MODEL, 512), ("text-embedding-ada-002", 0), ("text-embedding-3-large", 1536), ("own", 1536)]
    own: list[Embedder] = [MiniLM(cache), MiniLM(cache, precision="int8"), Hashing()]
    embedders = [*own, *(openai(server, QUICK, *model) for model in models)]
    assert len({embedder.identity.digest for embedder in embedders}) == len(embedders)
