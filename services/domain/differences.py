"""What differs between two texts, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Indel

_TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]|\s+")


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


def differences(before: str, after: str) -> list[Piece]:
    """The pieces in reading order: those that are not new give ``before``, those that are not gone give ``after``.

    Compared by words, white space and punctuation, with the longest common subsequence that ``rapidfuzz`` finds.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    return _joined(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            yield Piece(Kind.SAME, "".join(old[step.src_start : step.src_end]))
        else:
            yield Piece(Kind.GONE, "".join(old[step.src_start : step.src_end]))
            yield Piece(Kind.NEW, "".join(new[step.dest_start : step.dest_end]))


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Neighbours of a kind as one piece, empty ones left out."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].kind is piece.kind:
            found[-1] = Piece(piece.kind, found[-1].text + piece.text)
        elif piece.text:
            found.append(piece)
    return found
