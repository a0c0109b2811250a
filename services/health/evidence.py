"""Evidence from the data: stored passages embedded once more, and compared with their stored vectors.

It needs no stamp and believes none. Of the sample, a part is spread evenly and moves with every check, so that in time
each script is looked at; the rest are the scripts that lie farthest from the middle of their section, which is where
vectors of another model lie.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.domain.canaries import cosines
from services.domain.directions import centroid, unit
from services.domain.model_digest import Stamp
from services.domain.passages import Passage
from services.domain.scripts import Record, Vectors, VectorSet
from services.domain.trust import Evidence
from services.ports import Embedder
from services.vectors import DEFAULT_POLICY, recipe_of

# Scripts of a section that are looked at: all of the demo's, nearly, in half a second by MiniLM.
SAMPLE = 24
_SUSPECTS = 8
# As many once something is wrong, to name the scripts and the share.
WIDE = 400
# Pieces of bodies that are looked at besides the cards: those farthest from the middle of the section, and some spread
# evenly. Few, for one takes as long as six cards.
_ODD = 4
_BODIES = 2
# Scripts among which a neighbour is looked for; a block of similarities is then at most 8 MB.
_NEIGHBOURS = 2000
_BLOCK = 1000


def gather(  # noqa: PLR0913  what is looked at, by whom, and how much of it
    records: Sequence[Record],
    embedder: Embedder,
    *,
    turn: int = 0,
    attention: float,
    sample: int = SAMPLE,
    again: Collection[str] = (),
) -> Evidence:
    """Embed a sample of the passages of these records, which carry one stamp, and compare.

    ``turn`` moves the evenly spread part. ``again`` are scripts that are looked at whatever the sample is: what was
    found once must not be lost because the next check looks elsewhere. Where a cosine is below ``attention``, more
    scripts are looked at.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    kept = [record for record in records if record.vectors is not None]
    stamp = Stamp.of(recipe_of(embedder))
    chosen = {record.script.id: record for record in choose(kept, sample, turn)}
    chosen |= {record.script.id: record for record in kept if record.script.id in again}
    found = _compare([*_first(chosen.values(), stamp), *_bodies(kept, stamp, turn)], embedder)
    worst = found.by_script()
    # Where all are off, the rest is taken to be; where some are, each wants its name.
    if worst and min(worst.values()) < attention <= max(worst.values()):
        rest = [record for record in choose(kept, WIDE, turn) if record.script.id not in chosen]
        more = list(_first(rest, stamp))
        if any(piece.kind == "body" and cosine < attention for piece, cosine in found):
            wide = {record.script.id: record for record in (*chosen.values(), *rest)}
            more += _oddest(wide.values())
        found = _Found([*found, *_compare([piece for piece in more if piece not in found.pieces], embedder)])
    return Evidence(found.by_script(), len(found), len(kept))


def choose(records: Sequence[Record], sample: int, turn: int) -> list[Record]:
    """The records to look at: all where there are no more, else the suspects and an evenly spread part."""
    if len(records) <= sample:
        return list(records)
    suspects = set(_suspects(records, min(_SUSPECTS, sample // 3)))
    others = [position for position in range(len(records)) if position not in suspects]
    stride = len(others) / (sample - len(suspects))
    spread = {others[int(number * stride + turn) % len(others)] for number in range(sample - len(suspects))}
    return [records[position] for position in sorted(spread | suspects)]


def _suspects(records: Sequence[Record], count: int) -> Iterable[int]:
    """Positions of the records that point away from the middle of the section, or are alone in it.

    Where the scripts are of many topics, some of them are as far from the middle as vectors of another model; but
    those have a neighbour.
    """
    widths = {_vectors(record).values.shape[1] for record in records}
    if len(widths) > 1:
        return []
    units = unit(np.stack([centroid(_vectors(record).values) for record in records]))
    aside = np.argsort(units @ units.mean(axis=0), kind="stable").tolist()[: count // 2]
    alone = [position for position in np.argsort(_nearest(units), kind="stable").tolist() if position not in aside]
    return [*aside, *alone[: count - len(aside)]]


def _nearest(units: Vectors) -> Vectors:
    """``float32[n]``: the cosine of each row with the nearest other one; of many, of an evenly spread part."""
    stride = -(-len(units) // _NEIGHBOURS)
    others = units[::stride]
    found = []
    for start in range(0, len(units), _BLOCK):
        cosine = units[start : start + _BLOCK] @ others.T
        own = [row for row in range(len(cosine)) if (start + row) % stride == 0]
        cosine[own, [(start + row) // stride for row in own]] = -1
        found.append(cosine.max(axis=1))
    nearest: Vectors = np.concatenate(found)
    return nearest


@dataclass(frozen=True)
class _Piece:
    """A passage of a record, by its place among the record's passages."""

    record: Record
    number: int

    @property
    def kind(self) -> str:
        return self._passage.kind

    @property
    def text(self) -> str:
        return self.record.script.passage_text(self._passage, DEFAULT_POLICY.card)

    @property
    def stored(self) -> Vectors:
        values: Vectors = _vectors(self.record).values[self.number]
        return values

    @property
    def _passage(self) -> Passage:
        return _vectors(self.record).passages[self.number]


class _Found(list[tuple[_Piece, float]]):
    """Pieces with the cosine of their stored vector and today's."""

    @property
    def pieces(self) -> list[_Piece]:
        return [piece for piece, _ in self]

    def by_script(self) -> dict[str, float]:
        worst: dict[str, float] = {}
        for piece, cosine in self:
            script = piece.record.script.id
            worst[script] = min(cosine, worst.get(script, 1.0))
        return worst


def _compare(pieces: Iterable[_Piece], embedder: Embedder) -> _Found:
    asked = list(dict.fromkeys(pieces))
    if not asked:
        return _Found()
    found = _Found()
    for piece, now in zip(asked, embedder.embed_documents([piece.text for piece in asked]), strict=True):
        stored = piece.stored
        cosine = float(cosines(stored[np.newaxis], now[np.newaxis])[0]) if stored.shape == now.shape else 0.0
        found.append((piece, cosine))
    return found


def _first(records: Iterable[Record], stamp: Stamp) -> Iterable[_Piece]:
    """The piece of each record that is looked at in any case.

    The card, where it was prepared as it would be today; else a piece of the body, for nobody knows the template that
    the card had then. The shortest piece: it is cheapest, and no window cuts it.
    """
    for record in records:
        passages = _vectors(record).passages
        kind = "card" if _vectors(record).stamp.recipe_digest == stamp.recipe_digest else "body"
        numbers = [n for n, passage in enumerate(passages) if passage.kind == kind]
        if numbers:
            yield _Piece(record, min(numbers, key=lambda n: passages[n].end - passages[n].start))


def _bodies(records: Sequence[Record], stamp: Stamp, turn: int) -> list[_Piece]:
    """Pieces of bodies, for a card may be right where a body is not. Of another recipe, a window may have cut them."""
    same = [record for record in records if _vectors(record).stamp.recipe_digest == stamp.recipe_digest]
    odd = _oddest(same)[:_ODD]
    pieces = _all_bodies(same)
    stride = len(pieces) / _BODIES
    return [*odd, *(pieces[int(number * stride + turn) % len(pieces)] for number in range(_BODIES) if pieces)]


def _oddest(records: Iterable[Record]) -> list[_Piece]:
    """Of each record the body passage farthest from the middle of all of them, the farthest of all first."""
    pieces = _all_bodies(records)
    if not pieces or len({piece.stored.shape for piece in pieces}) > 1:
        return []
    units = unit(np.stack([piece.stored for piece in pieces]))
    order = np.argsort(units @ units.mean(axis=0), kind="stable")
    first: dict[str, _Piece] = {}
    for position in order.tolist():
        first.setdefault(pieces[position].record.script.id, pieces[position])
    return list(first.values())


def _all_bodies(records: Iterable[Record]) -> list[_Piece]:
    return [_Piece(r, n) for r in records for n, passage in enumerate(_vectors(r).passages) if passage.kind == "body"]


def _vectors(record: Record) -> VectorSet:
    assert record.vectors is not None  # noqa: S101  whoever calls has left out those without
    return record.vectors
