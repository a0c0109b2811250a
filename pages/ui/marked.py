"""Two versions of a text as one, with what is gone and what is new marked: escaped, and not by colour alone."""

import html
import re
from collections.abc import Iterable, Sequence

import streamlit as st

from pages.ui import palette
from services.domain.differences import Kind, Piece, Pieces

# Characters that are not seen, or that turn the words around them: their numbers are shown instead.
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_WORD = re.compile(r"\S+\s*")
_FONT = "'Source Serif','Source Serif 4',Georgia,serif"
# Underlined or struck through: blue and orange alone would not tell everybody.
_LIGHT = {Kind.NEW: "#DCEBF7", Kind.GONE: "#FBE6CC"}
_DARK = {Kind.NEW: "#1D4460", Kind.GONE: "#5B3D14"}
_LINES = {Kind.NEW: "underline", Kind.GONE: "line-through"}
_TAGS = {Kind.NEW: "ins", Kind.GONE: "del"}
# Of a stretch that is in one text only, so many words are shown at either end where what is the same is shortened too.
_LONG = 200
_COARSE = "These texts are so long that some stretches are marked whole, and not word by word."


def marked(pieces: Sequence[Piece], *, around: int | None = None) -> None:
    """Draw the pieces in reading order; what is gone is struck through, what is new underlined.

    ``around`` leaves out what is the same further than so many words from a difference; None shows everything.
    """
    shown = _gone_first(pieces if around is None else list(_near(pieces, around)))
    _draw(
        [
            _drawn(piece, _TAGS[piece.kind], _LINES[piece.kind]) if piece.kind in _TAGS else _same(piece)
            for piece in shown
        ]
    )
    _warn(pieces)


def side(pieces: Sequence[Piece], kind: Kind, *, around: int | None = None) -> None:
    """Draw one of two texts that stand beside each other, with the words that only it has underlined.

    ``kind`` is GONE for the first of the two, NEW for the second; ``around`` as above.
    """
    shown = pieces if around is None else list(_near(pieces, around))
    ours = (piece for piece in shown if piece.kind in (Kind.SAME, kind))
    _draw([_drawn(piece, "mark", "underline") if piece.kind is kind else _same(piece) for piece in ours])
    _warn(pieces)


def _draw(parts: Iterable[str]) -> None:
    st.html(
        f'<div style="font-family:{_FONT};line-height:1.6;max-width:68ch;white-space:pre-wrap;overflow-wrap:anywhere">'
        f"{''.join(parts)}</div>"
    )


def _warn(pieces: Sequence[Piece]) -> None:
    if isinstance(pieces, Pieces) and not pieces.whole:
        st.caption(_COARSE)


def _same(piece: Piece) -> str:
    return html.escape(_seen(piece.text))


def _drawn(piece: Piece, tag: str, line: str) -> str:
    text = _seen(piece.text)
    # A line that came or went is seen by its mark.
    text = html.escape(text).replace("\n", "¶\n") if not text.strip() else html.escape(text)
    colour = (_DARK if palette.is_dark() else _LIGHT)[piece.kind]
    style = f"background:{colour};text-decoration:{line};border-radius:2px;margin:0 1px;color:inherit"
    return f'<{tag} style="{style}">{text}</{tag}>'


def _seen(text: str) -> str:
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def _gone_first(pieces: Sequence[Piece]) -> list[Piece]:
    """What is gone stands before what came in its place."""
    ordered: list[Piece] = []
    for piece in pieces:
        if piece.kind is Kind.GONE and ordered and ordered[-1].kind is Kind.NEW:
            ordered.insert(len(ordered) - 1, piece)
        else:
            ordered.append(piece)
    return ordered


def _near(pieces: Sequence[Piece], around: int) -> Iterable[Piece]:
    last = len(pieces) - 1
    for place, piece in enumerate(pieces):
        if piece.kind is not Kind.SAME:
            yield Piece(piece.kind, _shortened(piece.text, _LONG, first=False, last=False))
            continue
        yield Piece(Kind.SAME, _shortened(piece.text, around, first=place == 0, last=place == last))


def _shortened(text: str, around: int, *, first: bool, last: bool) -> str:
    """The words behind the difference before, and those before the next one."""
    words = _WORD.findall(text)
    lead = text[: len(text) - len(text.lstrip())]
    before, after = (0 if first else around), (0 if last else around)
    if len(words) <= before + after:
        return text
    head = lead + "".join(words[:before]) if before else ""
    return f"{head}… {''.join(words[len(words) - after :]) if after else ''}"
