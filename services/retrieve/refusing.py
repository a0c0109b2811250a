"""Why a section is not asked, and why its vectors are not looked at where only words are compared."""

from services.domain.model_digest import Stamp
from services.domain.trust import Trust
from services.retrieve.question import Asked

MEND = (
    "Ask with the model of the collection, or embed the scripts anew: python -m services rebuild --embedder {embedder}"
)
# The same name, and what is stored under it was made by something else: a stamp cannot tell which scripts need it.
MEND_ALL = (
    "Embed all scripts anew: python -m services rebuild --embedder {embedder} --all; "
    "or, if that was mended, check again: python -m services health"
)


def refusal(section: str, recorded: Stamp | None, asked: Asked, trust: Trust) -> str:
    """Why a collection of another model is not asked; empty where the person insists and it can be."""
    query = asked.stamp
    if recorded is not None and recorded.dimensions != query.dimensions:
        numbers = f"{recorded.dimensions} and {query.dimensions}"
        return f"{_cause(section, recorded, asked, trust)} Nor do their vectors have as many numbers ({numbers})."
    return "" if asked.options.allow_mismatch else _cause(section, recorded, asked, trust)


def _cause(section: str, recorded: Stamp | None, asked: Asked, trust: Trust) -> str:
    """Why distances from this question would mean nothing."""
    query = asked.stamp
    if recorded is None:
        return f"'{section}' would return random scripts. {trust.reason}"
    if recorded.model_digest == query.model_digest:
        return f"'{section}' is not asked: what it returned could not be trusted. {trust.reason}"
    return (
        f"'{section}' was embedded by {recorded.model_name} ({recorded.model_digest[:12]}), "
        f"the question by {query.model_name} ({query.model_digest[:12]}): what it returned would be random."
    )


def without_distances(section: str, recorded: Stamp | None, asked: Asked, trust: Trust) -> str:
    """Why scripts are found by their words and no distance is told."""
    if asked.unembedded:
        return f"The question has no vector. {asked.unembedded}"
    if recorded is None or recorded.model_digest == asked.stamp.model_digest:
        return f"The vectors of '{section}' cannot be trusted and are not looked at. {trust.reason}".strip()
    return (
        f"'{section}' was embedded by {recorded.model_name}, the question by {asked.stamp.model_name}: "
        "there are no distances between them."
    )


def unvaried(section: str, why: str) -> str:
    """That the order is not a varied one; ``why`` no distances are told, where that is so."""
    return " ".join([why or f"No script of '{section}' has vectors.", "The order is not varied."])
