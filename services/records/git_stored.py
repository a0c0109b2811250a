"""git's objects as they are stored, read without believing them: none is inflated before its stated size was looked at.

A backup may come from anybody, and two thousand bytes can state a commit of a gigabyte. The formats are git's own:
https://git-scm.com/docs/gitformat-pack
"""

import contextlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from dulwich.errors import ApplyDeltaError
from dulwich.object_format import SHA1
from dulwich.objects import Blob, Commit, ObjectID, Tag, Tree
from dulwich.pack import PackIndex, apply_delta, load_pack_index

from services.errors import StorageFailed

# Bytes. A commit, or the list of a folder with a hundred thousand files; and a record with its vectors.
MOST_TREE, MOST_BLOB = 8 << 20, 64 << 20
_KINDS = {kind.type_num: kind.type_name for kind in (Commit, Tree, Blob, Tag)}
_OFFSET_DELTA, _NAMED_DELTA = 6, 7
# git makes chains of at most 4,095; the kind, the size and where the base is take far less than this.
_MOST_CHAIN, _HEADER, _PIECE = 4_096, 64, 1 << 16
_NEXT = "The scripts themselves are unharmed. See what git says: git fsck, in the folder of the workspace."


def too_large() -> StorageFailed:
    """What is said of an object that no workspace can have made."""
    return StorageFailed("The history cannot be read: something in it is larger than any script can be.", _NEXT)


def damaged(why: str) -> StorageFailed:
    """What is said of an object that is none."""
    return StorageFailed(f"The history cannot be read: {why}.", _NEXT)


def check(kind: bytes, size: int) -> None:
    """Raise ``StorageFailed`` for an object that is too large for its kind."""
    if size > (MOST_BLOB if kind == Blob.type_name else MOST_TREE):
        raise too_large()


def loose(path: Path) -> tuple[bytes, bytes]:
    """The kind and the content of an object in a file of its own. Raises ``FileNotFoundError``, ``StorageFailed``."""
    with path.open("rb") as file:
        return _loose(file, whole=True)


def _loose(file: IO[bytes], *, whole: bool) -> tuple[bytes, bytes]:
    try:
        inflater = zlib.decompressobj()
        kind, _, rest = inflater.decompress(file.read(_PIECE), _HEADER).partition(b" ")
        stated, end, begun = rest.partition(b"\0")
        if kind not in _KINDS.values() or not end or not stated.isdigit():
            raise damaged("something in it is damaged")
        check(kind, int(stated))
        if not whole:
            return kind, b""
        return kind, _inflated(inflater, inflater.unconsumed_tail, file, int(stated), begun)
    except (zlib.error, ValueError) as error:
        raise damaged(f"something in it is damaged ({error})") from error


def _inflated(inflater: "zlib._Decompress", data: bytes, file: IO[bytes], size: int, begun: bytes = b"") -> bytes:
    """Exactly ``size`` bytes, of which ``begun`` are there already; never more than one beyond is made."""
    found = bytearray(begun)
    while not inflater.eof and len(found) <= size:
        data = data or file.read(_PIECE)
        if not data:
            break
        found += inflater.decompress(data, size + 1 - len(found))
        data = inflater.unconsumed_tail
    if len(found) != size:
        raise damaged("something in it has not the size that it states")
    return bytes(found)


class Stored:
    """The objects in some folders of objects, the first of which is the repository's own. To be closed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._open = contextlib.ExitStack()
        self._packs = [pack for folder in folders for pack in self._found(folder / "pack")]
        # The kind of what was looked at in the packs and found small enough, by pack and place.
        self._small = dict[tuple[int, int], bytes]()

    def __enter__(self) -> Self:
        """The objects themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every file."""
        self._open.close()

    def __contains__(self, name: ObjectID) -> bool:
        """Whether it is there, whatever it is."""
        return any(True for _ in self._loose(name)) or any(_holds(index, name) for index, _ in self._packs)

    def kind(self, name: ObjectID) -> bytes:
        """What an object is, where it and whatever it is made from are small enough.

        Raises ``KeyError`` where it is not there, ``StorageFailed`` where it is damaged or too large.
        """
        for file in self._loose(name):
            return _loose(file, whole=False)[0]
        return self._packed(name, whole=False)[0]

    def read(self, name: ObjectID) -> tuple[bytes, bytes]:
        """The kind and the content of an object. Raises as ``kind`` does."""
        for file in self._loose(name):
            return _loose(file, whole=True)
        return self._packed(name, whole=True)

    def _loose(self, name: ObjectID) -> Iterator[IO[bytes]]:
        spelled = name.decode("ascii")
        for folder in self._folders:
            with contextlib.suppress(FileNotFoundError), (folder / spelled[:2] / spelled[2:]).open("rb") as file:
                yield file

    def _found(self, folder: Path) -> Iterator[tuple[PackIndex, IO[bytes]]]:
        for path in sorted(folder.glob("pack-*.idx")):
            if path.with_suffix(".pack").exists():
                index = load_pack_index(path, SHA1)
                self._open.callback(index.close)
                yield index, self._open.enter_context(path.with_suffix(".pack").open("rb"))

    def _packed(self, name: ObjectID, *, whole: bool) -> tuple[bytes, bytes]:
        for number, (index, _) in enumerate(self._packs):
            try:
                place = index.object_offset(name)
            except KeyError:
                continue
            try:
                return self._resolved(number, place, whole=whole)
            except (zlib.error, IndexError, OverflowError, OSError) as error:
                raise damaged(f"something in it is damaged ({error})") from error
        raise KeyError(name)

    def _resolved(self, number: int, place: int, *, whole: bool) -> tuple[bytes, bytes]:
        """An object of a pack, made from the one that it is stated to differ from, and so on."""
        deltas, sizes, known = list[bytes](), [0], b""
        passed = list[tuple[int, int]]()
        while not known:
            entry = _Entry(self._packs[number][1], place)
            passed.append((number, place))
            if entry.kind not in (_OFFSET_DELTA, _NAMED_DELTA):
                break
            if entry.size + sum(map(len, deltas)) > MOST_BLOB or len(deltas) >= _MOST_CHAIN:
                raise too_large()
            deltas.append(entry.read())
            sizes += _stated(deltas[-1])
            place = self._base(number, entry)
            known = b"" if whole else self._small.get((number, place), b"")
        if not known and entry.kind not in _KINDS:
            raise damaged("something in it is of no kind that git knows")
        kind = known or _KINDS[entry.kind]
        check(kind, max(*sizes, 0 if known else entry.size))
        self._small |= dict.fromkeys(passed, kind)
        return kind, _made(entry.read(), deltas) if whole else b""

    def _base(self, number: int, entry: "_Entry") -> int:
        if entry.kind == _NAMED_DELTA:
            return self._packs[number][0].object_offset(ObjectID(entry.base.hex().encode()))
        if not 0 < entry.back <= entry.place:
            raise damaged("something in it is damaged")
        return entry.place - entry.back


class _Entry:
    """One entry of a pack: what it is, how large it is when inflated, and what it differs from."""

    def __init__(self, file: IO[bytes], place: int) -> None:
        file.seek(place)
        head = file.read(_HEADER)
        self._file, self.place, self.base, self.back = file, place, b"", 0
        self.kind, self.size = head[0] >> 4 & 7, head[0] & 15
        at, shift = 1, 4
        while head[at - 1] & 128:
            self.size |= (head[at] & 127) << shift
            at, shift = at + 1, shift + 7
        if self.kind == _NAMED_DELTA:
            self.base, at = head[at : at + 20], at + 20
        elif self.kind == _OFFSET_DELTA:
            self.back, at = head[at] & 127, at + 1
            while head[at - 1] & 128:
                self.back, at = (self.back + 1 << 7) | head[at] & 127, at + 1
        self._start = place + at

    def read(self) -> bytes:
        """Its content, inflated."""
        if self.size > MOST_BLOB:
            raise too_large()
        self._file.seek(self._start)
        return _inflated(zlib.decompressobj(), b"", self._file, self.size)


def _holds(index: PackIndex, name: ObjectID) -> bool:
    try:
        index.object_offset(name)
    except KeyError:
        return False
    return True


def _stated(delta: bytes) -> tuple[int, int]:
    """The sizes of what a delta is applied to and of what it makes."""
    sizes, at = [0, 0], 0
    for which in range(2):
        shift = 0
        while True:
            sizes[which] |= (delta[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if not delta[at - 1] & 128:
                break
    return sizes[0], sizes[1]


def _made(content: bytes, deltas: Sequence[bytes]) -> bytes:
    for delta in reversed(deltas):
        try:
            content = b"".join(apply_delta(content, delta))
        except ApplyDeltaError as error:
            raise damaged(f"something in it is damaged ({error})") from error
    return content
