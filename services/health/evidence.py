"""Evidence from the data: stored passages embedded once more, and compared with their stored vectors.

It needs no stamp and believes none. Of the sample, a part is spread evenly and moves with every check, so that in time
each script is looked at; the rest are the scripts that lie farthest from the middle of their section, which is where
vectors of another model lie.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from services.canaries import cosines
from services.model_digest import Stamp
from services.passages import Passage
from services.ports import Embedder
from services.scripts import Record, Vectors, VectorSet
from services.trust import Evidence
from services.vectors import DEFAULT_POLICY, recipe_of

# Scripts of a section that are looked at: all of the demo's, nearly, in half a second by MiniLM.
SAMPLE = 24
_SUSPECTS = 8
# As many once something is wrong, to name the scripts and the share.
WIDE = 400
# Scripts of which a piece of the body is looked at besides the card, which is six times as long.
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
    chosen = {record.script.id: record for record in choose(kept, sample, turn)}
    chosen |= {record.script.id: record for record in kept if record.script.id in again}
    found, passages = _compare(list(chosen.values()), embedder)
    # Where all are off, the rest is taken to be; where some are, each wants its name.
    if found and min(found.values()) < attention <= max(found.values()) and len(found) < min(len(kept), WIDE):
        rest = [record for record in choose(kept, WIDE, turn) if record.script.id not in found]
        more, count = _compare(rest, embedder)
        found, passages = found | more, passages + count
    return Evidence(found, passages, len(kept))


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
    units = _unit(np.stack([_unit(_vectors(record).values).mean(axis=0) for record in records]))
    aside = np.argsort(units @ units.mean(axis=0), kind="stable").tolist()[: count // 2]
    alone = [position for position in np.argsort(_nearest(units), kind="stable").tolist() if position not in aside]
    return [*aside, *alone[: count - len(aside)]]


def _unit(values: Vectors) -> Vectors:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    units: Vectors = (values / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return units


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


def _compare(looked: Sequence[Record], embedder: Embedder) -> tuple[dict[str, float], int]:
    """The worst cosine by script, and how many passages were embedded."""
    stamp = Stamp.of(recipe_of(embedder))
    asked = [item for number, record in enumerate(looked) for item in _asked(record, stamp, body=number < _BODIES)]
    if not asked:
        return {}, 0
    texts = [record.script.passage_text(passage, DEFAULT_POLICY.card) for record, passage, _ in asked]
    fresh = embedder.embed_documents(texts)
    found: dict[str, float] = {}
    for (record, _, stored), now in zip(asked, fresh, strict=True):
        cosine = float(cosines(stored[np.newaxis], now[np.newaxis])[0]) if stored.shape == now.shape else 0.0
        found[record.script.id] = min(cosine, found.get(record.script.id, 1.0))
    return found, len(asked)


def _asked(record: Record, stamp: Stamp, *, body: bool) -> Iterable[tuple[Record, Passage, Vectors]]:
    """Passages of a record that are embedded once more.

    The card, where it was prepared as it would be today; else a piece of the body, for nobody knows the template that
    the card had then. The shortest piece: it is cheapest, and no window cuts it.
    """
    vectors = _vectors(record)
    pairs = list(zip(vectors.passages, vectors.values, strict=True))
    same = vectors.stamp.recipe_digest == stamp.recipe_digest
    cards = [pair for pair in pairs if pair[0].kind == "card"] if same else []
    bodies = [pair for pair in pairs if pair[0].kind == "body"]
    if bodies and (body or not cards):
        cards.append(min(bodies, key=lambda pair: pair[0].end - pair[0].start))
    return ((record, passage, values) for passage, values in cards)


def _vectors(record: Record) -> VectorSet:
    assert record.vectors is not None  # noqa: S101  whoever calls has left out those without
    return record.vectors
