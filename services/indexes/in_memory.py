"""The keeper of an index that is not stored: for read-only folders, and where another process owns the stored one."""

from collections.abc import Callable

from services.domain.model_change import Contents, Generation
from services.indexes.exact import ExactIndex
from services.ports import VectorIndex


class InMemory:
    """Fills an ``ExactIndex`` from the records at each start."""

    generation = ""

    def __init__(self, note: str = "") -> None:
        self.note = note
        self._index = ExactIndex()

    def open(self) -> VectorIndex | None:
        """The index of this process."""
        return self._index

    def build(self, fill: Callable[[VectorIndex], Contents]) -> Callable[[], VectorIndex]:
        """Fill a new index; calling what is returned puts it in the place of the old one."""
        fresh = ExactIndex()
        fill(fresh)

        def flip() -> VectorIndex:
            self._index = fresh
            return fresh

        return flip

    def generations(self) -> list[Generation]:
        """None is kept."""
        return []

    def settled(self) -> None:
        """Nothing is stored."""

    def close(self) -> None:
        """Nothing to let go of."""
