"""BLAKE3 digests of values and bytes, as lower-case hexadecimal (64 characters)."""

import json
from collections.abc import Iterable

from blake3 import blake3


def of_bytes(data: bytes) -> str:
    """Digest of the bytes as they are."""
    return blake3(data).hexdigest()


def of_value(value: object) -> str:
    """Digest of a JSON value in one canonical spelling: sorted keys, no spaces, UTF-8."""
    spelled = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return of_bytes(spelled.encode("utf-8", "surrogatepass"))


def chain_head(entries: Iterable[tuple[str, str]]) -> str:
    """Head of a hash chain over ``(name, digest)`` pairs in the given order.

    Each link is the digest of the head before it, the name and the digest, so that a pair that is changed, dropped,
    added or moved changes the head.
    """
    head = of_bytes(b"scriptorium manifest 1")
    for name, digest in entries:
        head = of_bytes(f"{head}\n{name}\n{digest}".encode())
    return head
