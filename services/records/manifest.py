"""The manifest: every record's digest, and the head of a hash chain over the sorted list."""

import re
from collections.abc import Mapping
from pathlib import Path

from services.errors import InvalidYaml
from services.ground import digests, files, yaml_text

FORMAT = "scriptorium-manifest/1"
_LINE = re.compile(r"^  ([a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*): '([0-9a-f]{64})'$", re.MULTILINE)


def encode(entries: Mapping[str, str]) -> bytes:
    """The bytes of ``manifest.yaml`` for record digests by path (``section/id``).

    Written by hand instead of by the YAML library: paths are slugs and digests are hexadecimal, nothing needs quoting,
    and ten thousand lines are rewritten at every save.
    """
    ordered = sorted(entries.items())
    lines = [f"format: {FORMAT}", f"chain_head: '{digests.chain_head(ordered)}'", "records:"]
    lines += [f"  {path}: '{digest}'" for path, digest in ordered]
    if not ordered:
        lines[-1] = "records: {}"
    return ("\n".join(lines) + "\n").encode("ascii")


def read(path: Path, written: tuple[bytes, Mapping[str, str]] | None = None) -> tuple[Mapping[str, str], str]:
    """Record digests by path, and what is wrong with the manifest itself (empty if nothing).

    ``written`` is what was written last, as bytes and as digests: bytes that are the same need no second check.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"manifest.yaml cannot be read ({error.strerror})."
    if written is not None and data == written[0]:
        return written[1], ""
    own = _read_own(data)
    return (own, "") if own is not None else _read_any(data)


def _read_own(data: bytes) -> Mapping[str, str] | None:
    """The list in bytes that are exactly what ``encode`` makes of it, and so sound; None for all others.

    Ten thousand lines are read at every save, and YAML takes ten times as long.
    """
    entries = dict(_LINE.findall(data.decode("utf-8", "replace")))
    return entries if entries and encode(entries) == data else None


def _read_any(data: bytes) -> tuple[Mapping[str, str], str]:
    try:
        value = yaml_text.load(data, source="manifest.yaml")
    except InvalidYaml as error:
        return {}, error.cause
    records = value.get("records") if isinstance(value, dict) else None
    if not isinstance(records, dict) or not all(isinstance(digest, str) for digest in records.values()):
        return {}, "manifest.yaml does not list the records."
    if digests.chain_head(sorted(records.items())) != value.get("chain_head"):
        return records, "The chain head in manifest.yaml does not fit its list: the manifest was changed by hand."
    return records, ""


def write(path: Path, entries: Mapping[str, str]) -> bytes:
    """Write the manifest atomically; the bytes written. Raises ``StorageFailed``."""
    data = encode(entries)
    files.write_atomically(path, data)
    return data


def differences(stated: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, ...]:
    """Paths that are stated and found with different digests, or only one of the two; sorted."""
    if stated == found:
        return ()
    return tuple(sorted(p for p in stated.keys() | found.keys() if stated.get(p) != found.get(p)))
