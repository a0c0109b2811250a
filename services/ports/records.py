"""Where scripts and questionnaires are kept, and what was not saved yet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from services.domain.history import Binned
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import BrokenRecord, Record
from services.domain.settled import Meant, Pair
from services.domain.unsaved import Unsaved
from services.domain.upload_journal import Summary, Upload
from services.ground.progress import Progress
from services.ground.text import is_slug


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
    def damaged(self) -> Mapping[str, Sequence[BrokenRecord]]:
        """The files of scripts that cannot be used, by the id that each would have."""
        found: dict[str, list[BrokenRecord]] = {}
        for broken in self.broken:
            folder, _, rest = broken.path.partition("/")
            section, _, file = rest.partition("/")
            script_id = file.removesuffix(".yaml")
            if folder == "records" and script_id != file and is_slug(section) and is_slug(script_id):
                found.setdefault(script_id, []).append(broken)
        return found

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

    def catalogue(self, progress: Progress | None = None) -> Catalogue:
        """What is stored now; the same object as before while nothing changed. ``progress`` counts what is read."""

    def filed(self) -> Mapping[str, str]:
        """In which section each script lies, by id, known without reading any; what is unusable is among them."""

    def writing(self, purpose: str, *, wait: bool = True) -> AbstractContextManager[None]:
        """Hold the writer lock.

        Raises:
            WorkspaceBusy: another process or thread writes, and does not finish within seconds, or at all where nobody
                waits. Names it.
            StorageFailed: the folder is read-only.
        """

    def locked(self, purpose: str) -> AbstractContextManager[None]:
        """Hold the writer lock for a judgement: no record is looked at, and the next ``writing`` tells the history.

        Raises as ``writing`` does.
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

    def replace_damaged(self, record: Record) -> Record:
        """Store a record in place of the files under its id that cannot be used. Needs ``writing``.

        What those hold goes to the bin, byte for byte. Raises ``StorageFailed``.
        """

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

    def in_bin(self, script_id: str, digest: str) -> Record:
        """A record in the bin, to be read. Raises ``InvalidYaml`` and ``InvalidRecord`` too, besides as below."""

    def file_in_bin(self, script_id: str, digest: str) -> bytes:
        """What a file in the bin holds, also where that is no record. Raises ``NotFound``, ``StorageFailed``."""

    def binned(self) -> Sequence[Binned]:
        """What lies in the bin, the last put there first. Raises ``StorageFailed``."""

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

    def last(self) -> Summary | None:
        """The newest one in one line; None where there is none. Cheap. Raises ``StorageFailed``."""

    def get(self, upload_id: str) -> Upload:
        """One of them. Raises ``NotFound``, ``StorageFailed``."""

    def fresh_id(self, made: str) -> str:
        """An id for an upload of this moment, which makes it the newest. Needs ``writing``."""

    def put(self, upload: Upload) -> None:
        """Keep one, or what is left of it; the oldest other goes. Needs the store of records' ``writing``.

        Raises ``StorageFailed``.
        """

    def forget(self, upload_id: str) -> None:
        """It is undone. Needs ``writing``. Raises ``StorageFailed``."""


class QuestionnaireStore(Protocol):
    """Keeps questionnaires."""

    def all(self) -> tuple[Mapping[str, Questionnaire], tuple[BrokenRecord, ...]]:
        """Questionnaires by id, and the files that are none."""

    def put(self, questionnaire: Questionnaire) -> None:
        """Store one atomically. Needs the store of records' ``writing``."""

    def remove(self, questionnaire_id: str) -> None:
        """Delete one. Needs ``writing``."""


class SettledStore(Protocol):
    """Keeps which near-duplicates are both meant. Canonical: it can be had from nowhere else."""

    def all(self) -> tuple[Mapping[Pair, Meant], tuple[BrokenRecord, ...]]:
        """What was settled, by pair, and the file where it cannot be read. Cheap while nothing changed."""

    def put(self, meant: Meant) -> None:
        """Keep one more, instead of what was said of the pair before. Needs the store of records' ``writing``.

        Raises:
            InvalidYaml: what is there cannot be read, and would be lost.
            StorageFailed: nothing was stored.
        """

    def forget(self, pair: Pair) -> None:
        """Take one back; nothing happens where it is not there. Needs ``writing``. Raises as ``put``."""


class UnsavedStore(Protocol):
    """Keeps what is typed and not saved. Canonical: it can be had from nowhere else."""

    def keep(self, edit: Unsaved, known: Unsaved | None = None) -> bool:
        """Store it atomically, unless something else than ``known`` is kept under its key: then it answers False.

        Raises ``StorageFailed``.
        """

    def get(self, key: str) -> Unsaved | None:
        """The edit of this key; None where there is none, or what is there is none."""

    def all(self) -> Sequence[Unsaved]:
        """Every edit that is kept, the last typed first."""

    def forget(self, known: Unsaved) -> bool:
        """It was saved or given up; what somebody else has typed under its key since is left, with False for an answer.

        Raises ``StorageFailed``.
        """
