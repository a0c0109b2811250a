"""How near scripts are to one another: neighbours by section, near-duplicates by vectors and by words.

Everything is computed exactly from the vectors that records carry; a script is as near to another one as their nearest
body passages (their cards where one has no body passage).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ports import Catalogue
from services.scripts import Script, VectorSet


@dataclass(frozen=True)
class Neighbour:
    """A script near another one; ``distance`` is the cosine distance, 0 to 2."""

    id: str
    section: str
    distance: float


@dataclass(frozen=True)
class Twin:
    """A near-duplicate: ``words`` is the share of words in common and in order, 0 to 1; ``distance`` as above."""

    id: str
    words: float
    distance: float


@dataclass(frozen=True)
class Suggestion:
    """A value that the neighbours suggest, and how sure they are, 0 to 1."""

    value: str
    sureness: float


class Nearness:
    """Answers for one catalogue. Make it once for a catalogue and keep it: it holds all vectors as one matrix."""

    def __init__(self, catalogue: Catalogue) -> None:
        raise NotImplementedError

    def neighbours(self, vectors: VectorSet, *, without: str = "", most: int = 5) -> Mapping[str, Sequence[Neighbour]]:
        """The nearest scripts of each section, nearest first."""
        raise NotImplementedError

    def twins(self, script: Script, vectors: VectorSet | None) -> Sequence[Twin]:
        """Other scripts that are near-duplicates of this one, the most alike first; never itself (by id)."""
        raise NotImplementedError

    def all_twins(self) -> Sequence[tuple[str, Twin]]:
        """Every pair of near-duplicates among approved and draft scripts, each once, the most alike first."""
        raise NotImplementedError

    def section(self, vectors: VectorSet, *, without: str = "") -> Suggestion | None:
        """The section that the neighbours suggest; None where there are none."""
        raise NotImplementedError

    def focus_areas(self, vectors: VectorSet, *, section: str = "", without: str = "") -> Sequence[Suggestion]:
        """Focus areas that the neighbours suggest, the surest first."""
        raise NotImplementedError
