"""What a store says of the model that made its vectors, held against the vectors themselves."""

import re
from collections.abc import Sequence
from dataclasses import replace

from services.domain.inspection import ClaimInspection, Origin
from services.domain.settings import Thresholds
from services.inspect.compare import Evidence, Tried

_MINILM = "all-minilm-l6-v2"
# Other names of models that may be configured here. The first is what Chroma embeds with where nothing was said.
_ALIASES = {
    "default": _MINILM,
    "defaultembeddingfunction": _MINILM,
    "onnx_mini_lm_l6_v2": _MINILM,
    "onnxminilm_l6_v2": _MINILM,
    "all-minilm": _MINILM,
    "all-minilm:l6-v2": _MINILM,
    "all-minilm:22m": _MINILM,
}
# Names that mean one certain model to everybody: where another one made the vectors, such a claim is false. Any other
# name may be somebody's own name for the very model that was found.
_WELL_KNOWN = re.compile(
    r"^(text-embedding-(ada-002|3-(small|large))|.*minilm-l\d+.*|.*mpnet-base.*|(bge|gte|e5|multilingual-e5)-[\w.-]+"
    r"|nomic-embed-text.*|mxbai-embed-.*|voyage-.*|embed-(english|multilingual)-.*|jina-embeddings-.*)$"
)
# These give as many numbers as they are asked for, up to their own.
_SHORTENED = "text-embedding-3-"
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
# Of a digest that is no model's here, enough to tell it from another.
_DIGEST_SHOWN = 12
_PUBLISHED = re.compile(r"^[\w.-]+/(?=[\w.:-]+$)")
_LONGEST = 60


def check_claim(where: str, says: str, dimensions: int, evidence: Evidence, limits: Thresholds) -> ClaimInspection:
    """Whether it is so: by the model that is named, where it is configured, else by the one that was found."""
    return replace(_check(where, says, dimensions, evidence, limits), model=_meant(says, evidence))


def _check(where: str, says: str, dimensions: int, evidence: Evidence, limits: Thresholds) -> ClaimInspection:
    named = [t for t in evidence.tried if names(t, says)]
    if not named:
        return _not_configured(where, says, evidence)
    if any(t.positions and len(t.same(limits)) == len(t.positions) for t in named):
        return ClaimInspection(where, says, holds=True)
    wider = min(t.embedder.identity.dimensions for t in named)
    if wider != dimensions and not (normal(says).startswith(_SHORTENED) and dimensions < wider):
        reason = f"It makes {wider:,} numbers of a text, and here are {dimensions:,}."
        return ClaimInspection(where, says, holds=False, reason=reason)
    return _of_named(where, says, named, evidence)


def _meant(says: str, evidence: Evidence) -> str:
    """The model that is meant, by its own name where it is configured, else by what the store calls it."""
    named = [t for t in evidence.tried if names(t, says)]
    if named:
        return named[0].model if _DIGEST.match(says) else named[0].embedder.identity.name
    return short_name(says)


def short_name(says: str) -> str:
    """What a store says of its model, short enough to read: without the publisher, and the beginning of a digest."""
    if _DIGEST.match(says):
        return f"the model {says[:_DIGEST_SHOWN]}…"
    return _PUBLISHED.sub("", says.strip()).removesuffix(":latest")[:_LONGEST]


def normal(name: str) -> str:
    """A model's name without its publisher and its case, under the name that it is known by here."""
    plain = name.strip().lower().removesuffix(":latest").rpartition("/")[2]
    return _ALIASES.get(plain, plain)


def names(tried: Tried, says: str) -> bool:
    """Whether the store means this model, by whatever name it calls it."""
    identity = tried.embedder.identity
    if _DIGEST.match(says):
        return says == identity.digest
    return normal(says) in {normal(identity.name), tried.name.lower(), tried.embedder.name.lower()}


def _not_configured(where: str, says: str, evidence: Evidence) -> ClaimInspection:
    found = evidence.best if evidence.origin is Origin.ONE else None
    if found and _WELL_KNOWN.match(normal(says)):
        return ClaimInspection(where, says, holds=False, reason=f"{found.model} made the vectors that were compared.")
    return ClaimInspection(where, says, holds=None, reason="That model is not configured here.")


def _of_named(where: str, says: str, named: Sequence[Tried], evidence: Evidence) -> ClaimInspection:
    compared = [t for t in named if t.positions]
    best = evidence.best
    if evidence.origin is Origin.ONE and best:
        return ClaimInspection(where, says, holds=False, reason=f"{best.model} made the vectors that were compared.")
    if not compared:
        return ClaimInspection(where, says, holds=None, reason=f"The model {named[0].reason}")
    nearest = max(compared, key=lambda t: t.median)
    if evidence.origin is Origin.MIXED and best in compared:
        return ClaimInspection(where, says, holds=False, reason="It made only some of the vectors that were compared.")
    if evidence.origin is Origin.NEAR and best in compared:
        reason = f"The vectors are close to it, but not the same: the lowest cosine is {nearest.lowest:.4f}."
        return ClaimInspection(where, says, holds=None, reason=reason)
    if evidence.origin is Origin.UNKNOWN:
        return ClaimInspection(where, says, holds=None, reason="The comparison does not decide it.")
    reason = f"It makes other vectors of these documents: the lowest cosine is {nearest.lowest:.4f}."
    return ClaimInspection(where, says, holds=False, reason=reason)
