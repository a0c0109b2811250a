"""A run as the bytes of its file: two lines of JSON that are one document; ``docs/formats.md`` describes it.

The first line is the summary, the second the rankings in columns: a thousand questionnaires have 300,000 places. The
first one carries the digest of the second and, last, that of itself: a list of runs that reads no more is sure of it.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from services.domain.runs import Run
from services.errors import InvalidInput
from services.ground import digests
from services.ports import RunSummary
from services.records import run_rankings, run_summary
from services.records.run_summary import FORMAT

# What a file ends in; one that was cut short does not.
END = b"}\n}\n"
MOST_HEAD = 4 << 20
_BREAK, _BODY = b",\n", b'"run": '
_DIGEST = b',"digest":"'
_CHANGED = "its digest is another, so somebody or something has changed it"
_NEXT_STEP = "Bring it back with git or from a backup, or delete the run."
# What reading something that is no run ends in.
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError, InvalidInput)


def encode(run: Run) -> bytes:
    """The bytes of a run's file; the same for the same run."""
    body = _dumped(run_rankings.encode(run))
    return _joined(run_summary.encode(RunSummary.of(run), digests.of_bytes(body)), body)


def decode(data: bytes, *, source: str, run_id: str) -> Run:
    """The run in a file's bytes. Raises ``InvalidInput``."""
    head, body = _parted(data, source)
    found = summary(head, data[-len(END) :], source=source, run_id=run_id)
    if _of_head(head)["rankings"] != digests.of_bytes(body):
        raise _unusable(source, _CHANGED)
    try:
        return run_rankings.decode(found, _loaded(body))
    except _UNREADABLE as error:
        raise _unusable(source, f"{type(error).__name__}: {error}") from None


def summary(head: bytes, end: bytes, *, source: str, run_id: str) -> RunSummary:
    """The summary in the first line of a file that ends so. Raises ``InvalidInput``."""
    if not head.endswith(_BREAK) or end != END:
        raise _unusable(source, f"it is no {FORMAT}, or is cut short")
    try:
        value = _of_head(head)
        found = run_summary.decode(value)
        known = value["format"] == FORMAT
    except _UNREADABLE as error:
        raise _unusable(source, f"{type(error).__name__}: {error}") from None
    if not known:
        raise _unusable(source, f"it is no {FORMAT}")
    if head != _signed(head.rpartition(_DIGEST)[0]):
        raise _unusable(source, _CHANGED)
    if found.id != run_id:
        raise InvalidInput(f"{source} holds the run {found.id[:80]}.", f"Name it {found.id}.json.")
    return found


def renamed(data: bytes, name: str, *, source: str, run_id: str) -> bytes:
    """The same run under another name. Raises ``InvalidInput``."""
    head, body = _parted(data, source)
    summary(head, data[-len(END) :], source=source, run_id=run_id)
    stated = _of_head(head)
    del stated["digest"]
    return _joined({**stated, "name": name}, body)


def _joined(head: Mapping[str, Any], body: bytes) -> bytes:
    return _signed(_dumped(head)[:-1]) + _BODY + body + b"\n}\n"


def _signed(head: bytes) -> bytes:
    """The first line of a file from all of it but its digest."""
    return head + _DIGEST + digests.of_bytes(head).encode() + b'"' + _BREAK


def _of_head(head: bytes) -> dict[str, Any]:
    """The first line as JSON values."""
    found: dict[str, Any] = _loaded(head[: -len(_BREAK)] + b"}")
    return found


def _parted(data: bytes, source: str) -> tuple[bytes, bytes]:
    """The first line, and what the run holds."""
    at = data.find(b"\n") + 1
    if not at or not data.startswith(_BODY, at) or not data.endswith(END):
        raise _unusable(source, f"it is no {FORMAT}, or is cut short")
    return data[:at], data[at + len(_BODY) : -len(b"\n}\n")]


def _dumped(value: Any) -> bytes:
    # Floats as Python writes them: read again they are the same to the last bit.
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _loaded(data: bytes) -> Any:
    return json.loads(data, parse_constant=_no_number)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unusable(source: str, why: str) -> InvalidInput:
    return InvalidInput(f"{source} cannot be used: {why[:200]}.", _NEXT_STEP)
