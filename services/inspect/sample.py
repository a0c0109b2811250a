"""Which rows of a stranger's collection are embedded again."""

from collections.abc import Sequence

import numpy as np

from services.domain.inspection import StoredRows
from services.domain.scripts import Vectors

# One in so many of a sample lies farthest from the middle of the collection: there, vectors of another model lie.
_SUSPECTS = 3


def lengths(vectors: Vectors) -> Vectors:
    """``float64[n]``: the length of each vector; NaN where one is missing or has a component that is no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.linalg.norm(vectors.astype(np.float64), axis=1)
    found[~np.isfinite(found)] = np.nan
    result: Vectors = found
    return result


def comparable(rows: StoredRows) -> list[int]:
    """Positions of rows with a text and a vector that has a direction."""
    sound = lengths(rows.vectors) > 0
    return [i for i, text in enumerate(rows.documents) if sound[i] and text is not None and text.strip()]


def units(vectors: Vectors) -> Vectors:
    """The rows at unit length, as ``float32[n, d]``; for rows that have a direction."""
    made: Vectors = (vectors / lengths(vectors)[:, np.newaxis]).astype(np.float32)
    return made


def choose(rows: StoredRows, positions: Sequence[int], sample: int) -> list[int]:
    """Rows to look at first: spread evenly over ``positions``, and among them the suspects."""
    suspects = _farthest(rows, positions, sample // _SUSPECTS if len(positions) > sample else 0)
    return sorted({*spread(rows, [p for p in positions if p not in suspects], sample - len(suspects)), *suspects})


def spread(rows: StoredRows, positions: Sequence[int], sample: int) -> list[int]:
    """Rows spread evenly: of each of ``sample`` runs of neighbours the shortest text, one not yet taken if there is.

    Short ones, because where a model cuts a long one differs from tool to tool.
    """
    if len(positions) <= sample:
        return list(positions)
    chosen: list[int] = []
    seen: set[str] = set()
    for number in range(sample):
        run = positions[number * len(positions) // sample : (number + 1) * len(positions) // sample]
        best = min(run, key=lambda p: (_text(rows, p) in seen, len(_text(rows, p))))
        seen.add(_text(rows, best))
        chosen.append(best)
    return chosen


def _farthest(rows: StoredRows, positions: Sequence[int], count: int) -> set[int]:
    if not count:
        return set()
    directions = units(rows.vectors[list(positions)])
    order = np.argsort(directions @ directions.mean(axis=0), kind="stable")
    return {positions[i] for i in order[:count]}


def _text(rows: StoredRows, position: int) -> str:
    return rows.documents[position] or ""
