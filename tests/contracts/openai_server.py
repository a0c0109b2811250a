"""A server on this machine that answers ``POST /v1/embeddings`` as OpenAI does, and can be told to misbehave.

It refuses what OpenAI refuses: a missing key, an empty text, a text beyond the context, too many texts. It may fail
single requests (``misbehave``), mean something else by a model's name from now on (``rotate``), answer a little
differently each time (``blur``), and be away (``switch_off``).
"""

import base64
import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

import numpy as np

from tests.contracts.openai_vectors import NATIVE, blurred, embed, falls_within

Item = dict[str, Any]
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


class OpenAIServer:
    """Use as a context manager; ``base_url`` is what the client is given."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        # Other names of models, as of a deployment: the model that is meant by the name that a request gives it.
        self.called: dict[str, str] = {}
        self._faults: list[Fault] = []
        self._forever = FINE
        self._lock = Lock()
        self._rotated = 0.0
        self._noise = (1.0, 0)
        self._asked: Counter[str] = Counter()
        self._connections: set[socket.socket] = set()
        self._http: ThreadingHTTPServer | None = None
        self._port = 0
        self.switch_on()
        self.base_url = f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.switch_off()

    def switch_on(self) -> None:
        """Answer, at the same address as before."""
        if self._http is not None:
            return
        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), type("Handler", (_Handler,), {"owner": self}))
        self._http.daemon_threads = True
        # Do not wait for the answers that a slow fault still sleeps on.
        self._http.block_on_close = False
        self._port = self._http.server_port
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def switch_off(self) -> None:
        """Refuse connections, and break off those that are open: a client keeps them for its next question."""
        if self._http is None:
            return
        self._http.shutdown()
        self._http.server_close()
        self._http = None
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def rotate(self, share: float = 1.0) -> None:
        """From now on, mean another space by each model's name: for all texts, or for a share of them; 0 ends it."""
        self._rotated = share

    def rotates(self, text: str) -> bool:
        """Whether this text is one of those that are answered from another space."""
        return falls_within(text, self._rotated)

    def blur(self, cosine: float = 0.9999, seed: int = 0) -> None:
        """From now on, let two answers to one text have about this cosine to each other; 1 ends it.

        The same from run to run: the noise is that of the seed, the text and how often it was asked since.
        """
        with self._lock:
            self._noise = (cosine, seed)
            self._asked.clear()

    def vector(self, model: str, text: str, dimensions: int) -> list[float]:
        """What this server answers for a text just now."""
        answer = embed(model, text, dimensions, rotated=self.rotates(text))
        with self._lock:
            cosine, seed = self._noise
            if cosine == 1.0:
                return answer
            self._asked[text] += 1
            time_asked = self._asked[text]
        return blurred(answer, cosine, f"{seed} {time_asked} {model}\n{text}")

    def connected(self, connection: socket.socket, *, here: bool) -> None:
        with self._lock:
            (self._connections.add if here else self._connections.discard)(connection)

    def misbehave(self, *faults: Fault, then: Fault = FINE) -> None:
        """One fault a request in this order, ``then`` for ever; forgets what was seen."""
        with self._lock:
            self.seen.clear()
            self._faults, self._forever = list(faults), then

    def next_fault(self, seen: Seen) -> Fault:
        with self._lock:
            self.seen.append(seen)
            return self._faults.pop(0) if self._faults else self._forever


def refusal(seen: Seen, model: str) -> str:
    """Why OpenAI would refuse this request, empty where it would not."""
    sizes = [-(-len(text.encode()) // 4) for text in seen.texts]
    if not seen.texts or "" in seen.texts:
        return "'$.input' is invalid: an empty string."
    if max(sizes) > CONTEXT:
        return f"This model's maximum context length is {CONTEXT} tokens, you requested {max(sizes)}."
    if len(sizes) > MAX_TEXTS or sum(sizes) > MAX_TOKENS:
        return "Too many inputs or tokens in one request."
    if "dimensions" in seen.body and not model.startswith("text-embedding-3-"):
        return "This model does not support specifying dimensions."
    return ""


class _Handler(BaseHTTPRequestHandler):
    owner: OpenAIServer
    protocol_version = "HTTP/1.1"
    # Else what follows the head of an answer waits 40 ms for the client to have confirmed the head.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.owner.connected(self.connection, here=True)

    def finish(self) -> None:
        self.owner.connected(self.connection, here=False)
        super().finish()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen = Seen(self.headers.get("Authorization", ""), body)
        fault = self.owner.next_fault(seen)
        time.sleep(fault.delay)
        model = self.owner.called.get(body["model"], body["model"])
        why = refusal(seen, model)
        if fault.body is not None:
            self._send(200, fault.body, {"Content-Type": "text/html"})
        elif fault.status != 200:
            self._send_error(fault.status, fault.message, fault.code, fault.headers)
        elif not seen.authorization.startswith("Bearer "):
            self._send_error(401, "You didn't provide an API key.", "", {})
        elif why:
            self._send_error(400, why, "", {})
        else:
            self._send(200, _answer(self.owner, seen, model, fault), {}, cut=fault.cut)

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


def _answer(owner: OpenAIServer, seen: Seen, model: str, fault: Fault) -> bytes:
    body, texts = seen.body, seen.texts
    dimensions = body.get("dimensions") or NATIVE.get(model, 64)
    items: list[Item] = [
        {"object": "embedding", "index": index, "embedding": owner.vector(model, text, dimensions)}
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
