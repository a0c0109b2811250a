"""``inspect``: which model made the vectors of a store that somebody else built?"""

import argparse
from collections.abc import Iterator

from services.cli.output import Output, shorten, table
from services.cli.workspace import open_workbench
from services.domain.inspection import CollectionInspection, Inspection, Origin, portion
from services.domain.words import state

_WIDTH = 40


def run(args: argparse.Namespace, out: Output) -> int:
    """Inspect; 1 where something wants attention."""
    with open_workbench(args) as workbench:
        inspection = workbench.inspect(args.target, args.sample, out.progress)
    out.answer(inspection.as_json(), _lines(inspection))
    return 1 if inspection.attention else 0


def _lines(inspection: Inspection) -> Iterator[str]:
    yield inspection.verdict
    if not inspection.collections:
        return
    yield ""
    header = ("collection", "state", "rows", "dimensions", "distance", "unit length", "embedded by", "lowest cosine")
    yield from table(header, [_row(c) for c in inspection.collections], right=(2, 3, 7))
    for collection in inspection.collections:
        for finding in collection.findings:
            yield f"{collection.name}: {finding.text}"


def _row(collection: CollectionInspection) -> tuple[str, ...]:
    empty = collection.origin is Origin.EMPTY
    length = {True: "yes", False: "no", None: ""}[collection.normalised]
    return (
        shorten(collection.name, _WIDTH),
        "empty" if empty else state(collection.state),
        f"{collection.documents:,}",
        f"{collection.dimensions:,}",
        collection.distance,
        length,
        _maker(collection),
        ", ".join(f"{name} {cosine:.4f}" for name, cosine in collection.matches.items()),
    )


def _maker(collection: CollectionInspection) -> str:
    if collection.origin is Origin.MIXED:
        return f"{collection.model} ({portion(collection.share or 0)})"
    if collection.origin is Origin.NEAR:
        return f"nearly {collection.model}"
    unnamed = {Origin.NONE: "none of the models", Origin.UNKNOWN: "?"}
    return collection.model or unnamed.get(collection.origin, "")
