"""Records as YAML files, one script a file: ``records/<section>/<id>.yaml``."""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from services.domain import history
from services.domain.history import Binned
from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import IdTaken, InvalidInput, NotFound, StorageFailed
from services.ground import digests, files, text
from services.ground.progress import Progress
from services.ports import Catalogue, History
from services.records import bin_files, record_format
from services.records.folder import SUFFIX, RecordFolder, binned
from services.records.lock import WriterLock


class YamlRecordStore:
    """The records of one workspace. Safe to use from several threads."""

    def __init__(self, paths: Paths, sections: tuple[str, ...], kept: History | None = None) -> None:
        """``kept`` is told of every write, once it is done."""
        self._paths = paths
        self._history = kept
        self._sections = sections
        self._lock = WriterLock(paths.lock)
        self._folder = RecordFolder(paths, sections)
        # The thread that holds the writer lock and has looked since.
        self._writer: int | None = None
        self._lagging = ""

    @property
    def writable(self) -> bool:
        """Whether this process may write there at all."""
        folders = [self._paths.root, self._paths.records]
        return all(os.access(folder, os.W_OK) for folder in folders if folder.exists())

    @property
    def lagging(self) -> str:
        """Why the manifest or the history lags behind what was stored last; empty if neither does."""
        return " ".join(filter(None, (self._lagging, self._history.lagging if self._history else "")))

    @contextlib.contextmanager
    def writing(self, purpose: str, *, wait: bool = True) -> Iterator[None]:
        """Hold the writer lock. Raises ``WorkspaceBusy`` or ``StorageFailed``."""
        self._check_writable()
        with self._lock.hold(purpose, wait=wait) as outermost:
            if outermost:
                for folder in (
                    self._paths.root,
                    self._paths.questionnaires,
                    self._paths.judgements,
                    self._paths.runs,
                    self._paths.canaries,
                    self._paths.uploads,
                    *self._folders(),
                ):
                    files.sweep(folder)
                self._folder.look()
                self._finish_moves()
                # What somebody edited, or a kill kept from being told.
                self._keep(history.FOUND, outside=True)
                self._writer = threading.get_ident()
            try:
                yield
            finally:
                if outermost:
                    self._writer = None
                    # Also after a failure half-way: what is stored is stored.
                    self._keep(purpose)

    @contextlib.contextmanager
    def locked(self, purpose: str) -> Iterator[None]:
        """Hold the writer lock, and tell the history nothing. Raises ``WorkspaceBusy`` or ``StorageFailed``."""
        self._check_writable()
        with self._lock.hold(purpose):
            yield

    def catalogue(self, progress: Progress | None = None) -> Catalogue:
        """What is stored now. Reads only the files that changed since it was called last.

        Whoever holds the writer lock sees what was there when it was taken, and what was written since: looking at ten
        thousand files again would tell nothing that a change from outside could not undo a moment later.
        """
        if self._folder.seen and self._writer == threading.get_ident():
            return self._folder.seen
        return self._folder.look(progress)

    def filed(self) -> Mapping[str, str]:
        """In which section each script lies, by id, as far as names of files tell; nothing is read."""
        return self._folder.filed()

    def put(self, records: Iterable[Record], progress: Progress | None = None) -> list[Record]:
        """Store each record wholly or not at all, then state them in the manifest."""
        wanted = list(records)
        present = self.catalogue().records
        stored: list[Record] = []
        touched: set[Path] = set()
        try:
            for record in wanted:
                stored.append(self._put_one(record, present.get(record.script.id), touched))
                if progress:
                    progress(len(stored), len(wanted))
        finally:
            # Also after a full disk half-way: what is stored is stated.
            for folder in {path.parent for path in touched}:
                files.fsync_folder(folder)
            if stored:
                self._restate(touched)
        return stored

    def file_of(self, script_id: str) -> bytes:
        """The bytes of a record's file. Raises ``NotFound``, ``StorageFailed``."""
        record = self._stored(script_id)
        path = self._path(record.script.section, script_id)
        with files.storage_errors(path):
            data = path.read_bytes()
        if digests.of_bytes(data) != record.digest:
            raise StorageFailed(f"'{record.script.title}' is being changed just now.", "Try again.")
        return data

    def put_back(self, contents: Sequence[bytes]) -> None:
        """Store record files as they were, byte for byte, and state that once."""
        present = self.catalogue().records
        touched: set[Path] = set()
        try:
            for data in contents:
                record = record_format.decode(data, source="a record that was kept")
                self._put_one(record, present.get(record.script.id), touched, data)
        finally:
            for folder in {path.parent for path in touched}:
                files.fsync_folder(folder)
            if touched:
                self._restate(touched)

    def replace_damaged(self, record: Record) -> Record:
        """Store a record in place of the files under its id that cannot be used; what they hold goes to the bin.

        Their bytes are in the bin before the first is replaced: a kill in between leaves both.
        """
        script_id = record.script.id
        catalogue = self.catalogue()
        damaged = [self._paths.root / broken.path for broken in catalogue.damaged.get(script_id, ())]
        target = self._path(record.script.section, script_id)
        for path in damaged:
            with files.storage_errors(path):
                data = path.read_bytes()
            files.write_atomically(self._paths.bin / path.parent.name / binned(script_id, digests.of_bytes(data)), data)
        touched = set(damaged)
        try:
            stored = self._put_one(record, catalogue.records.get(script_id), touched)
            for path in damaged:
                if path != target:
                    with files.storage_errors(path):
                        path.unlink(missing_ok=True)
        finally:
            for folder in {path.parent for path in touched}:
                files.fsync_folder(folder)
            self._restate(touched)
        return stored

    def discard(self, script_id: str) -> None:
        """Move a record to the bin, under its digest so that an older one under the same id stays there too."""
        self.discard_all([script_id])

    def discard_all(self, script_ids: Sequence[str]) -> None:
        """Move these records to the bin, and state that once."""
        records = [self._stored(script_id) for script_id in script_ids]
        moved: list[Path] = []
        try:
            for record in records:
                path = self._path(record.script.section, record.script.id)
                self._to_bin(path, record.digest)
                moved.append(path)
        finally:
            if moved:
                self._restate(moved)

    def recover(self, script_id: str, digest: str = "") -> Record:
        """Bring a record back from the bin: the one that was discarded last under this id, or has this digest."""
        target = self._recover_one(script_id, digest)
        self._restate([target])
        return self._stored(script_id)

    def recover_all(self, digests: Mapping[str, str]) -> Mapping[str, str]:
        """Bring back the record with this digest under each id, and state that once; why some were not, by id."""
        moved: list[Path] = []
        left: dict[str, str] = {}
        try:
            for script_id, digest in digests.items():
                try:
                    moved.append(self._recover_one(script_id, digest[:16]))
                except (InvalidInput, IdTaken) as error:
                    left[script_id] = str(error)
        finally:
            if moved:
                self._restate(moved)
        return left

    def _recover_one(self, script_id: str, digest: str = "") -> Path:
        newest = bin_files.find(self._paths.bin, script_id, digest)
        section = newest.parent.name
        target = self._path(section, script_id)
        if script_id in self.catalogue().records or target.exists():
            raise IdTaken(f"A script '{script_id}' exists again.", "Bring this one back from the bin under another id.")
        if section not in self._sections:
            raise NotFound(
                f"'{script_id}' was in the section '{section}', which the workspace no longer has.",
                "Add the section to workspace.yaml and bring the script back then.",
            )
        with files.storage_errors(newest):
            # What cannot be read stays where it is.
            record_format.decode(newest.read_bytes(), source=f"'{script_id}' in the bin")
        files.move(newest, target)
        return target

    def in_bin(self, script_id: str, digest: str) -> Record:
        """A record in the bin."""
        return record_format.decode(self.file_in_bin(script_id, digest), source=f"'{script_id}' in the bin")

    def file_in_bin(self, script_id: str, digest: str) -> bytes:
        """The bytes of a file in the bin, also of one that is no record."""
        return bin_files.read(self._paths.bin, script_id, digest)

    def binned(self) -> list[Binned]:
        """What lies in the bin, the last put there first."""
        return bin_files.listed(self._paths.bin)

    def throw_away(self, binned: Iterable[Binned]) -> None:
        """Delete these from the bin."""
        bin_files.remove(self._paths.bin, binned)

    def state_manifest(self) -> None:
        """Write the manifest of what is stored now; what cannot be read keeps the digest it was stated with."""
        self._folder.state(self._folder.look(), as_meant=True)
        self._lagging = ""

    def _restate(self, paths: Iterable[Path]) -> None:
        """State what has just been stored or moved; it is stored by now, and a full disk takes nothing back.

        The next write states it, and until then health names what is not stated.
        """
        catalogue = self._folder.look_at(paths)
        try:
            self._folder.state(catalogue)
            self._lagging = ""
        except StorageFailed as error:
            self._lagging = f"It is stored, but the manifest does not state it yet. {error}"

    def _check_writable(self) -> None:
        if not self.writable:
            raise StorageFailed(
                f"The workspace {self._paths.root.name} is read-only.",
                "Copy it to a folder where you may write, and open it there with --workspace.",
            )

    def _keep(self, purpose: str, *, outside: bool = False) -> None:
        if self._history is not None:
            self._history.keep(purpose, self._folder.marks, outside=outside)

    def _put_one(self, record: Record, present: Record | None, touched: set[Path], data: bytes = b"") -> Record:
        script = record.script
        path = self._path(script.section, script.id)
        data = data or record_format.encode(record)
        # Acknowledged means readable: what cannot be read back is not written.
        checked = record_format.decode(data, source=path.name)
        files.write_atomically(path, data, sync_folder=False)
        touched.add(path)
        if present is not None and present.script.section != script.section:
            # The new file stands before the old one goes: a kill between the two leaves both, never neither, and the
            # next writer puts the new one into the bin, which the manifest does not state yet.
            files.fsync_folder(path.parent)
            former = self._path(present.script.section, script.id)
            with files.storage_errors(former):
                former.unlink(missing_ok=True)
            touched.add(former)
        return checked

    def _finish_moves(self) -> None:
        """Undo a move between sections that was cut short: of two files with one id, the one that is stated stays.

        Where the manifest states both, or neither, nobody can tell: both stay, and the second is reported as broken.
        """
        folder = self._folder
        if not (folder.seen and folder.seen.broken):
            return
        stated, problem = folder.stated
        if problem:
            return
        for names in folder.twins():
            kept = folder.vouched(names, stated)
            for name in names if kept else ():
                if name != kept:
                    section, _, script_id = name.partition("/")
                    self._to_bin(self._path(section, script_id), folder.digest_of(name))
        folder.look()

    def _to_bin(self, path: Path, digest: str) -> None:
        with files.storage_errors(path):
            os.utime(path)  # recover takes the one discarded last
        files.move(path, self._paths.bin / path.parent.name / binned(path.stem, digest))

    def _stored(self, script_id: str) -> Record:
        try:
            return self.catalogue().records[script_id]
        except KeyError:
            raise NotFound(f"There is no script '{script_id[:80]}'.", "It may have been deleted.") from None

    def _path(self, section: str, script_id: str) -> Path:
        # Both are slugs: nothing a person types becomes a path.
        if not (text.is_slug(section) and text.is_slug(script_id)):
            raise NotFound(f"'{section[:80]}/{script_id[:80]}' names no script.", "Use the id of a script.")
        return self._paths.records / section / f"{script_id}{SUFFIX}"

    def _folders(self) -> list[Path]:
        return [self._paths.records / section for section in self._sections]
