"""What can be seen of a collection without any model: its vectors and its texts."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from services.domain.inspection import Finding, StoredCollection, StoredRows
from services.domain.words import count
from services.ground import text
from services.inspect.sample import lengths, units

# Lengths within this share of 1 rank by l2 or ip as by cosine, for any difference that can be seen; vectors that were
# kept in half precision or rounded to bytes stay within it.
_UNIT = 0.01
# Mean cosine of all pairs of different vectors from where on distances hardly separate: they then lie within about 0.05
# of each other. Models whose vectors all point one way, such as text-embedding-ada-002, come to 0.75 to 0.85.
BUNCHED = 0.95
_ENOUGH_TO_BUNCH = 10
_EXAMPLES = 5


def normalised(rows: StoredRows) -> bool | None:
    """Whether every vector that has a length has length 1; None where none has."""
    found = lengths(rows.vectors)
    found = found[found > 0]
    return bool((np.abs(found - 1) <= _UNIT).all()) if len(found) else None


def look(collection: StoredCollection, rows: StoredRows) -> list[Finding]:
    """Findings about texts that are missing, vectors, their lengths, duplicates and bunching."""
    some = "" if len(rows.ids) == collection.count else f" Looked at: {len(rows.ids):,} of {collection.count:,} rows."
    found = [*_documents(rows), *_vectors(rows), *_lengths(collection, rows), *_duplicates(rows), *_bunching(rows)]
    return [Finding(f.kind, f"{f.text}{some}", f.attention) for f in found]


def examples(ids: Sequence[str]) -> str:
    """A few of them, by name."""
    return text.named([name[:80] for name in ids], _EXAMPLES)


def _documents(rows: StoredRows) -> Iterable[Finding]:
    bare = [row for row, text in zip(rows.ids, rows.documents, strict=True) if text is None or not text.strip()]
    if len(bare) == len(rows.ids):
        yield Finding("documents", "No row has a document with text in it, so there is nothing to embed again.")
    elif bare:
        yield Finding("documents", f"{count(len(bare), 'row')} without a document: {examples(bare)}.")


def _vectors(rows: StoredRows) -> Iterable[Finding]:
    found = lengths(rows.vectors)
    for wrong, what in ((np.isnan(found), "a vector, or with one that is not all finite numbers"), (found == 0, "")):
        ids = [row for row, is_wrong in zip(rows.ids, wrong, strict=True) if is_wrong]
        if ids:
            said = f"without {what}" if what else "whose vector is zero throughout"
            text = f"{count(len(ids), 'row')} {said}, which no question finds for a reason: {examples(ids)}."
            yield Finding("vectors", text, attention=True)


def _lengths(collection: StoredCollection, rows: StoredRows) -> Iterable[Finding]:
    found, unit = lengths(rows.vectors), normalised(rows)
    found = found[found > 0]
    if unit is None:
        return
    if unit:
        yield Finding("length", "All vectors have unit length: l2, ip and cosine rank alike.")
        return
    span = f"Vectors are not of unit length ({found.min():.4g} to {found.max():.4g})"
    if collection.distance in {"l2", "ip"}:
        text = f"{span}, and the distance is {collection.distance}: it ranks by length as well as by direction."
        yield Finding("length", text, attention=True)
    elif collection.distance == "cosine":
        yield Finding("length", f"{span}; cosine, the distance here, does not mind.")
    else:
        yield Finding("length", f"{span}: ask with cosine, since l2 and ip would rank by length as well.")


def _duplicates(rows: StoredRows) -> Iterable[Finding]:
    texts = _groups((text.strip() if text and text.strip() else None) for text in rows.documents)
    if texts:
        yield Finding("duplicates", f"{_repeats(texts, rows)} the text of another: {_pairs(texts, rows)}.")
    found = lengths(rows.vectors)
    vectors = _groups(v.tobytes() if size > 0 else None for v, size in zip(rows.vectors, found, strict=True))
    if vectors:
        apart = [group for group in vectors if len({rows.documents[p] for p in group}) > 1]
        told = f" Of {len(apart):,} such groups the texts differ: {_pairs(apart, rows)}." if apart else ""
        text = f"{_repeats(vectors, rows)} the vector of another: {_pairs(vectors, rows)}.{told}"
        yield Finding("duplicates", text)


def _groups(values: Iterable[Hashable | None]) -> list[list[int]]:
    """Positions of equal values, where there are several; None equals nothing."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for position, value in enumerate(values):
        if value is not None:
            found[value].append(position)
    return [group for group in found.values() if len(group) > 1]


def _repeats(groups: Sequence[Sequence[int]], rows: StoredRows) -> str:
    repeating = sum(len(group) - 1 for group in groups)
    share = repeating / len(rows.ids)
    return f"{count(repeating, 'row')} ({share:.1%}) {'repeats' if repeating == 1 else 'repeat'}"


def _pairs(groups: Sequence[Sequence[int]], rows: StoredRows) -> str:
    return examples([" = ".join(rows.ids[p][:80] for p in group[:2]) for group in groups])


def _bunching(rows: StoredRows) -> Iterable[Finding]:
    mean = mean_cosine(rows)
    if mean is not None and mean > BUNCHED:
        text = (
            f"The vectors are bunched: the mean cosine of two different ones is {mean:.3f}, so that distances hardly "
            "tell one document from another."
        )
        yield Finding("bunching", text, attention=True)


def mean_cosine(rows: StoredRows) -> float | None:
    """The mean cosine over all pairs of different vectors; None where there are too few.

    Of unit vectors u it is (|sum of u|^2 - n) / (n (n - 1)).
    """
    sound = rows.vectors[lengths(rows.vectors) > 0]
    if len(sound) < _ENOUGH_TO_BUNCH:
        return None
    directions = units(np.unique(sound, axis=0)).astype(np.float64)
    n = len(directions)
    if n < _ENOUGH_TO_BUNCH:
        return None
    total = directions.sum(axis=0)
    return float((total @ total - n) / (n * (n - 1)))
