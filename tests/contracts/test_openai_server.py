"""The test server does what it says when it is told to move, to blur or to be away; asked through the real client."""

from collections.abc import Iterator

import numpy as np
import pytest

from services.domain.scripts import Vectors
from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import EmbedderUnavailable
from tests.contracts.openai_server import OpenAIServer

MODEL = "text-embedding-3-small"
QUICK = Patience(attempts=2, first_wait=0.001, longest_wait=0.01, timeout=5.0)
TEXTS = [f"You walk down {number} steps and every step is softer." for number in range(200)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with OpenAIServer() as running:
        yield running


def embedder(server: OpenAIServer, dimensions: int = 0, model: str = MODEL) -> OpenAIEmbedder:
    return OpenAIEmbedder(model, dimensions, server.base_url, "sk-of-the-tests", QUICK)


def cosines(one: Vectors, other: Vectors) -> Vectors:
    return np.einsum("ij,ij->i", one, other)


@pytest.mark.parametrize(("model", "dimensions"), [(MODEL, 0), (MODEL, 512), ("own", 64)])
def test_a_rotated_answer_is_far_from_the_old_one_and_keeps_its_angles(
    server: OpenAIServer, model: str, dimensions: int
) -> None:
    asked = embedder(server, dimensions, model)
    before = asked.embed_documents(TEXTS[:20])
    server.rotate()
    after = asked.embed_documents(TEXTS[:20])
    assert np.abs(cosines(before, after)).max() < 0.5
    # Shortened vectors keep other components of the turned vector, so their angles are near, not equal.
    np.testing.assert_allclose(after @ after.T, before @ before.T, atol=1e-5 if dimensions != 512 else 0.1)
    np.testing.assert_array_equal(asked.embed_documents(TEXTS[:20]), after)
    server.rotate(0)
    np.testing.assert_array_equal(asked.embed_documents(TEXTS[:20]), before)


def test_a_rotation_is_another_for_another_model(server: OpenAIServer) -> None:
    server.rotate()
    small, ada = (embedder(server, model=m).embed_documents(TEXTS[:1]) for m in (MODEL, "text-embedding-ada-002"))
    assert abs(cosines(small, ada)[0]) < 0.2


def test_a_share_of_the_texts_rotates_and_always_the_same(server: OpenAIServer) -> None:
    asked = embedder(server)
    before = asked.embed_documents(TEXTS)
    server.rotate(share=0.3)
    moved = cosines(before, asked.embed_documents(TEXTS)) < 0.9
    # 200 texts at 0.3: 60 of them, give or take three standard deviations of 6.5.
    assert 40 <= moved.sum() <= 80
    assert moved.tolist() == [server.rotates(text) for text in TEXTS]
    server.rotate(share=0.6)
    assert all(server.rotates(text) for text, was in zip(TEXTS, moved, strict=True) if was)


@pytest.mark.parametrize("cosine", [0.9999, 0.99])
def test_two_answers_to_one_text_have_about_the_cosine_asked_for(server: OpenAIServer, cosine: float) -> None:
    asked = embedder(server)
    server.blur(cosine)
    one, other = asked.embed_documents(TEXTS), asked.embed_documents(TEXTS)
    found = cosines(one, other)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-6)
    # The noises' own cosine, about 1 / sqrt(1536) = 0.026, times 1 - cosine; five of those for the worst of 200.
    np.testing.assert_allclose(found, cosine, atol=5 * 0.026 * (1 - cosine) + 1e-6)


def test_the_noise_is_that_of_its_seed(server: OpenAIServer) -> None:
    asked = embedder(server)
    exact = asked.embed_documents(TEXTS[:3])
    answers = []
    for seed in (7, 7, 8):
        server.blur(0.99, seed=seed)
        answers.append(asked.embed_documents(TEXTS[:3]))
    np.testing.assert_array_equal(answers[0], answers[1])
    assert cosines(answers[0], answers[2]).max() < 0.995
    server.blur(1)
    np.testing.assert_array_equal(asked.embed_documents(TEXTS[:3]), exact)


def test_a_server_that_is_off_refuses_open_and_new_connections_and_comes_back(server: OpenAIServer) -> None:
    connected = embedder(server)
    before = connected.embed_query(TEXTS[0])
    server.switch_off()
    for asked in (connected, embedder(server)):
        with pytest.raises(EmbedderUnavailable, match=r"127\.0\.0\.1 could not be reached"):
            asked.embed_query(TEXTS[0])
    assert len(server.seen) == 1
    server.switch_on()
    np.testing.assert_array_equal(connected.embed_query(TEXTS[0]), before)
