"""OpenAI's embedding models, or any server that speaks the same protocol, through the official client.

The key comes from the composition root. It enters no message, log or exception, and neither do the client's exceptions,
which carry the request and its headers: what went wrong leaves them as a ``_Refusal``, raised outside any ``except``.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import numpy as np
import tenacity

from services.domain.model_change import Price
from services.domain.model_digest import ModelIdentity
from services.domain.scripts import Vectors
from services.embedders import openai_wire as wire
from services.errors import EmbedderAnswerWrong, EmbedderFailed, EmbedderUnavailable, InvalidInput, InvalidSettings
from services.ground.progress import Progress

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"
WORKERS = 4
_NATIVE = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
_SHORTENS = "text-embedding-3-"
_OPENAI_HOST = "api.openai.com"
# A million tokens each, from https://developers.openai.com/api/docs/models
_DOLLARS = {"text-embedding-3-small": 0.02, "text-embedding-3-large": 0.13, "text-embedding-ada-002": 0.10}
_PRICES_READ = "November 2026"
_KEY_STEP = "Set OPENAI_API_KEY in the environment or in .streamlit/secrets.toml."
_MODEL_STEP = "Check the model, dimensions and base_url of the embedder in workspace.yaml."
_KEY_LIKE = re.compile(r"(?i)\bsk-[\w*.-]{6,}|bearer\s+\S+")
# Worth asking again below 500: timeout, conflict, too many requests.
_TRANSIENT, _SERVER_ERROR = {408, 409, 429}, 500
_TOO_LONG = {400, 413}


@dataclass(frozen=True)
class Patience:
    """How long a server that is busy or away is asked again. Times in seconds."""

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    timeout: float = 60.0

    def for_a_question(self) -> "Patience":
        """Somebody looks at the page meanwhile: seconds, and an error that can be read instead of a minute."""
        return replace(
            self,
            attempts=min(3, self.attempts),
            longest_wait=min(3.0, self.longest_wait),
            timeout=min(15.0, self.timeout),
        )


@dataclass(frozen=True)
class _Refusal:
    kind: type[EmbedderFailed]
    cause: str
    next_step: str
    status: int = 0
    transient: bool = False
    retry_after: float | None = None


class OpenAIEmbedder:
    """One model of one server. Many threads may use one object."""

    name = "openai"
    window = wire.WINDOW
    local = False

    def __init__(  # noqa: PLR0913  what a workspace may say of a server
        self,
        model: str,
        dimensions: int = 0,
        base_url: str = "",
        api_key: str = "",
        patience: Patience | None = None,
        *,
        same_as: str = "",
    ) -> None:
        """Nothing is sent, and no key is needed, until something is embedded.

        ``dimensions`` may be 0 for OpenAI's models; an empty ``base_url`` is OpenAI itself. Neither it nor the key is
        taken from the environment here: who builds the embedder decides where text goes. ``same_as``: the server calls
        that model ``model``, and everything but the requests goes by its own name.

        Raises:
            InvalidSettings: no model, an address that is none, or dimensions that the model does not have.
        """
        self._identity = _identity(model and (same_as or model), dimensions)
        self._model = model
        self._base_url = base_url or OPENAI
        self._host = _host(self._base_url)
        self._who = f"The server at {self._host}"
        self._key = api_key.strip()
        self._patience = patience or Patience()

    @property
    def identity(self) -> ModelIdentity:
        """As declared, since a provider shows no weights. The address does not belong to it."""
        return self._identity

    @property
    def price(self) -> Price | None:
        """OpenAI's own; another server's is not known."""
        dollars = _DOLLARS.get(self._identity.name) if self._host == _OPENAI_HOST else None
        return None if dollars is None else Price(dollars, _PRICES_READ)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate from above, since the real vocabulary would have to be downloaded.

        A word of ASCII letters counts a third of its length, a number likewise, any other character its UTF-8 bytes.
        Measured against cl100k_base: 1.6 times the tokens of an English script, 1.3 to 1.9 of German, Finnish and
        Polish, 1.5 to 2.4 of Arabic, Chinese and emoji. Only runs of random lower-case letters come out too low (0.7),
        which is why what is sent relies on bytes alone. Never more than the bytes; 0 for a blank text.
        """
        return [wire.count(text) for text in texts]

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``float32[n, d]`` of unit length; of a text that the server finds too long, a start that it takes.

        Raises:
            InvalidInput: a text is blank, which the server would refuse.
            EmbedderUnavailable: no key, a refused key, no quota, or no answer within the patience.
            EmbedderAnswerWrong: not one finite vector of the right dimension for each text.
            EmbedderFailed: the server refused the request for another reason.
        """
        vectors = np.empty((len(texts), self._identity.dimensions), dtype=np.float32)
        self._check(texts)
        # A lone surrogate has no UTF-8.
        sound = [text.encode("utf-8", "replace").decode() for text in texts]
        stop, done = Event(), 0
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="openai-embedder")
        try:
            sent = {
                pool.submit(self._embed, [sound[i] for i in rows], stop, self._patience): rows
                for rows in wire.batches(sound)
            }
            for future in as_completed(sent):
                vectors[sent[future]] = future.result()
                done += len(sent[future])
                if progress:
                    progress(done, len(texts))
        finally:
            # After a failure nothing more is sent, and nobody sleeps on until the next attempt.
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """``float32[d]``. Questions and documents are embedded alike."""
        self._check([text])
        sound = text.encode("utf-8", "replace").decode()
        vector: Vectors = self._embed([sound], Event(), self._patience.for_a_question())[0]
        return vector

    def _check(self, texts: Sequence[str]) -> None:
        if not all(text.strip() for text in texts):
            raise InvalidInput("There is no text to embed.", "Write something first.")
        if texts and not self._key:
            raise EmbedderUnavailable(f"There is no key for {self._host}.", _KEY_STEP)
        # The client would fail on it with an exception that quotes the header.
        if texts and not re.fullmatch(r"[!-~]+", self._key):
            raise EmbedderUnavailable(f"The key for {self._host} has characters that no key has.", _KEY_STEP)

    def _embed(self, texts: list[str], stop: Event, patience: Patience) -> Vectors:
        # Only the server knows how many tokens a long text has; where it refuses, a shorter start is tried.
        tries = ([start] for start in wire.starts(texts[0])) if len(texts) == 1 else iter([texts])
        answer = self._insist(next(tries, texts), stop, patience)
        while isinstance(answer, _Refusal) and answer.status in _TOO_LONG and (shorter := next(tries, None)):
            answer = self._insist(shorter, stop, patience)
        if isinstance(answer, _Refusal):
            raise answer.kind(answer.cause, answer.next_step)
        return answer

    def _insist(self, texts: list[str], stop: Event, patience: Patience) -> Vectors | _Refusal:
        """Ask until there is an answer, or a refusal that asking again would not change."""
        backoff = tenacity.wait_random_exponential(multiplier=patience.first_wait, max=patience.longest_wait)

        def wait(state: tenacity.RetryCallState) -> float:
            told = _last(state).retry_after
            return backoff(state) if told is None else told

        def give_up(state: tenacity.RetryCallState) -> _Refusal:
            return replace(_last(state), cause=f"{_last(state).cause[:-1]}, {state.attempt_number} times.")

        asking = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda answer: isinstance(answer, _Refusal) and answer.transient),
            stop=tenacity.stop_after_attempt(patience.attempts) | tenacity.stop_when_event_set(stop),
            wait=wait,
            sleep=tenacity.sleep_using_event(stop),
            retry_error_callback=give_up,
        )
        return asking(self._ask, texts, patience)

    def _ask(self, texts: list[str], patience: Patience) -> Vectors | _Refusal:
        import openai  # noqa: PLC0415  half a second that only who embeds should wait for

        name, dimensions = self._identity.name, self._identity.dimensions
        shortens = name.startswith(_SHORTENS) and dimensions != _NATIVE.get(name)
        try:
            client = self._client.with_options(timeout=patience.timeout)
            raw = client.embeddings.with_raw_response.create(
                model=self._model, input=texts, dimensions=dimensions if shortens else openai.omit
            )
        except openai.APIStatusError as error:
            if error.code != "insufficient_quota" and _may_pass(error.status_code):
                return self._busy(error.status_code, wire.retry_after(error.response.headers), patience)
            return self._refused(error.status_code, error.code or "", error.message)
        except openai.APITimeoutError:
            return self._away(f"did not answer within {patience.timeout:g} seconds")
        except openai.APIConnectionError:
            return self._away("could not be reached, or broke off its answer")
        vectors, wrong = wire.read(raw.content, len(texts), dimensions)
        return vectors if not wrong else _Refusal(EmbedderAnswerWrong, f"{self._who} {wrong}.", _MODEL_STEP)

    @cached_property
    def _client(self) -> "openai.OpenAI":
        import openai  # noqa: PLC0415  as above

        return openai.OpenAI(api_key=self._key, base_url=self._base_url, max_retries=0)

    def _away(self, what: str) -> _Refusal:
        step = "Check the connection, then try again."
        return _Refusal(EmbedderUnavailable, f"{self._who} {what}.", step, transient=True)

    def _busy(self, status: int, told: float | None, patience: Patience) -> _Refusal:
        cause, step = f"{self._who} answered {status}.", "Wait a while, then try again."
        bearable = told is None or told <= patience.longest_wait
        if not bearable:
            cause = f"{self._who} answered {status} and asks to wait {told:.0f} seconds."
        return _Refusal(EmbedderUnavailable, cause, step, status, bearable, told)

    def _refused(self, status: int, code: str, message: str) -> _Refusal:
        if status in {401, 403}:
            return _Refusal(EmbedderUnavailable, f"{self._who} refused the key ({status}).", _KEY_STEP, status)
        if code == "insufficient_quota":
            cause, step = f"{self._who} says that the quota is used up.", "Add credit to the account of this key."
            return _Refusal(EmbedderUnavailable, cause, step, status)
        cause = f"{self._who} refused the request ({status}): {self._scrub(message)}"
        return _Refusal(EmbedderFailed, cause, _MODEL_STEP, status)

    def _scrub(self, message: str) -> str:
        """What the server said, without the key and what looks like one, at the length of a message."""
        return _KEY_LIKE.sub("[key]", message.replace(self._key, "[key]"))[:300]


def _may_pass(status: int) -> bool:
    return status in _TRANSIENT or status >= _SERVER_ERROR


def _identity(model: str, dimensions: int) -> ModelIdentity:
    native = _NATIVE.get(model, 0)
    if not model:
        raise InvalidSettings("The embedder 'openai' has no model.", "Name one in workspace.yaml.")
    if not (dimensions or native):
        raise InvalidSettings(f"The dimensions of '{model[:80]}' are not known.", "Set them in workspace.yaml.")
    fewer = model.startswith(_SHORTENS) and 0 < dimensions < native
    if native and dimensions not in {0, native} and not fewer:
        raise InvalidSettings(f"'{model}' does not have {dimensions} dimensions.", f"Set {native}, or leave them out.")
    return ModelIdentity(
        name=model,
        revision="declared",
        dimensions=dimensions or native,
        pooling="provider",
        normalised=True,
        query_prefix="",
        document_prefix="",
        precision="float32",
    )


def _host(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        host, good = parts.hostname or "", parts.scheme in {"http", "https"}
    except ValueError:
        host, good = "", False
    if not (host and good):
        raise InvalidSettings("The base_url of the embedder is no address.", f"Write it like {OPENAI}")
    return host


def _last(state: tenacity.RetryCallState) -> _Refusal:
    refusal: _Refusal = cast("tenacity.Future", state.outcome).result()
    return refusal
