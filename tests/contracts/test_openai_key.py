"""The key appears nowhere: in no exception, no log, no description."""

import json
import logging
from collections.abc import Sequence

import pytest

from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import (
    EmbedderFailed,
)
from tests.contracts import openai_server as faults
from tests.contracts.openai_client import KEY, MODEL, QUICK, everything_said_by, openai
from tests.contracts.openai_server import Fault, OpenAIServer


class TestTheKeyAppearsNowhere:
    @pytest.mark.parametrize(
        "fault",
        [
            Fault(400, message=f"Bad request with Authorization: Bearer {KEY}"),
            Fault(400, message=f"Bad key {KEY} in {KEY}"),
            Fault(401, message=f"Incorrect API key provided: {KEY}"),
            Fault(404, message=f"No such model for {KEY}"),
            Fault(429, "insufficient_quota", f"No quota for {KEY}"),
            Fault(500, message=KEY),
            Fault(body=KEY.encode()),
            Fault(cut=True),
            Fault(delay=0.5),
            faults.FEWER,
        ],
        ids=["bearer", "bad", "unauthorised", "not-found", "quota", "broken", "body", "cut", "slow", "fewer"],
    )
    def test_in_an_exception_or_a_log(
        self, server: OpenAIServer, caplog: pytest.LogCaptureFixture, fault: Fault
    ) -> None:
        server.misbehave(then=fault)
        embedder = openai(server, Patience(attempts=2, first_wait=0.001, longest_wait=0.01, timeout=0.1))
        texts = ("a private confession", "another one")
        with caplog.at_level(logging.DEBUG), pytest.raises(EmbedderFailed) as caught:
            embedder.embed_documents(texts)
        said = everything_said_by(caught.value)
        assert KEY not in said
        assert "TopSecret" not in said
        assert caplog.records
        assert_silent(caplog, texts)

    def test_where_it_does_not_look_like_a_key(self, server: OpenAIServer) -> None:
        server.misbehave(then=Fault(400, message="No model for plainword4711, sorry."))
        with pytest.raises(EmbedderFailed, match=r"No model for \[key\], sorry\."):
            OpenAIEmbedder(MODEL, 0, server.base_url, "plainword4711", QUICK).embed_query("hello")

    def test_in_a_log_of_what_goes_well(self, server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            openai(server).embed_query("a private confession")
        assert server.seen[0].authorization.endswith(KEY)
        assert_silent(caplog, ["a private confession"])

    def test_in_what_describes_the_embedder(self, server: OpenAIServer) -> None:
        embedder = openai(server)
        embedder.embed_query("hello")
        assert KEY not in f"{embedder!r} {embedder} {embedder.identity!r}"
        assert KEY not in json.dumps(embedder.identity.__dict__)


def assert_silent(caplog: pytest.LogCaptureFixture, texts: Sequence[str]) -> None:
    logged = "\n".join(f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records)
    assert KEY not in logged
    assert not any(text in logged for text in texts)
