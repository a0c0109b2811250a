"""Vectors that need not be made: those of stored scripts, and those that uploaded records bring, once proved."""

from collections.abc import Mapping

from services.domain.drafts import Draft
from services.domain.model_digest import Stamp
from services.domain.scripts import Vectors
from services.ground import text
from services.ground.progress import Report
from services.importing import proving
from services.ports import Catalogue, Embedder
from services.upload.vectors import Known
from services.vectors import DEFAULT_POLICY, recipe_of

# The body passages of each draft by row number: the exact text by where it begins and ends.
Bodies = Mapping[int, Mapping[tuple[int, int], str]]


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
    made, wrong = proving.disproved(brought, embedder, attention, report)
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
