"""Which model made the vectors of a store that somebody else built? The vectors decide, not what the store says."""

from collections.abc import Iterator, Mapping, Sequence

from services.domain.inspection import (
    ClaimInspection,
    CollectionInspection,
    Finding,
    Inspection,
    Origin,
    StoredCollection,
    StoredRows,
    listed,
)
from services.domain.model_digest import State
from services.domain.settings import Thresholds
from services.domain.words import count
from services.errors import EmbedderFailed
from services.ground.progress import Report, silent
from services.inspect.claims import check_claim, names, short_name
from services.inspect.compare import RELATED, Comparer, Evidence
from services.inspect.looks import examples, look, normalised
from services.inspect.sample import comparable
from services.ports import Embedder, StrangerStore

SAMPLE = 24
# Rows of a collection that are looked at; of a larger one as many, spread evenly.
LOOKED_AT = 20_000
# Ids of a mixture that are named.
_NAMED = 20
# Documents whose tokens are counted, to say how many the model does not read to their end.
_COUNTED = 2_000
_STATES = {
    Origin.ONE: State.MATCH,
    Origin.NEAR: State.DRIFTED,
    Origin.MIXED: State.MISMATCH,
    Origin.NONE: State.MISMATCH,
    Origin.UNKNOWN: State.UNVERIFIED,
    Origin.EMPTY: State.UNVERIFIED,
}


def inspect(
    store: StrangerStore,
    embedders: Mapping[str, Embedder],
    thresholds: Thresholds,
    sample: int = SAMPLE,
    report: Report = silent,
) -> Inspection:
    """Embed a sample of each collection's documents again, with each embedder, and compare. Nothing is changed.

    ``sample`` is how many documents of a collection are embedded; where they disagree, up to 200 are.

    Raises:
        NotFound, StoreUnreadable: the store.
    """
    report(f"Reading the {store.kind}", 0, 0)
    found = store.collections()
    comparer = Comparer(embedders, thresholds, report)
    inspected = []
    for number, collection in enumerate(found):
        report(f"Reading {collection.name}", number, len(found))
        rows = store.rows(collection.name, LOOKED_AT)
        inspected.append(_inspect(collection, rows, comparer, thresholds, sample))
    return Inspection(store.kind, tuple(inspected))


def _inspect(
    collection: StoredCollection, rows: StoredRows, comparer: Comparer, thresholds: Thresholds, sample: int
) -> CollectionInspection:
    if not rows.ids:
        return _empty(collection)
    positions = comparable(rows)
    says = collection.claims.values()
    evidence = comparer.gather(
        collection.name, rows, positions, sample, lambda tried: any(names(tried, one) for one in says)
    )
    claims = tuple(
        check_claim(where, says, rows.vectors.shape[1], evidence, thresholds)
        for where, says in collection.claims.items()
    )
    made = evidence.best if evidence.origin in {Origin.ONE, Origin.NEAR, Origin.MIXED} else None
    findings = [*_compared(evidence, rows, thresholds), *_claimed(claims), *look(collection, rows)]
    return CollectionInspection(
        name=collection.name,
        state=State.MISMATCH if any(claim.holds is False for claim in claims) else _STATES[evidence.origin],
        origin=evidence.origin,
        dimensions=collection.dimensions,
        documents=collection.count,
        looked_at=len(rows.ids),
        distance=collection.distance,
        normalised=normalised(rows),
        model=made.model if made else "",
        embedder=made.name if made else "",
        comparisons=tuple(tried.comparison(thresholds) for tried in evidence.tried),
        claims=claims,
        share=evidence.share,
        other=evidence.other,
        strangers=tuple(rows.ids[p] for p in evidence.strangers[:_NAMED]),
        stranger_count=len(evidence.strangers),
        passages=rows.passages,
        findings=(*findings, *_unread(evidence, rows, positions)),
    )


def _empty(collection: StoredCollection) -> CollectionInspection:
    return CollectionInspection(
        name=collection.name,
        state=_STATES[Origin.EMPTY],
        origin=Origin.EMPTY,
        dimensions=collection.dimensions,
        documents=collection.count,
        looked_at=0,
        distance=collection.distance,
        normalised=None,
        claims=tuple(
            ClaimInspection(where, says, holds=None, reason="There are no vectors.", model=short_name(says))
            for where, says in collection.claims.items()
        ),
    )


def _compared(evidence: Evidence, rows: StoredRows, thresholds: Thresholds) -> Iterator[Finding]:
    best = evidence.best
    if best and evidence.origin is Origin.MIXED:
        yield _mixture(evidence, rows)
    elif best and evidence.origin is Origin.NEAR:
        text = (
            f"The vectors are close to those of {best.model} and not the same: the lowest cosine is {best.lowest:.4f}, "
            f"below {thresholds.cosine_attention:g}. Weights of lower precision, or another version, make such."
        )
        yield Finding("comparison", text, attention=True)
    elif best and evidence.origin is not Origin.ONE and best.median >= RELATED:
        text = (
            f"{best.model} comes near, with a median cosine of {best.median:.3f}: perhaps it was given these texts in "
            "another form, such as with a title in front or cut elsewhere."
        )
        yield Finding("comparison", text)
    if best and not best.whole:
        text = f"No document that was compared is short enough for {best.model} to read whole: their beginnings were."
        yield Finding("comparison", text)
    for tried in evidence.tried:
        if not tried.positions:
            yield Finding("comparison", f"Not compared with {tried.model}: {tried.reason}")


def _mixture(evidence: Evidence, rows: StoredRows) -> Finding:
    ids = [rows.ids[p] for p in evidence.strangers]
    model = evidence.best.model if evidence.best else ""
    # Where the even spread met none, the suspects did.
    seen = f"{evidence.missed:,} of {evidence.compared:,} rows that were compared are"
    beyond = len(ids) - evidence.missed
    if not evidence.missed:
        seen = f"{count(len(ids), 'row')} of those that lie farthest from the others {'is' if len(ids) == 1 else 'are'}"
    elif beyond:
        seen = f"{seen[: -len(' are')]}, and {beyond:,} of those that lie farthest from the others, are"
    told = "".join(f" {number:,} of them are by {name}." for name, number in evidence.others.items())
    made = f"{evidence.other} made them." if evidence.other else f"Another model made them, or of another text.{told}"
    text = f"{seen} not what {model} makes of their documents: {examples(ids)}. {made}"
    return Finding("mixture", text, attention=True)


def _claimed(claims: Sequence[ClaimInspection]) -> Iterator[Finding]:
    """One finding for each model that is named, however often and in however many ways it is."""
    meant: dict[tuple[str, bool | None], list[ClaimInspection]] = {}
    for claim in claims:
        meant.setdefault((claim.model, claim.holds), []).append(claim)
    for (model, holds), same in meant.items():
        if holds is not True:
            said = f"The claim that {model} made them ({listed([claim.where for claim in same])})"
            text = f"{said} {'cannot be checked' if holds is None else 'is false'}. {same[0].reason}"
            yield Finding("claim", text, attention=holds is False)


def _unread(evidence: Evidence, rows: StoredRows, positions: Sequence[int]) -> Iterator[Finding]:
    """How many documents the model that was found does not read to their end."""
    best = evidence.best
    if not best or evidence.origin not in {Origin.ONE, Origin.NEAR, Origin.MIXED}:
        return
    looked = positions[:: max(1, len(positions) // _COUNTED)]
    try:
        tokens = best.embedder.count_tokens([rows.documents[p] or "" for p in looked])
    except EmbedderFailed as error:
        yield Finding("unread", f"How long the documents are could not be counted. {error.cause}")
        return
    long = [p for p, number in zip(looked, tokens, strict=True) if number > best.embedder.window]
    if long:
        text = (
            f"{best.model} does not read {len(long) / len(looked):.1%} of the documents to their end, "
            f"{best.embedder.window:,} tokens: {examples([rows.ids[p] for p in long])}."
        )
        yield Finding("unread", text)
