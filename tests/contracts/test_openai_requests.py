"""What is sent to a server, and what is not."""

import numpy as np
import pytest

from services.embedders.openai import OpenAIEmbedder
from services.errors import (
    EmbedderUnavailable,
    InvalidInput,
)
from tests.contracts import openai_server as faults
from tests.contracts.openai_client import KEY, MODEL, TEXTS, everything_said_by, openai
from tests.contracts.openai_server import OpenAIServer


class TestOpenAIRequests:
    def test_the_key_goes_into_the_header_and_dimensions_only_where_shortened(self, server: OpenAIServer) -> None:
        openai(server).embed_query("hello")
        shortened = openai(server, dimensions=512).embed_query("hello")
        openai(server, model="text-embedding-ada-002").embed_query("hello")
        own = openai(server, model="own", dimensions=64).embed_query("hello")
        assert {seen.authorization for seen in server.seen} == {f"Bearer {KEY}"}
        assert [seen.body.get("dimensions") for seen in server.seen] == [None, 512, None, None]
        assert (shortened.shape, own.shape) == ((512,), (64,))

    def test_the_vectors_are_those_of_the_server(self, server: OpenAIServer) -> None:
        expected = [faults.embed(MODEL, text, 1536) for text in TEXTS]
        np.testing.assert_allclose(openai(server).embed_documents(TEXTS), expected, atol=1e-6)

    def test_an_environment_does_not_redirect_it(self, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-another-key-of-the-environment")
        openai(server).embed_query("hello")
        assert server.seen[0].authorization == f"Bearer {KEY}"

    def test_many_texts_go_in_several_requests(self, server: OpenAIServer) -> None:
        openai(server).embed_documents([f"text {i}" for i in range(300)])
        assert sorted(len(seen.texts) for seen in server.seen) == [44, 128, 128]

    def test_a_request_stays_below_the_limit_of_tokens(self, server: OpenAIServer) -> None:
        openai(server).embed_documents(["x" * 8000] * 100)
        assert max(sum(map(len, seen.texts)) for seen in server.seen) <= 250_000

    def test_a_long_text_is_sent_whole_where_the_server_takes_it(self, server: OpenAIServer) -> None:
        text = "rest " * 5000
        openai(server).embed_documents([text, "short"])
        assert sorted(seen.texts for seen in server.seen) == [[text], ["short"]]

    def test_a_text_that_is_refused_as_too_long_is_shortened(self, server: OpenAIServer) -> None:
        text = "a😀 " * 30_000
        openai(server).embed_query(text)
        sizes = [len(seen.texts[0].encode()) for seen in server.seen]
        assert sizes == sorted(sizes, reverse=True)
        assert 8191 <= sizes[-1] <= 4 * 8192
        assert all(text.startswith(seen.texts[0]) for seen in server.seen)

    def test_a_shortened_text_does_not_take_its_neighbours_along(self, server: OpenAIServer) -> None:
        vectors = openai(server).embed_documents([TEXTS[0], "rest " * 20_000, TEXTS[1]])
        np.testing.assert_allclose(vectors[[0, 2]], [faults.embed(MODEL, text, 1536) for text in TEXTS[:2]], atol=1e-6)

    @pytest.mark.parametrize("text", ["", " ", "\n\t"])
    def test_a_blank_text_is_refused_before_it_is_sent(self, server: OpenAIServer, text: str) -> None:
        with pytest.raises(InvalidInput):
            openai(server).embed_documents(["fine", text])
        assert not server.seen

    @pytest.mark.parametrize("key", ["", "  ", "sk-pasted twice", "ключ", "sk-a\r\nX-Evil: 1"])
    def test_a_key_that_is_none_is_named_when_something_is_embedded(self, server: OpenAIServer, key: str) -> None:
        embedder = OpenAIEmbedder(MODEL, 0, server.base_url, key)
        with pytest.raises(EmbedderUnavailable, match=r"OPENAI_API_KEY.*\.streamlit/secrets\.toml") as caught:
            embedder.embed_query("hello")
        assert not server.seen
        assert not key.strip() or key.strip() not in everything_said_by(caught.value)
