"""The readable reference: every distance computed, nothing stored. Also serves folders that may not be written."""

from collections.abc import Mapping, Sequence

from services.domain.model_digest import Stamp
from services.domain.results import PassageHit, Scores
from services.domain.scripts import Record, Vectors
from services.errors import IndexBroken
from services.indexes.matrix import Rows, SectionMatrix, rows_of


class ExactIndex:
    """Sections in memory, filled by ``apply`` from the records at each start."""

    name = "exact"

    def __init__(self) -> None:
        self._stamps: dict[str, Stamp] = {}
        self._rows: dict[str, dict[str, Rows]] = {}
        self._matrices: dict[str, SectionMatrix] = {}

    def stamp(self, section: str) -> Stamp | None:
        """The identity the section was filled with."""
        return self._stamps.get(section)

    def digests(self, section: str) -> Mapping[str, str]:
        """Record digest by script id."""
        return {script: rows.digest for script, rows in self._rows.get(section, {}).items()}

    def apply(self, section: str, stamp: Stamp, upserts: Sequence[Record], deletes: Sequence[str]) -> None:
        """Replace and remove scripts. Raises ``IndexBroken`` where the section holds vectors of another recipe."""
        rows = dict(self._rows.get(section, {}))
        for script in deletes:
            rows.pop(script, None)
        kept = rows.keys() - {record.script.id for record in upserts}
        if kept and self._stamps[section] != stamp:
            raise IndexBroken(f"'{section}' holds vectors of another recipe.", "Rebuild the index.")
        rows.update(rows_of(upserts))
        matrix = SectionMatrix.of(rows)
        # Readers in other threads see the old matrix or the new one, whole.
        self._rows[section], self._stamps[section], self._matrices[section] = rows, stamp, matrix

    def score(self, section: str, vector: Vectors) -> Scores:
        """The exact distance of every script in the section."""
        return self._matrix(section).score(vector)

    def nearest(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        """The nearest passages, exactly."""
        return self._matrix(section).nearest(vector, passages)

    def walk(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        """The same: there is no other search."""
        return self.nearest(section, vector, passages)

    def count(self, section: str) -> int:
        """Number of passages in the section."""
        return len(self._matrix(section).values)

    def distance(self, section: str) -> str:  # noqa: ARG002  the same for all
        """Cosine, always."""
        return "cosine"

    def prove(self, section: str, records: Sequence[Record]) -> list[str]:  # noqa: ARG002  no store to doubt
        """Nothing to prove: the matrix is the store."""
        return []

    def close(self) -> None:
        """Nothing to let go of."""

    def _matrix(self, section: str) -> SectionMatrix:
        return self._matrices.get(section) or SectionMatrix.of({})
