"""What is asked for the nearest passages, and what keeps it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from services.domain.inspection import StoredCollection, StoredRows
from services.domain.model_change import Begun, Contents, Generation, Outcome
from services.domain.model_digest import Stamp
from services.domain.results import PassageHit, Scores
from services.domain.scripts import Record, Vectors


class VectorIndex(Protocol):
    """Holds passages by section and says which are near a vector. Derived: always reproducible from the records."""

    name: str

    def stamp(self, section: str) -> Stamp | None:
        """The identity recorded with the section's collection; None where it carries none or does not exist."""

    def digests(self, section: str) -> Mapping[str, str]:
        """Record digest by script id, of what is indexed."""

    def apply(self, section: str, stamp: Stamp, upserts: Sequence[Record], deletes: Sequence[str]) -> None:
        """Bring the section up to date: all passages of each upserted record replace what was there.

        ``stamp`` is recorded where the collection is empty, and must equal the recorded one where it is not.
        """

    def score(self, section: str, vector: Vectors) -> Scores:
        """The exact distance of every script in the section."""

    def nearest(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        """The nearest passages, nearest first; may be approximate, and says so by being no ``score``."""

    def walk(self, section: str, vector: Vectors, passages: int) -> list[PassageHit]:
        """What the store's own search finds nearest, nearest first: by its graph where it has one, however small."""

    def count(self, section: str) -> int:
        """Number of passages in the section."""

    def distance(self, section: str) -> str:
        """The distance function that the section's collection was made for: ``cosine``, ``l2``, ``ip``; empty: none."""

    def prove(self, section: str, records: Sequence[Record]) -> list[str]:
        """Ask the store itself for the passages of these records by their own vectors; what it got wrong."""

    def close(self) -> None:
        """Let go of files and locks."""


class IndexKeeper(Protocol):
    """Owns the workspace's index: opens it, notices when another process has replaced it, and replaces it."""

    @property
    def generation(self) -> str:
        """Name of the complete build that is open; empty where the index is not stored."""

    @property
    def note(self) -> str:
        """What a person should know about how the index is kept just now; empty if nothing."""

    def open(self) -> VectorIndex | None:
        """The current index, reopened if another process replaced it; None where one must be built first.

        Cheap when nothing changed.
        """

    def build(self, fill: Callable[[VectorIndex], Contents]) -> Callable[[], VectorIndex]:
        """Fill a new generation beside the current one; calling what is returned flips to it.

        ``fill`` says what it filled it with.

        Raises:
            Whatever ``fill`` raises: the current generation is then as it was.
        """

    def settled(self) -> None:
        """Called after the index was written to: what is there now is whole."""

    def generations(self) -> Sequence[Generation]:
        """The complete builds that are kept, the newest first."""

    def close(self) -> None:
        """Let go of files and locks."""


class ChangeStore(Protocol):
    """Remembers a change of the model while it is under way, and the last one that was finished."""

    def running(self) -> AbstractContextManager[None]:
        """Only one change at a time. Raises ``WorkspaceBusy`` at once where there is one, and ``StorageFailed``."""

    @property
    def is_running(self) -> bool:
        """Whether one is under way, in any process."""

    def begun(self) -> Begun | None:
        """The change that was begun and neither finished nor forgotten. Derived."""

    def begin(self, change: Begun) -> None:
        """Remember how far it is. Raises ``StorageFailed``."""

    def switching(self) -> Begun | None:
        """The change whose records are just being replaced. Canonical: while it is there, they may be half and half.

        Raises ``StorageFailed`` where it is there and cannot be read.
        """

    @property
    def is_switching(self) -> bool:
        """Whether there is one. Cheap."""

    def switch(self, change: Begun) -> None:
        """From here on the records are replaced. Needs the store of records' ``writing``. Raises ``StorageFailed``."""

    def switched(self) -> None:
        """All of them are. Needs ``writing``. Raises ``StorageFailed``."""

    def forget(self) -> None:
        """Forget the change that was begun; what was paid for stays."""

    def last(self) -> Outcome | None:
        """The last change that was finished; None where there is none, or it cannot be read. Derived."""

    def finish(self, outcome: Outcome) -> None:
        """Remember a finished change. Raises ``StorageFailed``."""


class StrangerStore(Protocol):
    """A store of vectors that somebody else made: read, never written, and never opened in place where that writes."""

    # What it is, for messages: "Chroma folder", "PostgreSQL".
    kind: str

    def collections(self) -> Sequence[StoredCollection]:
        """What it holds, by name.

        Raises:
            NotFound: there is no such store.
            StoreUnreadable: it is there and cannot be read: damaged, of another version, being written, not answering.
        """

    def rows(self, name: str, limit: int) -> StoredRows:
        """At most ``limit`` rows, spread evenly over the collection. Raises as ``collections`` does."""

    def close(self) -> None:
        """Let go of copies and connections."""
