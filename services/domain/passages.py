"""Which pieces of a script are embedded: one card, and body passages no longer than what the model reads.

Long scripts lose most of their text to a model's window; a script is then as near as its nearest passage.
Cutting happens at paragraph and sentence ends, with whole sentences repeated as overlap.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

PassageKind = Literal["card", "body"]
CountTokens = Callable[[Sequence[str]], list[int]]

# A run of full stops is tried once, at its beginning or just behind the sentence's first character: trying it again at
# each of its characters would take minutes on a page full of them.
_END = r"""[.!?…]++["'”\u2019)\]]*+(?=\s)"""
_SENTENCE = re.compile(rf"\S(?:(?<=[.!?…]){_END}|.*?(?:(?<![.!?…]){_END}|\n\s*\n|\Z))", re.DOTALL)
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Passage:
    """A piece of a script: the card, or the characters ``text[start:end]`` of its body."""

    kind: PassageKind
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class PassagePolicy:
    """How a script becomes passages. Part of the recipe digest: change ``version`` when the cutting itself changes.

    ``max_tokens`` is never more than the model reads, its special tokens not counted.
    """

    max_tokens: int = 256
    overlap_tokens: int = 32
    card: str = "{title}. {situation} {focus_areas}"
    version: int = 1


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int
    tokens: int


def cut(text: str, policy: PassagePolicy, count_tokens: CountTokens) -> tuple[Passage, ...]:
    """The passages of a script with this body: its card first, then the body in reading order.

    ``count_tokens`` counts a model's tokens, its special tokens not among them.
    """
    limit = policy.max_tokens
    pieces = list(_pieces(text, limit, count_tokens))
    spans = _pack(pieces, limit, policy.overlap_tokens)
    return (Passage("card"), *(Passage("body", start, end) for start, end in spans))


def _pieces(text: str, limit: int, count_tokens: CountTokens) -> Iterator[_Piece]:
    """Sentences, and for a sentence longer than the limit the runs of its words, each with its tokens."""
    spans = [(m.start(), m.start() + len(m.group().rstrip())) for m in _SENTENCE.finditer(text)]
    for (start, end), tokens in zip(spans, count_tokens([text[a:b] for a, b in spans]), strict=True):
        if tokens <= limit:
            yield _Piece(start, end, tokens)
        else:
            yield from _words(text, start, end, limit, count_tokens)


def _words(text: str, start: int, end: int, limit: int, count_tokens: CountTokens) -> Iterator[_Piece]:
    spans = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    for (a, b), tokens in zip(spans, count_tokens([text[a:b] for a, b in spans]), strict=True):
        if tokens <= limit:
            yield _Piece(a, b, tokens)
        else:
            yield from _halves(text, a, b, limit, count_tokens)


def _halves(text: str, start: int, end: int, limit: int, count_tokens: CountTokens) -> Iterator[_Piece]:
    """A run of characters without a space, halved until each part fits."""
    tokens = count_tokens([text[start:end]])[0]
    if tokens <= limit or end - start <= 1:
        yield _Piece(start, end, min(tokens, limit))
        return
    middle = (start + end) // 2
    yield from _halves(text, start, middle, limit, count_tokens)
    yield from _halves(text, middle, end, limit, count_tokens)


def _pack(pieces: list[_Piece], limit: int, overlap: int) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(pieces):
        last, total = first, pieces[first].tokens
        while last + 1 < len(pieces) and total + pieces[last + 1].tokens <= limit:
            last += 1
            total += pieces[last].tokens
        yield pieces[first].start, pieces[last].end
        first = _next_first(pieces, first, last, limit, overlap)


def _next_first(pieces: list[_Piece], first: int, last: int, limit: int, overlap: int) -> int:
    """Where the next passage begins: as many whole pieces back as fit the overlap, and leave room for the next one."""
    begin = last + 1
    if begin >= len(pieces):
        return begin
    repeated = 0
    while begin - 1 > first:
        candidate = repeated + pieces[begin - 1].tokens
        if candidate > overlap or candidate + pieces[last + 1].tokens > limit:
            break
        repeated = candidate
        begin -= 1
    return begin
