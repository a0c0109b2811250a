"""Records as YAML files, one script a file: ``records/<section>/<id>.yaml``."""

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services import files, text
from services.errors import IdTaken, InvalidInput, NotFound, StorageFailed
from services.ports import Catalogue
from services.progress import Progress
from services.records import manifest, record_format
from services.records.lock import WriterLock
from services.scripts import BrokenRecord, Record
from services.settings import Paths

_SUFFIX = ".yaml"
_EXTENSION = len(_SUFFIX)


# What tells one version of a file from another without reading it: when it was modified, its size, its inode.
_Mark = tuple[int, int, int]


@dataclass(frozen=True)
class _Read:
    mark: _Mark
    record: Record | None
    broken: BrokenRecord | None
    digest: str


class YamlRecordStore:
    """The records of one workspace. Safe to use from several threads."""

    def __init__(self, paths: Paths, sections: tuple[str, ...]) -> None:
        self._paths = paths
        self._sections = sections
        self._lock = WriterLock(paths.lock)
        self._reading = threading.RLock()
        self._files: dict[str, _Read] = {}
        # Folders that could not be listed, and why.
        self._unlisted: list[tuple[Path, str]] = []
        self._manifest_mark: _Mark | None = None
        # What the manifest stated when it was read last, and what was wrong with it.
        self._stated: tuple[Mapping[str, str], str] = ({}, "")
        # The manifest as this object wrote it last, as bytes and as digests.
        self._written: tuple[bytes, Mapping[str, str]] | None = None
        # Names in the order of sections and ids.
        self._ordered: dict[str, None] = {}
        # The thread that holds the writer lock and has looked since.
        self._writer: int | None = None
        self._catalogue: Catalogue | None = None

    @property
    def writable(self) -> bool:
        """Whether this process may write there at all."""
        folders = [self._paths.root, self._paths.records]
        return all(os.access(folder, os.W_OK) for folder in folders if folder.exists())

    @contextlib.contextmanager
    def writing(self, purpose: str) -> Iterator[None]:
        """Hold the writer lock. Raises ``WorkspaceBusy`` or ``StorageFailed``."""
        if not self.writable:
            raise StorageFailed(
                f"The workspace {self._paths.root.name} is read-only.",
                "Copy it to a folder where you may write, and open it there with --workspace.",
            )
        with self._lock.hold(purpose) as outermost:
            if outermost:
                for folder in (self._paths.root, self._paths.questionnaires, *self._folders()):
                    files.sweep(folder)
                self._finish_moves()
                self._writer = threading.get_ident()
            try:
                yield
            finally:
                if outermost:
                    self._writer = None

    def catalogue(self) -> Catalogue:
        """What is stored now. Reads only the files that changed since it was called last.

        Whoever holds the writer lock sees what was there when it was taken, and what was written since: looking at ten
        thousand files again would tell nothing that a change from outside could not undo a moment later.
        """
        if self._catalogue and self._writer == threading.get_ident():
            return self._catalogue
        return self._look()

    def _look(self) -> Catalogue:
        with self._reading:
            found = self._scan()
            mark = _mark_of(self._paths.manifest)
            known = self._files.get
            changed = [name for name, seen in found.items() if (read := known(name)) is None or read.mark != seen]
            stated_anew = mark is None or mark != self._manifest_mark
            if self._catalogue and not (changed or stated_anew) and len(found) == len(self._files):
                return self._catalogue
            for name in self._files.keys() - found.keys():
                del self._files[name]
            for name in changed:
                self._files[name] = _read(self._paths.records / f"{name}{_SUFFIX}", name, found[name])
            if stated_anew:
                self._manifest_mark, self._stated = mark, manifest.read(self._paths.manifest, self._written)
            self._catalogue = self._assemble()
            return self._catalogue

    def _look_at(self, paths: Iterable[Path]) -> Catalogue:
        """What is stored now, where only these files have changed since the writer lock was taken."""
        with self._reading:
            for path in paths:
                name = f"{path.parent.name}/{path.stem}"
                self._files.pop(name, None)
                mark = _mark_of(path)
                if mark is not None:
                    self._files[name] = _read(path, name, mark)
            self._catalogue = self._assemble()
            return self._catalogue

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
                self._state(self._look_at(touched))
        return stored

    def discard(self, script_id: str) -> None:
        """Move a record to the bin, under its digest so that an older one under the same id stays there too."""
        record = self._stored(script_id)
        script = record.script
        self._to_bin(self._path(script.section, script.id), record.digest)
        self.state_manifest()

    def recover(self, script_id: str) -> Record:
        """Bring the record that was discarded last under this id back from the bin."""
        binned = list(self._paths.bin.glob(f"*/{script_id}.*{_SUFFIX}")) if text.is_slug(script_id) else []
        if not binned:
            raise NotFound(f"The bin has no script '{script_id[:80]}'.", "It may have been brought back already.")
        newest = max(binned, key=lambda path: path.stat().st_mtime_ns)
        section = newest.parent.name
        target = self._path(section, script_id)
        if script_id in self.catalogue().records or target.exists():
            raise IdTaken(f"A script '{script_id}' exists again.", "Rename or delete that one first.")
        if section not in self._sections:
            raise NotFound(
                f"'{script_id}' was in the section '{section}', which the workspace no longer has.",
                "Add the section to workspace.yaml and bring the script back then.",
            )
        files.move(newest, target)
        self.state_manifest()
        return self._stored(script_id)

    def state_manifest(self) -> None:
        """Write the manifest of what is stored now; what cannot be read keeps the digest it was stated with."""
        self._state(self._look())

    def _state(self, catalogue: Catalogue) -> None:
        stated, problem = self._stated
        entries = {_name(record): record.digest for record in catalogue.records.values()}
        for broken in catalogue.broken:
            name = broken.path.removeprefix("records/").removesuffix(_SUFFIX)
            if name in stated:
                entries[name] = stated[name]
        for folder, _ in self._unlisted:
            entries |= {name: digest for name, digest in stated.items() if name.startswith(f"{folder.name}/")}
        if problem or entries != stated:
            self._written = (manifest.write(self._paths.manifest, entries), entries)

    def _put_one(self, record: Record, present: Record | None, touched: set[Path]) -> Record:
        script = record.script
        path = self._path(script.section, script.id)
        data = record_format.encode(record)
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
        if not self._look().broken:
            return
        stated, problem = self._stated
        if problem:
            return
        for names in self._twins():
            kept = self._vouched(names, stated)
            for name in names if kept else ():
                if name != kept:
                    section, _, script_id = name.partition("/")
                    self._to_bin(self._path(section, script_id), self._files[name].digest)
        self._look()

    def _twins(self) -> list[list[str]]:
        """Names of valid files that share an id, in the order of sections."""
        valid = [name for name, read in self._files.items() if read.record is not None]
        names = [name for name in valid if name.partition("/")[0] in self._sections]
        times = Counter(name.partition("/")[2] for name in names)
        if len(times) == len(names):
            return []
        shared = (script_id for script_id, count in times.items() if count > 1)
        return [[f"{s}/{script_id}" for s in self._sections if f"{s}/{script_id}" in names] for script_id in shared]

    def _vouched(self, names: list[str], stated: Mapping[str, str]) -> str:
        """The one file among these whose present digest the manifest states; empty where it is not exactly one."""
        found = [name for name in names if stated.get(name) == self._files[name].digest]
        return found[0] if len(found) == 1 else ""

    def _to_bin(self, path: Path, digest: str) -> None:
        with files.storage_errors(path):
            os.utime(path)  # recover takes the one discarded last
        files.move(path, self._paths.bin / path.parent.name / f"{path.stem}.{digest[:16]}{_SUFFIX}")

    def _stored(self, script_id: str) -> Record:
        try:
            return self.catalogue().records[script_id]
        except KeyError:
            raise NotFound(f"There is no script '{script_id[:80]}'.", "It may have been deleted.") from None

    def _path(self, section: str, script_id: str) -> Path:
        # Both are slugs: nothing a person types becomes a path.
        if not (text.is_slug(section) and text.is_slug(script_id)):
            raise NotFound(f"'{section[:80]}/{script_id[:80]}' names no script.", "Use the id of a script.")
        return self._paths.records / section / f"{script_id}{_SUFFIX}"

    def _folders(self) -> list[Path]:
        return [self._paths.records / section for section in self._sections]

    def _scan(self) -> dict[str, _Mark]:
        """Every YAML file in ``records/`` and its folders; those that are in no section's are reported as such."""
        self._unlisted, found, known = [], {}, self._files.get
        folders = [Path(entry.path) for entry in self._entries(self._paths.records) if entry.is_dir()]
        for folder in (self._paths.records, *folders):
            prefix = "" if folder == self._paths.records else f"{folder.name}/"
            for entry in self._entries(folder):
                file = entry.name
                if not file.endswith(_SUFFIX) or file[0] == ".":
                    continue
                mark = _mark_of(entry)
                if mark is None and not entry.is_symlink():
                    continue  # deleted since the folder was listed
                read = known(name := prefix + file[:-_EXTENSION])
                # Keep the equal one: ten thousand new objects at each look would set off Python's garbage collector.
                # A link to nothing is there and cannot be read, which reading it says.
                found[name] = read.mark if read is not None and read.mark == mark else mark or _NOWHERE
        return found

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                yield from entries
        except FileNotFoundError:
            return
        except OSError as error:
            self._unlisted.append((folder, error.strerror or ""))

    def _assemble(self) -> Catalogue:
        records: dict[str, Record] = {}
        broken: list[BrokenRecord] = []
        stated, problem = self._stated
        vouched = {kept.partition("/")[2]: kept for names in self._twins() if (kept := self._vouched(names, stated))}
        if self._ordered.keys() != self._files.keys():
            self._ordered = dict.fromkeys(sorted(self._files, key=self._order))
        for name in self._ordered:
            read = self._files[name]
            section, _, script_id = name.partition("/")
            if read.broken is not None or read.record is None:
                broken += [read.broken] if read.broken else []
            elif section not in self._sections:
                broken.append(_unknown_section(name, section))
            elif script_id in records or vouched.get(script_id, name) != name:
                broken.append(_twice(name, vouched.get(script_id) or _name(records[script_id])))
            else:
                records[script_id] = read.record
        if problem:
            broken.append(BrokenRecord("manifest.yaml", problem, "Run: python -m services rebuild"))
        broken += [_unlistable(folder, why) for folder, why in self._unlisted]
        found = {name: read.digest for name, read in self._files.items()}
        return Catalogue(records, tuple(broken), manifest.differences(stated, found))

    def _order(self, name: str) -> tuple[int, str]:
        section, _, script_id = name.partition("/")
        known = section in self._sections
        return (self._sections.index(section) if known else len(self._sections), script_id)


_NOWHERE: _Mark = (0, 0, 0)


def _name(record: Record) -> str:
    return f"{record.script.section}/{record.script.id}"


def _mark_of(path: Path | os.DirEntry[str]) -> _Mark | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read(path: Path, name: str, mark: _Mark) -> _Read:
    source = f"records/{name}{_SUFFIX}"
    try:
        record = record_format.decode(path.read_bytes(), source=source)
        _check_place(record, name, source)
    except InvalidInput as error:
        return _Read(mark, None, BrokenRecord(source, error.cause, error.next_step), "")
    except OSError as error:
        cause = f"{source} cannot be read ({error.strerror})."
        return _Read(mark, None, BrokenRecord(source, cause, "Check the file's permissions."), "")
    return _Read(mark, record, None, record.digest)


def _check_place(record: Record, name: str, source: str) -> None:
    if _name(record) != name:
        raise InvalidInput(
            f"{source} says that it is {_name(record)}.", f"Move it to records/{_name(record)}{_SUFFIX}."
        )


def _unknown_section(name: str, section: str) -> BrokenRecord:
    return BrokenRecord(
        f"records/{name}{_SUFFIX}",
        f"The workspace has no section '{section}'.",
        "Add the section to workspace.yaml, or move the script to another one.",
    )


def _unlistable(folder: Path, why: str) -> BrokenRecord:
    return BrokenRecord(f"records/{folder.name}", f"The folder cannot be read ({why}).", "Check its permissions.")


def _twice(name: str, kept: str) -> BrokenRecord:
    return BrokenRecord(
        f"records/{name}{_SUFFIX}",
        f"The id '{name.partition('/')[2]}' is used in '{kept.partition('/')[0]}' too.",
        "Rename one of the two files and the id in it, or delete it.",
    )
