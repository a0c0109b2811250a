"""Which vector space a vector lives in, and how its text was prepared.

A vector says nothing of the model that made it: two models with as many dimensions can be asked each other's questions
and nothing fails. So the identity travels beside the vectors, as digests of what defines the space.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from services.domain.passages import PassagePolicy
from services.ground import digests


@dataclass(frozen=True)
class ModelIdentity:
    """What defines a vector space. The transport (an address, a client) does not belong to it.

    ``revision`` is a digest of the weights where they can be had, else what the provider calls the version.
    """

    name: str
    revision: str
    dimensions: int
    pooling: str
    normalised: bool
    query_prefix: str
    document_prefix: str
    precision: str

    @property
    def digest(self) -> str:
        """The model digest."""
        return digests.of_value({"model": asdict(self)})


@dataclass(frozen=True)
class Recipe:
    """A model and how documents are prepared for it."""

    model: ModelIdentity
    passages: PassagePolicy

    @property
    def digest(self) -> str:
        """The recipe digest."""
        return digests.of_value({"model": asdict(self.model), "passages": asdict(self.passages)})


@dataclass(frozen=True)
class Stamp:
    """The identity written beside stored vectors."""

    model_name: str
    model_digest: str
    recipe_digest: str
    dimensions: int

    @classmethod
    def of(cls, recipe: Recipe) -> "Stamp":
        """The stamp that vectors made by this recipe carry."""
        return cls(recipe.model.name, recipe.model.digest, recipe.digest, recipe.model.dimensions)


class State(StrEnum):
    """May a collection be asked with this model?"""

    MATCH = "match"
    MISMATCH = "mismatch"
    DRIFTED = "drifted"
    STALE = "stale"
    UNVERIFIED = "unverified"


def compare(recorded: Stamp | None, query: Stamp) -> State:
    """State of a collection stamped ``recorded`` for questions embedded under ``query``."""
    if recorded is None:
        return State.UNVERIFIED
    if recorded.model_digest != query.model_digest:
        return State.MISMATCH
    if recorded.recipe_digest != query.recipe_digest:
        return State.STALE
    return State.MATCH
