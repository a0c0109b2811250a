"""What differs between two texts, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.domain.aligned import Aligned, aligned

_TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]|\s+")
# Words and what stands between them that are a fixed point of long texts: five words or so.
_RUN = 9


class Kind(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is in both texts, in the first only, or in the second only."""

    kind: Kind
    text: str


class Pieces(list[Piece]):
    """Pieces in reading order. ``whole``: word by word throughout; else some stretches were too long for that."""

    whole: bool = True


def differences(before: str, after: str) -> Pieces:
    """The pieces in reading order: those that are not new give ``before``, those that are not gone give ``after``.

    Compared by words, white space and punctuation. Of very long texts some stretches may stand as gone and as new
    though they have words in common, which ``whole`` tells; see ``aligned``.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    found = aligned(old, new, run=_RUN)
    pieces = Pieces(_pieces(old, new, found))
    pieces.whole = found.whole
    return pieces


def _pieces(old: list[str], new: list[str], found: Aligned) -> Iterator[Piece]:
    a = b = 0
    for start, other, length in (*found.blocks, (len(old), len(new), 0)):
        stretches = (
            (Kind.GONE, old[a:start]),
            (Kind.NEW, new[b:other]),
            (Kind.SAME, old[start : start + length]),
        )
        yield from (Piece(kind, "".join(units)) for kind, units in stretches if units)
        a, b = start + length, other + length
