"""A server on this machine that answers ``POST /v1/embeddings`` as OpenAI does, and can be told to misbehave.

Vectors are sums of one fixed random direction a word, drawn anew for each model: texts that share words are near each
other, and the same text under another model is somewhere else. It refuses what OpenAI refuses: a missing key, an empty
text, a text beyond the context, too many texts.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Item = dict[str, Any]
NATIVE = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
CONTEXT = 8192
MAX_TEXTS = 2048
MAX_TOKENS = 300_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer. ``alter`` gets the items with their vectors still as lists of numbers."""

    status: int = 200
    code: str = ""
    message: str = "The server says no."
    headers: Mapping[str, str] = field(default_factory=dict)
    alter: Callable[[list[Item]], list[Item]] | None = None
    body: bytes | None = None
    cut: bool = False
    delay: float = 0.0


FINE = Fault()
CUT_BODY = Fault(cut=True)
HTML = Fault(body=b"<html>A page, not an answer.</html>")
FEWER = Fault(alter=lambda items: items[: len(items) // 2])
SHUFFLED = Fault(alter=lambda items: items[::-1])
WRONG_DIMENSION = Fault(alter=lambda items: [{**item, "embedding": item["embedding"][:8]} for item in items])
NOT_A_NUMBER = Fault(
    alter=lambda items: [{**item, "embedding": [float("nan"), *item["embedding"][1:]]} for item in items]
)
ZERO = Fault(alter=lambda items: [{**item, "embedding": [0.0] * len(item["embedding"])} for item in items])
NOT_UNIT = Fault(alter=lambda items: [{**item, "embedding": [7 * x for x in item["embedding"]]} for item in items])
TWICE_THE_SAME_INDEX = Fault(alter=lambda items: [{**item, "index": 0} for item in items])
NO_QUOTA = Fault(429, "insufficient_quota", "You exceeded your current quota.")


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    authorization: str
    body: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        return [self.body["input"]] if isinstance(self.body["input"], str) else self.body["input"]


@lru_cache(maxsize=4096)
def _direction(model: str, word: str, dimensions: int) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.blake2b(f"{model}\n{word}".encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(dimensions)


def embed(model: str, text: str, dimensions: int) -> list[float]:
    """The unit vector this server gives a text: shortened as OpenAI does, by its first components."""
    native = NATIVE.get(model, dimensions)
    words = re.findall(r"\w+", text.lower()) or [text]
    total = sum((_direction(model, word, native) for word in words), start=np.zeros(native))
    # A little of the text itself, so that the same words in another order are another point.
    total = (total / np.linalg.norm(total) + 0.002 * _direction(model, f"text {text}", native))[:dimensions]
    return list(total / np.linalg.norm(total))


class OpenAIServer:
    """Use as a context manager; ``base_url`` is what the client is given."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._faults: list[Fault] = []
        self._forever = FINE
        self._lock = Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self._http.daemon_threads = True
        # Do not wait for the answers that a slow fault still sleeps on.
        self._http.block_on_close = False
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def misbehave(self, *faults: Fault, then: Fault = FINE) -> None:
        """One fault a request in this order, ``then`` for ever; forgets what was seen."""
        with self._lock:
            self.seen.clear()
            self._faults, self._forever = list(faults), then

    def next_fault(self, seen: Seen) -> Fault:
        with self._lock:
            self.seen.append(seen)
            return self._faults.pop(0) if self._faults else self._forever


def refusal(seen: Seen) -> str:
    """Why OpenAI would refuse this request, empty where it would not."""
    sizes = [-(-len(text.encode()) // 4) for text in seen.texts]
    if not seen.texts or "" in seen.texts:
        return "'$.input' is invalid: an empty string."
    if max(sizes) > CONTEXT:
        return f"This model's maximum context length is {CONTEXT} tokens, you requested {max(sizes)}."
    if len(sizes) > MAX_TEXTS or sum(sizes) > MAX_TOKENS:
        return "Too many inputs or tokens in one request."
    if "dimensions" in seen.body and not seen.body["model"].startswith("text-embedding-3-"):
        return "This model does not support specifying dimensions."
    return ""


class _Handler(BaseHTTPRequestHandler):
    owner: OpenAIServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen = Seen(self.headers.get("Authorization", ""), body)
        fault = self.owner.next_fault(seen)
        time.sleep(fault.delay)
        why = refusal(seen)
        if fault.body is not None:
            self._send(200, fault.body, {"Content-Type": "text/html"})
        elif fault.status != 200:
            self._send_error(fault.status, fault.message, fault.code, fault.headers)
        elif not seen.authorization.startswith("Bearer "):
            self._send_error(401, "You didn't provide an API key.", "", {})
        elif why:
            self._send_error(400, why, "", {})
        else:
            self._send(200, _answer(body, seen.texts, fault), {}, cut=fault.cut)

    def _send_error(self, status: int, message: str, code: str, headers: Mapping[str, str]) -> None:
        error = {"message": message, "type": "error", "param": None, "code": code or None}
        self._send(status, json.dumps({"error": error}).encode(), headers)

    def _send(self, status: int, data: bytes, headers: Mapping[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):
            self.end_headers()
        # The client may have given up on a slow answer.
        with suppress(ConnectionError):
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    def log_message(self, *_: object) -> None:
        """Keep the test's output to itself."""


def _answer(body: dict[str, Any], texts: list[str], fault: Fault) -> bytes:
    model = body["model"]
    dimensions = body.get("dimensions") or NATIVE.get(model, 64)
    items: list[Item] = [
        {"object": "embedding", "index": index, "embedding": embed(model, text, dimensions)}
        for index, text in enumerate(texts)
    ]
    if fault.alter:
        items = fault.alter(items)
    if body.get("encoding_format") == "base64":
        for item in items:
            item["embedding"] = base64.b64encode(np.asarray(item["embedding"], dtype="<f4").tobytes()).decode()
    tokens = sum(-(-len(text.encode()) // 4) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"object": "list", "data": items, "model": model, "usage": usage}).encode()
