"""Vectors that need not be made: those of stored scripts, and those that uploaded records bring, once they are proved.

What a record says of its own vectors is a claim, and it comes from outside. So two passages of each record are embedded
again, those that lie farthest from the middle of all and nearest to it: among few wrong vectors or many, one of the two
is wrong. Where either is not what came along, nothing is taken.
"""

from collections.abc import Mapping

import numpy as np

from services.domain.canaries import cosines
from services.domain.drafts import Draft
from services.domain.model_digest import Stamp
from services.domain.scripts import Vectors
from services.ground import text
from services.ground.progress import Report
from services.nearness import unit
from services.ports import Catalogue, Embedder
from services.upload.vectors import Known
from services.vectors import DEFAULT_POLICY, recipe_of

# The body passages of each draft by row number: the exact text by where it begins and ends.
Bodies = Mapping[int, Mapping[tuple[int, int], str]]
ANEW = "What it brought along for finding it does not fit its words, so that was made anew."


def stored(drafts: Mapping[int, Draft], catalogue: Catalogue, stamp: Stamp) -> dict[str, Vectors]:
    """The vectors of stored scripts that have the same words as a draft, by text."""
    words = {text.normalise(draft.text) for draft in drafts.values()}
    known: dict[str, Vectors] = {}
    for record in catalogue.records.values():
        if record.script.text in words and record.vectors is not None and record.vectors.stamp == stamp:
            for passage, vector in zip(record.vectors.passages, record.vectors.values, strict=True):
                known[record.script.passage_text(passage, DEFAULT_POLICY.card)] = vector
    return known


def proved(  # noqa: PLR0913, PLR0917  what came, what is there, who proves it and how strictly
    drafts: Mapping[int, Draft],
    bodies: Bodies,
    known: dict[str, Vectors],
    embedder: Embedder,
    attention: float,
    report: Report,
) -> tuple[Known, set[int]]:
    """What is known with the vectors that agree with the model's own; and the rows whose vectors do not.

    ``attention``: the cosine below which a vector is another one, as for the evidence of a check.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly.
    """
    stamp = Stamp.of(recipe_of(embedder))
    brought = {n: made for n, draft in drafts.items() if (made := _brought(draft, bodies[n], known, stamp))}
    chosen = {number: _chosen(vectors) for number, vectors in brought.items()}
    asked = list(dict.fromkeys(t for texts in chosen.values() for t in texts))
    if not asked:
        return Known(known), set()
    told = "Checking what records brought along"
    report(told, 0, len(asked))
    vectors = embedder.embed_documents(asked, lambda done, total: report(told, done, total))
    made = dict(zip(asked, vectors, strict=True))
    wrong = {n for n, texts in chosen.items() if any(_cosine(brought[n][t], made[t]) < attention for t in texts)}
    return Known({**known, **made}, {n: brought[n] for n in brought if n not in wrong}), wrong


def _brought(
    draft: Draft, spans: Mapping[tuple[int, int], str], known: Mapping[str, Vectors], stamp: Stamp
) -> dict[str, Vectors]:
    """The vectors that a draft has for the passages of its body as they are cut today, unless they are known."""
    if draft.vectors is None or draft.vectors.stamp != stamp:
        return {}
    pairs = zip(draft.vectors.passages, draft.vectors.values, strict=True)
    found = {(p.start, p.end): vector for p, vector in pairs if p.kind == "body"}
    return {words: found[span] for span, words in spans.items() if span in found and words not in known}


def _chosen(vectors: Mapping[str, Vectors]) -> set[str]:
    """The texts whose vectors are farthest from the middle of all and nearest to it."""
    values = unit(np.nan_to_num(np.stack(list(vectors.values()))))
    texts, near = list(vectors), cosines(values, np.broadcast_to(values.mean(axis=0), values.shape))
    return {texts[int(near.argmin())], texts[int(near.argmax())]}


def _cosine(one: Vectors, other: Vectors) -> float:
    return float(cosines(one[np.newaxis], other[np.newaxis])[0]) if one.shape == other.shape else 0.0
