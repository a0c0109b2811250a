"""The architecture in one file: what a use case needs of a model, of a store of records, and of an index.

Adapters (``embedders``, ``records``, ``indexes``) fulfil these; use cases know nothing else of them; ``wiring`` names
them. Distances are cosine distances everywhere, 1 - cosine similarity, between 0 and 2.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from services.canaries import Canaries
from services.history import Binned, Version
from services.inspection import StoredCollection, StoredRows
from services.model_change import Begun, Contents, Generation, Outcome, Price
from services.model_digest import ModelIdentity, Stamp
from services.progress import Progress
from services.questionnaires import Questionnaire
from services.results import PassageHit, Scores
from services.scripts import BrokenRecord, Record, Vectors
from services.trust import Measurement
from services.unsaved import Unsaved
from services.uploads import Upload


class Embedder(Protocol):
    """Turns text into vectors, and says which space they live in."""

    name: str
    # How many tokens of a text the model reads, its special tokens not counted.
    window: int
    # Whether it runs on this machine: then it sends nothing to anybody, and costs nothing but time.
    local: bool

    @property
    def price(self) -> Price | None:
        """What the provider asks; None where nobody asks anything, or the price is not known."""

    @property
    def identity(self) -> ModelIdentity:
        """Known without loading weights and without a network."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, special tokens not counted; never fewer than the model sees."""

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``float32[n, d]``, row i for ``texts[i]``, unit length where the identity says so.

        Raises:
            EmbedderUnavailable: no key, weights or server.
            EmbedderAnswerWrong: another count, another dimension, NaN or infinity.
        """

    def embed_query(self, text: str) -> Vectors:
        """``float32[d]``. Raises as ``embed_documents`` does."""


@dataclass(frozen=True)
class Catalogue:
    """What the store holds, read at one moment. Records by id, in the order of section and id."""

    records: Mapping[str, Record]
    broken: tuple[BrokenRecord, ...] = ()
    # Record files whose digest is not the one in the manifest, or that are in only one of the two.
    unmanifested: tuple[str, ...] = ()
    # Those among them that the manifest states and that are not there.
    gone: tuple[str, ...] = ()

    def section(self, section: str) -> list[Record]:
        """The records of one section."""
        return [record for record in self.records.values() if record.script.section == section]

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """Number of records by section."""
        return Counter(record.script.section for record in self.records.values())


class RecordStore(Protocol):
    """Keeps records: canonical, atomic, one writer at a time."""

    @property
    def writable(self) -> bool:
        """Whether this process may write there at all."""

    @property
    def lagging(self) -> str:
        """Why the manifest lags behind what was stored last; empty if it does not. Nothing is lost by it."""

    def catalogue(self) -> Catalogue:
        """What is stored now; the same object as before while nothing changed."""

    def writing(self, purpose: str, *, wait: bool = True) -> AbstractContextManager[None]:
        """Hold the writer lock.

        Raises:
            WorkspaceBusy: another process or thread writes, and does not finish within seconds, or at all where nobody
                waits. Names it.
            StorageFailed: the folder is read-only.
        """

    def put(self, records: Iterable[Record], progress: Progress | None = None) -> list[Record]:
        """Store each record wholly or not at all, then state them in the manifest. Needs ``writing``.

        Raises:
            StorageFailed: the disk is full, or says no for another reason. What was stored before stays stored.
        """

    def file_of(self, script_id: str) -> bytes:
        """The bytes that a record is kept as, to be put back one day. Raises ``NotFound``, ``StorageFailed``."""

    def put_back(self, contents: Sequence[bytes]) -> None:
        """Store records as ``file_of`` gave them, byte for byte, and state that once. Needs ``writing``."""

    def discard(self, script_id: str) -> None:
        """Move a record to the bin. Needs ``writing``."""

    def discard_all(self, script_ids: Sequence[str]) -> None:
        """Move these records to the bin, and state that once. Needs ``writing``."""

    def recover(self, script_id: str, digest: str = "") -> Record:
        """Bring the record that was discarded last under this id back from the bin. Needs ``writing``.

        ``digest``: of a record under this id in the bin, where another one than the last is meant.

        Raises:
            NotFound: the bin has no such record.
            IdTaken: a script with this id exists again.
        """

    def binned(self) -> Sequence[Binned]:
        """What lies in the bin, the last put there first."""

    def throw_away(self, binned: Iterable[Binned]) -> None:
        """Delete these from the bin. Needs ``writing``. Raises ``StorageFailed``."""

    def recover_all(self, digests: Mapping[str, str]) -> Mapping[str, str]:
        """Bring back the record with this digest under each id, and state that once. Needs ``writing``.

        What could not be brought back, by id with the reason: it is not in the bin, or its id is taken.
        """

    def state_manifest(self) -> None:
        """Write the manifest of what is stored now, and so take what is gone as meant. Needs ``writing``."""


class UploadStore(Protocol):
    """Keeps what each upload replaced, so that it can be undone. Canonical: it can be had from nowhere else."""

    def names(self) -> Sequence[str]:
        """The ids of those that can be undone, the newest first."""

    def get(self, upload_id: str) -> Upload:
        """One of them. Raises ``NotFound``, ``StorageFailed``."""

    def put(self, upload: Upload) -> None:
        """Keep one more; the oldest goes. Needs the store of records' ``writing``. Raises ``StorageFailed``."""

    def forget(self, upload_id: str) -> None:
        """It is undone. Needs ``writing``. Raises ``StorageFailed``."""


class History(Protocol):
    """Remembers what everything canonical was, after each write of the store of records, which tells it."""

    @property
    def problem(self) -> str:
        """Why nothing is kept here; empty if something is."""

    @property
    def lagging(self) -> str:
        """Why the last writes are not in it yet; empty if they are. Nothing is lost by it."""

    def keep(self, purpose: str, present: Mapping[str, tuple[int, int, int]] | None, *, outside: bool = False) -> None:
        """Remember what has changed since it was called last, if anything has. Needs ``writing``; never fails.

        ``present``: the record files by section and id, with what tells one version of a file from another; None where
        a folder cannot be listed. ``outside``: nobody here has done it.
        """

    def versions(self, script_id: str) -> Sequence[Version]:
        """The versions of a script, the newest first, through all sections and the bin. Raises ``StorageFailed``."""

    def record(self, script_id: str, commit: str) -> Record:
        """A script as it was after a commit.

        Raises:
            NotFound: there is no such commit, or the script was not there then.
            InvalidYaml, InvalidRecord: what was kept is no record.
            StorageFailed: the history cannot be read.
        """


class QuestionnaireStore(Protocol):
    """Keeps questionnaires."""

    def all(self) -> tuple[Mapping[str, Questionnaire], tuple[BrokenRecord, ...]]:
        """Questionnaires by id, and the files that are none."""

    def put(self, questionnaire: Questionnaire) -> None:
        """Store one atomically. Needs the store of records' ``writing``."""

    def remove(self, questionnaire_id: str) -> None:
        """Delete one. Needs ``writing``."""


class CanaryStore(Protocol):
    """Keeps the canaries of each model that embedded scripts here. Canonical: they cannot be made again."""

    def all(self) -> tuple[Mapping[str, Canaries], tuple[BrokenRecord, ...]]:
        """Canaries by model digest, and the files that are none."""

    def put(self, canaries: Canaries) -> None:
        """Store those of one model atomically. Needs the store of records' ``writing``. Raises ``StorageFailed``."""


class CheckLog(Protocol):
    """Keeps what each check found. Canonical: what was measured then cannot be measured again."""

    def all(self) -> Sequence[Measurement]:
        """Every check, the oldest first. Cheap when nothing changed."""

    def append(self, measurement: Measurement) -> None:
        """Keep one more. Needs the store of records' ``writing``. Raises ``StorageFailed``."""


class CachedVectors(Protocol):
    """Vectors of texts in one vector space, by the texts' digests. Derived: losing them costs time or money only."""

    # By which the space is found again.
    name: str

    @property
    def canaries(self) -> Canaries | None:
        """Those that the space was opened with first; None where records carried the vectors."""

    def get(self, texts: Sequence[str]) -> Mapping[str, Vectors]:
        """``float32[d]`` by text, of those that are known."""

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep ``float32[n, d]``; kept when this returns. Raises ``StorageFailed``."""

    def replace(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep these instead of all others. Raises ``StorageFailed``."""


class EmbeddingCache(Protocol):
    """The vectors that were paid for once."""

    def space(self, canaries: Canaries) -> CachedVectors:
        """Those of the space that these canaries live in.

        A model digest alone does not say: a provider may change what a name means, and what was kept before then is of
        another space. Raises ``StorageFailed``.
        """

    def anew(self, canaries: Canaries) -> CachedVectors:
        """A new space for these canaries, where what is kept in theirs is not the model's any more."""

    def named(self, name: str) -> CachedVectors | None:
        """The space of this name; None where it is gone. Raises ``StorageFailed``."""

    def of_records(self, model_digest: str) -> CachedVectors:
        """Vectors that records carried under this model, so that going back to it asks nobody.

        They are as good as the records were: whoever mends a collection does not take them. Raises ``StorageFailed``.
        """

    def known(self, model_digest: str, texts: Sequence[str], *, of_records: bool = True) -> set[str]:
        """Which of the texts are kept for this model, without asking it whether it has moved since.

        ``of_records``: also those whose vectors were carried by records. Raises ``StorageFailed``.
        """


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


class UnsavedStore(Protocol):
    """Keeps what is typed and not saved. Derived: deleting it loses no script, only what was never saved."""

    def keep(self, edit: Unsaved) -> None:
        """Store it atomically, instead of what this edit had typed before. Raises ``StorageFailed``."""

    def get(self, key: str) -> Unsaved | None:
        """The edit of this key; None where there is none, or what is there is none."""

    def all(self) -> Sequence[Unsaved]:
        """Every edit that is kept, the last typed first."""

    def forget(self, key: str) -> None:
        """It was saved or given up. Raises ``StorageFailed``."""


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
