"""What a model behind a server is called, and when two tags are one model."""

import numpy as np
import pytest

from services.embedders.openai import OpenAIEmbedder
from services.errors import (
    InvalidSettings,
)
from tests.contracts.openai_client import KEY, MODEL, QUICK, TEXTS, openai
from tests.contracts.openai_server import OpenAIServer


class TestOpenAIIdentity:
    def test_the_address_and_the_key_do_not_belong_to_it(self) -> None:
        here, there = OpenAIEmbedder(MODEL, 0, "http://127.0.0.1:1/v1", "a"), OpenAIEmbedder(MODEL)
        assert here.identity.digest == there.identity.digest

    def test_dimensions_are_known_declared_or_asked_for(self) -> None:
        assert OpenAIEmbedder("text-embedding-3-large").identity.dimensions == 3072
        assert OpenAIEmbedder("nomic-embed-text", 768).identity.dimensions == 768
        assert OpenAIEmbedder("text-embedding-3-large", 256).identity.dimensions == 256

    @pytest.mark.parametrize(
        ("model", "dimensions", "base_url"),
        [
            ("", 0, ""),
            ("nomic-embed-text", 0, ""),
            ("text-embedding-ada-002", 512, ""),
            (MODEL, 1537, ""),
            (MODEL, -1, ""),
            (MODEL, 0, "localhost:8000"),
            (MODEL, 0, "http://[/v1"),
        ],
    )
    def test_settings_that_cannot_be_followed_are_refused(self, model: str, dimensions: int, base_url: str) -> None:
        with pytest.raises(InvalidSettings):
            OpenAIEmbedder(model, dimensions, base_url)


class TestTwoTagsOfOneModel:
    def test_declared_equal_they_have_one_digest_at_any_address(self, server: OpenAIServer) -> None:
        plain = OpenAIEmbedder(MODEL)
        declared = OpenAIEmbedder("my-deployment", 0, server.base_url, KEY, same_as=MODEL)
        assert declared.identity == plain.identity
        assert declared.identity.digest == plain.identity.digest

    def test_undeclared_they_are_two_models(self) -> None:
        assert OpenAIEmbedder("my-deployment", 1536).identity.digest != OpenAIEmbedder(MODEL).identity.digest

    def test_requests_name_the_tag_and_the_vectors_are_the_models(self, server: OpenAIServer) -> None:
        server.called["my-deployment"] = MODEL
        declared = OpenAIEmbedder("my-deployment", 0, server.base_url, KEY, QUICK, same_as=MODEL)
        np.testing.assert_array_equal(declared.embed_documents(TEXTS), openai(server).embed_documents(TEXTS))
        assert [seen.body["model"] for seen in server.seen] == ["my-deployment", MODEL]

    def test_shortening_follows_the_declared_model(self, server: OpenAIServer) -> None:
        server.called.update({"small": MODEL, "ada": "text-embedding-ada-002"})
        short = OpenAIEmbedder("small", 512, server.base_url, KEY, QUICK, same_as=MODEL)
        np.testing.assert_array_equal(short.embed_query("hello"), openai(server, dimensions=512).embed_query("hello"))
        assert short.identity.digest == OpenAIEmbedder(MODEL, 512).identity.digest
        ada = OpenAIEmbedder("ada", 1536, server.base_url, KEY, QUICK, same_as="text-embedding-ada-002")
        ada.embed_query("hello")
        assert [seen.body.get("dimensions") for seen in server.seen] == [512, 512, None]
        with pytest.raises(InvalidSettings, match="'text-embedding-ada-002' does not have 512 dimensions"):
            OpenAIEmbedder("small", 512, same_as="text-embedding-ada-002")

    def test_a_tag_that_is_another_model_after_all_is_told_by_its_vectors(self, server: OpenAIServer) -> None:
        server.called["my-deployment"] = "text-embedding-ada-002"
        declared = OpenAIEmbedder("my-deployment", 0, server.base_url, KEY, QUICK, same_as=MODEL)
        assert abs(declared.embed_query("hello") @ openai(server).embed_query("hello")) < 0.2

    def test_the_requests_need_a_model_of_their_own(self) -> None:
        with pytest.raises(InvalidSettings, match="has no model"):
            OpenAIEmbedder("", same_as=MODEL)
