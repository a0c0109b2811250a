"""What goes over the wire to an embedding server, and what comes back: sizes, batches and answers, no transport."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import numpy as np

from services.domain.scripts import Vectors

WINDOW = 8191
# OpenAI takes 2,048 texts and 300,000 tokens a request; no text has more tokens than UTF-8 bytes.
MAX_TEXTS, MAX_BYTES = 128, 250_000
# What ``count_tokens`` counts by thirds, and the space that a token begins with.
_THIRDS = re.compile(r"(?<![A-Za-z])[A-Z]?[a-z]{1,19}(?![A-Za-z])|[0-9]+")
_FREE = re.compile(_THIRDS.pattern + "| (?=[!-/:-~])")


def batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Positions of the texts of each request. A text that may be longer than the window goes alone."""
    batch: list[int] = []
    total = 0
    for position, text in enumerate(texts):
        size = _bytes(text)
        if batch and (size > WINDOW or total + size > MAX_BYTES or len(batch) == MAX_TEXTS):
            yield batch
            batch, total = [], 0
        batch.append(position)
        total += size if size <= WINDOW else MAX_BYTES
    if batch:
        yield batch


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def starts(text: str) -> Iterator[str]:
    """The text, then ever shorter starts of it, down to one that surely has no more tokens than the window.

    Eight bytes a token are more than any prose has, so that what is cut off at first would not have been read.
    """
    data = text.encode("utf-8", "replace")[: 8 * WINDOW]
    yield data.decode("utf-8", "ignore")
    while len(data) > WINDOW:
        data = data[: max(WINDOW, len(data) // 2)]
        yield data.decode("utf-8", "ignore")


def count(text: str) -> int:
    """Tokens of a text, estimated from above; see ``OpenAIEmbedder.count_tokens``."""
    if not text.strip():
        return 0
    return sum(-(-len(run) // 3) for run in _THIRDS.findall(text)) + _bytes(_FREE.sub("", text))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait: given as a number or as a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None


def read(body: bytes, texts: int, dimensions: int) -> tuple[Vectors, str]:
    """``float32[texts, dimensions]`` at unit length, in the order of the indices; or what is wrong with the answer."""
    nothing = np.empty((0, dimensions), dtype=np.float32)
    try:
        data = json.loads(body)["data"]
        rows = {item["index"]: _row(item["embedding"]) for item in data}
    except (KeyError, TypeError, ValueError, RecursionError):
        return nothing, "did not answer with vectors"
    if len(data) != texts:
        return nothing, f"answered with {len(data)} vectors for {texts} texts"
    if rows.keys() != set(range(texts)):
        return nothing, "left out some texts and answered others twice"
    wrong = [row for row in rows.values() if row.shape != (dimensions,)]
    if wrong:
        return nothing, f"answered with vectors of {wrong[0].size} numbers, not {dimensions}"
    vectors = np.stack([rows[position] for position in range(texts)])
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        return nothing, "answered with vectors that are zero or no numbers"
    return (vectors / lengths).astype(np.float32), ""


def _row(embedding: Any) -> Vectors:
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    with np.errstate(over="ignore"):
        return np.asarray(embedding, dtype=np.float32)
