"""What became of a script: its versions, who made them, and the bin. Also who works here, for what is kept next."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from services.ground import text

# Who changed the files where nobody here did: an editor, a script, or somebody who was killed before it was noted.
OUTSIDE = "outside"
FOUND = "changes found"
# Of the first commit, where the workspace is older than its history.
FIRST = "the workspace as it was found"
IMPORTING = "importing"
# Of a workspace in somebody else's repository, which is not in its folder.
KEPT_ELSEWHERE = "The history is kept elsewhere."
_EMAIL = "scriptorium@localhost"
DEFAULT_AUTHOR = f"Scriptorium <{_EMAIL}>"
_MAX_NAME = 80
_ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")

_signed: ContextVar[str] = ContextVar("signed", default="")


class What(StrEnum):
    """What a commit did to a script."""

    CREATED = "created"
    IMPORTED = "imported"
    EDITED = "edited"
    MOVED = "moved"
    DELETED = "deleted"
    RESTORED = "restored"
    # Its words are the same; its vectors are of another model, or were missing.
    EMBEDDED = "embedded"
    EMPTIED = "emptied"


@dataclass(frozen=True)
class Version:
    """A script as one commit left it. ``digest`` is the record's, empty where the script was gone afterwards."""

    commit: str
    # In UTC, as ISO 8601.
    time: str
    author: str
    what: What
    digest: str
    path: str
    # Why the commit was made, in a line.
    purpose: str = ""

    @property
    def there(self) -> bool:
        """Whether there is something to read and to bring back."""
        return bool(self.digest)

    @property
    def section(self) -> str:
        """The section that it was in."""
        return self.path.split("/")[1]


@dataclass(frozen=True)
class Commit:
    """One step of the history as a whole."""

    # Its name, as hexadecimal digits.
    commit: str
    # In UTC, as ISO 8601.
    time: str
    # Why it was made, in a line.
    purpose: str = ""
    # How many scripts it changed, brought or took away.
    scripts: int = 0


@dataclass(frozen=True)
class Looked:
    """What a history that may be anybody's tells at a look."""

    # When a script was saved last, in UTC as ISO 8601; empty where it does not tell.
    newest: str = ""
    # Why it is not whole, as a sentence; empty if it is, or if there is none.
    amiss: str = ""


@dataclass(frozen=True)
class Binned:
    """A record in the bin. ``title`` is empty where the record cannot be read."""

    id: str
    title: str
    section: str
    # When it was put there, in UTC.
    time: str
    # Begins the digest of the record.
    digest: str


@dataclass(frozen=True)
class Lost:
    """A script that was deleted outside the workbench: it is in no bin, and its last version is in the history."""

    id: str
    section: str
    # After which it was there last, and what it held then, as the name of a blob.
    commit: str
    blob: str
    # When a commit took note of it, in UTC; empty where none has yet.
    time: str = ""


@dataclass(frozen=True)
class Facts:
    """What tells one state of a record from another: the digests of its bytes, and of what it says."""

    record: str
    content: str


@dataclass(frozen=True)
class Touch:
    """A commit that touched the files of one script: what each path held before and after, as names of blobs."""

    commit: str
    time: str
    author: str
    purpose: str
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


def versions(touches: Sequence[Touch], facts: Callable[[str], Facts]) -> list[Version]:
    """The versions of one script, the newest first, from the commits that touched it, the oldest first.

    ``facts`` reads a blob by its name.
    """
    found: list[Version] = []
    seen: set[str] = set()
    for touch in touches:
        after = _in(touch.after, "records/")
        now = facts(next(iter(after.values()))) if after else Facts("", "")
        what = _what(touch, now, seen, facts)
        if what is not None:
            path = next(iter(after or _in(touch.before, "records/") or touch.before))
            found.append(Version(touch.commit, touch.time, touch.author, what, now.record, path, touch.purpose))
        seen.add(now.content)
    return found[::-1]


def _what(touch: Touch, now: Facts, seen: set[str], facts: Callable[[str], Facts]) -> What | None:
    before, after = _in(touch.before, "records/"), _in(touch.after, "records/")
    left_bin = bool(set(_in(touch.before, "bin/")) - set(touch.after))
    if before and after:
        return _changed(before, after, now, seen, facts)
    if after:
        if left_bin or now.content in seen:
            return What.RESTORED
        return What.IMPORTED if touch.purpose.startswith(IMPORTING) else What.CREATED
    if before:
        return What.DELETED
    # Files of the bin only: an older record that is thrown away, or one that a cut-short move left twice.
    return What.EMPTIED if left_bin else None


def _changed(
    before: Mapping[str, str], after: Mapping[str, str], now: Facts, seen: set[str], facts: Callable[[str], Facts]
) -> What:
    if set(before) != set(after):
        return What.MOVED
    if facts(next(iter(before.values()))).content == now.content:
        return What.EMBEDDED
    return What.RESTORED if now.content in seen else What.EDITED


def _in(paths: Mapping[str, str], folder: str) -> dict[str, str]:
    return {path: blob for path, blob in paths.items() if path.startswith(folder)}


def author(name: str) -> str:
    """A name that somebody typed, as git writes an author: ``Name <address>``; empty where there is no name in it."""
    address = _ADDRESS.search(name)
    bare = re.sub(r"[<>\x00-\x1f]", " ", name[: address.start()] if address else name)
    shown = text.one_line(bare).strip(" .,:;\"'\\")[:_MAX_NAME]
    return f"{shown} <{address[1] if address else _EMAIL}>" if shown else ""


def sign(name: str) -> None:
    """What this thread writes from now on is this person's; with an empty name, whoever's the workbench is."""
    _signed.set(author(name))


@contextlib.contextmanager
def signed(name: str) -> Iterator[None]:
    """What is written within is this person's."""
    token = _signed.set(author(name))
    try:
        yield
    finally:
        _signed.reset(token)


def signature() -> str:
    """Who has signed what this thread writes; empty where nobody has."""
    return _signed.get()
