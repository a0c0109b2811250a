"""What every embedder must do, run over each of them: the real weights, real hashing, the real client."""

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from time import monotonic, sleep, time

import numpy as np
import pytest

from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import (
    EmbedderAnswerWrong,
    EmbedderFailed,
    EmbedderUnavailable,
    InvalidInput,
    InvalidSettings,
    ScriptoriumError,
)
from services.ports import Embedder
from tests.contracts import openai_server as faults
from tests.contracts.openai_server import Fault, OpenAIServer

KEY = "sk-proj-Zx81TopSecretKeyOfTheTests42"
MODEL = "text-embedding-3-small"
QUICK = Patience(attempts=3, first_wait=0.001, longest_wait=0.3, timeout=5.0)
TEXTS = (
    "Close your eyes and let your breathing slow down, deeper with every breath.",
    "I speak calmly and clearly in front of many people.",
    "Three, two, one: wide awake, refreshed, back in the room.",
    "Before an exam your hands stay warm and your mind stays clear.",
    "Sleep comes by itself when the day has been put down.",
    "The garden gate opens onto a path of smooth white stones.",
)
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


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    # A proxy of the machine has no way to a server inside it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture(scope="module")
def steady_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """One for each test: a request still under way when a test ends must not reach the next."""
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


def openai(server: OpenAIServer, patience: Patience = QUICK, model: str = MODEL, dimensions: int = 0) -> OpenAIEmbedder:
    return OpenAIEmbedder(model, dimensions, server.base_url, KEY, patience)


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


def everything_said_by(error: BaseException) -> str:
    """All that a log or a page could show of an exception: its chain, arguments, attributes, locals of its frames."""
    said, queue, known = [], [error], set[int]()
    while queue:
        found = queue.pop()
        if id(found) in known:
            continue
        known.add(id(found))
        said += [str(found), repr(found), repr(found.args), repr(vars(found))]
        frames = traceback.StackSummary.extract(traceback.walk_tb(found.__traceback__), capture_locals=True)
        # The tests' own frames know the key, of course.
        said += [repr(frame.locals) for frame in frames if frame.filename != __file__]
        queue += [linked for linked in (found.__cause__, found.__context__) if linked]
        assert isinstance(found, ScriptoriumError), "an exception of the client carries the request and its headers"
    return "\n".join(said)


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
