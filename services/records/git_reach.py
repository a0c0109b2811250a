"""Whether a history is whole: every commit behind the last one, the lists of files in them, and every text."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from dulwich.objects import Blob, Commit, ObjectID, Tree

from services.records.git_stored import Stored, damaged

_COMMIT = re.compile(rb"tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)")
_ENTRY = re.compile(rb"([0-7]{5,6}) [^\0/]+\0(.{20})", re.DOTALL)
_FOLDER, _SUBMODULE = (b"40000", b"040000"), b"160000"
# Objects, of which an ordinary save makes four, and bytes of commits and lists: a minute or two, two hundred megabytes.
MOST_OBJECTS, MOST_BYTES = 400_000, 16 << 30


def reached(stored: Stored, head: ObjectID, shallow: frozenset[ObjectID] = frozenset()) -> Iterator[ObjectID]:
    """Every object that a commit leads to, itself first; parents of ``shallow`` commits are known to be elsewhere.

    Raises:
        KeyError: one of them is not there.
        StorageFailed: one is damaged or too large, or there are too many to look at.
    """
    waiting, seen, held = [(head, Commit.type_name)], {bytes.fromhex(head.decode())}, 0
    while waiting:
        name, kind = waiting.pop()
        found, data = (stored.kind(name), b"") if kind == Blob.type_name else stored.read(name)
        held += len(data)
        if found != kind or (data and _name(found, data) != name):
            raise damaged(f"{name.decode()[:8]} in it is damaged")
        if len(seen) > MOST_OBJECTS or held > MOST_BYTES:
            raise damaged("it is too long to be looked through")
        yield name
        for raw, of in _led_to(data, kind, cut=name in shallow):
            if raw not in seen:
                seen.add(raw)
                waiting.append((ObjectID(raw.hex().encode()), of))


def _led_to(data: bytes, kind: bytes, *, cut: bool) -> Iterator[tuple[bytes, bytes]]:
    """The raw names of what an object names, and what each has to be."""
    if kind == Commit.type_name:
        found = _COMMIT.match(data)
        if found is None:
            raise damaged("a commit in it is damaged")
        yield bytes.fromhex(found[1].decode()), Tree.type_name
        if not cut:
            for line in found[2].split(b"\n")[:-1]:
                yield bytes.fromhex(line[7:].decode()), Commit.type_name
    elif kind == Tree.type_name:
        # The last byte before the name ends what is told of an entry: nothing may stand between two of them.
        place = 0
        for entry in _ENTRY.finditer(data):
            if entry.start() != place:
                break
            place = entry.end()
            if entry[1] != _SUBMODULE:
                yield entry[2], Tree.type_name if entry[1] in _FOLDER else Blob.type_name
        if place != len(data):
            raise damaged("the list of a folder in it is damaged")


def _name(kind: bytes, data: bytes) -> bytes:
    header = kind + b" " + str(len(data)).encode() + b"\0"
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest().encode()


def shallow(control: Path) -> frozenset[ObjectID]:
    """The commits of a clone whose parents were left where it is from."""
    try:
        return frozenset(map(ObjectID, (control / "shallow").read_bytes().split()))
    except FileNotFoundError:
        return frozenset()
