"""What goes wrong behind a server is waited out or told."""

import threading
from email.utils import formatdate
from time import monotonic, sleep, time

import numpy as np
import pytest

from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import (
    EmbedderAnswerWrong,
    EmbedderFailed,
    EmbedderUnavailable,
)
from tests.contracts import openai_server as faults
from tests.contracts.openai_client import KEY, MODEL, QUICK, TEXTS, openai
from tests.contracts.openai_server import Fault, OpenAIServer


class TestOpenAIFaults:
    @pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
    def test_a_fault_that_passes_is_waited_out(self, server: OpenAIServer, status: int) -> None:
        server.misbehave(Fault(status), Fault(status))
        assert openai(server).embed_query("hello").shape == (1536,)
        assert len(server.seen) == 3

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_fault_that_stays_ends_with_the_number_of_attempts(self, server: OpenAIServer, status: int) -> None:
        server.misbehave(then=Fault(status))
        with pytest.raises(EmbedderUnavailable, match=rf"answered {status}, 3 times\. .*try again"):
            openai(server).embed_query("hello")
        assert len(server.seen) == 3

    def test_retry_after_is_honoured(self, server: OpenAIServer) -> None:
        server.misbehave(Fault(429, headers={"Retry-After": "0.25"}))
        began = monotonic()
        openai(server).embed_query("hello")
        assert monotonic() - began >= 0.25

    def test_retry_after_may_be_a_date(self, server: OpenAIServer) -> None:
        server.misbehave(Fault(503, headers={"Retry-After": formatdate(time() - 60, usegmt=True)}))
        slow_backoff = Patience(attempts=2, first_wait=30, longest_wait=30, timeout=5)
        began = monotonic()
        openai(server, slow_backoff).embed_query("hello")
        assert monotonic() - began < 20

    def test_a_wait_beyond_the_patience_is_not_begun(self, server: OpenAIServer) -> None:
        server.misbehave(then=Fault(429, headers={"Retry-After": "3600"}))
        with pytest.raises(EmbedderUnavailable, match="asks to wait 3600 seconds"):
            openai(server).embed_query("hello")
        assert len(server.seen) == 1

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_key_is_not_tried_again(self, server: OpenAIServer, status: int) -> None:
        server.misbehave(then=Fault(status, message=f"Incorrect API key provided: {KEY}"))
        with pytest.raises(EmbedderUnavailable, match=r"refused the key.*OPENAI_API_KEY"):
            openai(server).embed_query("hello")
        assert len(server.seen) == 1

    def test_a_used_up_quota_is_not_tried_again(self, server: OpenAIServer) -> None:
        server.misbehave(then=faults.NO_QUOTA)
        with pytest.raises(EmbedderUnavailable, match="quota"):
            openai(server).embed_query("hello")
        assert len(server.seen) == 1

    @pytest.mark.parametrize("status", [400, 404, 422])
    def test_a_refused_request_says_what_the_server_said(self, server: OpenAIServer, status: int) -> None:
        server.misbehave(then=Fault(status, message="The model does not exist."))
        with pytest.raises(EmbedderFailed, match=rf"\({status}\): .*The model does not exist\.") as caught:
            openai(server).embed_query("hello")
        assert type(caught.value) is EmbedderFailed
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            (faults.FEWER, "3 vectors for 6 texts"),
            (faults.WRONG_DIMENSION, "8 numbers, not 1536"),
            (faults.NOT_A_NUMBER, "no numbers"),
            (faults.ZERO, "zero"),
            (faults.TWICE_THE_SAME_INDEX, "twice"),
            (faults.HTML, "did not answer with vectors"),
            (Fault(body=b'{"data": null}'), "did not answer with vectors"),
            (Fault(body=b'{"data": [{"index": 0, "embedding": "?"}]}'), "did not answer with vectors"),
            (Fault(body=b"[" * 100_000), "did not answer with vectors"),
        ],
        ids=["fewer", "dimension", "nan", "zero", "duplicate", "html", "null", "no-base64", "nested"],
    )
    def test_a_wrong_answer_is_no_answer(self, server: OpenAIServer, fault: Fault, said: str) -> None:
        server.misbehave(then=fault)
        with pytest.raises(EmbedderAnswerWrong, match=said):
            openai(server).embed_documents(TEXTS)
        assert len(server.seen) == 1

    def test_a_shuffled_answer_is_put_in_order(self, server: OpenAIServer) -> None:
        expected = openai(server).embed_documents(TEXTS)
        server.misbehave(then=faults.SHUFFLED)
        np.testing.assert_array_equal(openai(server).embed_documents(TEXTS), expected)

    def test_vectors_of_another_length_are_made_unit(self, server: OpenAIServer) -> None:
        expected = openai(server).embed_documents(TEXTS)
        server.misbehave(then=faults.NOT_UNIT)
        np.testing.assert_allclose(openai(server).embed_documents(TEXTS), expected, atol=1e-6)

    def test_an_answer_that_breaks_off_is_asked_for_again(self, server: OpenAIServer) -> None:
        server.misbehave(faults.CUT_BODY)
        np.testing.assert_allclose(np.linalg.norm(openai(server).embed_query("hello")), 1, atol=1e-5)
        assert len(server.seen) == 2

    def test_a_slow_answer_ends_at_the_timeout(self, server: OpenAIServer) -> None:
        server.misbehave(then=Fault(delay=1.0))
        impatient = Patience(attempts=2, first_wait=0.001, longest_wait=0.01, timeout=0.1)
        with pytest.raises(EmbedderUnavailable, match=r"within 0\.1 seconds, 2 times"):
            openai(server, impatient).embed_query("hello")

    def test_a_server_that_is_not_there_is_named(self) -> None:
        embedder = OpenAIEmbedder(MODEL, 0, "http://127.0.0.1:9/v1", KEY, QUICK)
        with pytest.raises(EmbedderUnavailable, match=r"127\.0\.0\.1 could not be reached"):
            embedder.embed_query("hello")

    def test_after_a_failure_nothing_more_is_sent(self, server: OpenAIServer) -> None:
        server.misbehave(then=Fault(401))
        with pytest.raises(EmbedderUnavailable):
            openai(server).embed_documents([f"text {i}" for i in range(128 * 40)])
        assert len(server.seen) < 20

    def test_a_failure_does_not_wait_for_others_that_wait(self, server: OpenAIServer) -> None:
        patient = Patience(attempts=6, first_wait=1, longest_wait=60, timeout=5)
        server.misbehave(*[Fault(429, headers={"Retry-After": "30"})] * 3, then=Fault(401))
        began = monotonic()
        with pytest.raises(EmbedderUnavailable):
            openai(server, patient).embed_documents([f"text {i}" for i in range(128 * 4)])
        while any(thread.name.startswith("openai-embedder") for thread in threading.enumerate()):
            assert monotonic() - began < 20
            sleep(0.01)
