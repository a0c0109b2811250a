"""What lies in ``records/``: read where it changed, and assembled into a catalogue."""

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.domain.scripts import BrokenRecord, Record
from services.domain.settings import Paths
from services.errors import InvalidInput
from services.ground.files import NO_MARK, Mark, mark_of
from services.ground.progress import Progress
from services.ports import Catalogue
from services.records import manifest, record_format

SUFFIX = ".yaml"
_EXTENSION = len(SUFFIX)
# Files between two reports of progress.
_TELL_EVERY = 50


@dataclass(frozen=True)
class _Read:
    mark: Mark
    record: Record | None
    broken: BrokenRecord | None
    digest: str
    # Section and id that the file states, where they are not those of its path.
    states: str = ""


class RecordFolder:
    """The record files and the manifest of one workspace, as they were read last. Safe to use from several threads."""

    def __init__(self, paths: Paths, sections: tuple[str, ...]) -> None:
        self._paths = paths
        self._sections = sections
        self._reading = threading.RLock()
        self._files: dict[str, _Read] = {}
        # Folders that could not be listed, and why.
        self._unlisted: list[tuple[Path, str]] = []
        self._manifest_mark: Mark | None = None
        # The manifest as this object wrote it last, as bytes and as digests.
        self._written: tuple[bytes, Mapping[str, str]] | None = None
        # Names in the order of sections and ids.
        self._ordered: dict[str, None] = {}
        # What the manifest stated when it was read last, and what was wrong with it.
        self.stated: tuple[Mapping[str, str], str] = ({}, "")
        # What was there when it was looked at last; None before that.
        self.seen: Catalogue | None = None

    def look(self, progress: Progress | None = None) -> Catalogue:
        """What is stored now. Reads only the files that changed since it was called last."""
        with self._reading:
            found = self._scan()
            mark = mark_of(self._paths.manifest)
            known = self._files.get
            changed = [name for name, seen in found.items() if (read := known(name)) is None or read.mark != seen]
            stated_anew = mark is None or mark != self._manifest_mark
            if self.seen and not (changed or stated_anew) and len(found) == len(self._files):
                return self.seen
            for name in self._files.keys() - found.keys():
                del self._files[name]
            for done, name in enumerate(changed):
                self._files[name] = _read(self._paths.records / f"{name}{SUFFIX}", name, found[name])
                if progress and done % _TELL_EVERY == 0:
                    progress(done, len(changed))
            if stated_anew:
                self._manifest_mark, self.stated = mark, manifest.read(self._paths.manifest, self._written)
            self.seen = self._assemble()
            return self.seen

    def filed(self) -> Mapping[str, str]:
        """In which section's folder the file of each id lies: by the names alone, nothing is read or kept."""
        found: dict[str, str] = {}
        for section in self._sections:
            # What cannot be listed is told by whoever reads the scripts.
            with contextlib.suppress(OSError), os.scandir(self._paths.records / section) as entries:
                names = [entry.name for entry in entries]
                found |= {name[:-_EXTENSION]: section for name in names if name.endswith(SUFFIX) and name[0] != "."}
        return found

    @property
    def marks(self) -> Mapping[str, Mark] | None:
        """What tells the files' versions apart, by name, as they were last looked at; None if some are not listed."""
        with self._reading:
            return None if self._unlisted else {name: read.mark for name, read in self._files.items()}

    def look_at(self, paths: Iterable[Path]) -> Catalogue:
        """What is stored now, where only these files have changed since the writer lock was taken."""
        with self._reading:
            for path in paths:
                name = f"{path.parent.name}/{path.stem}"
                self._files.pop(name, None)
                mark = mark_of(path)
                if mark is not None:
                    self._files[name] = _read(path, name, mark)
            self.seen = self._assemble()
            return self.seen

    def state(self, catalogue: Catalogue, *, as_meant: bool = False) -> None:
        """Write the manifest of this; what cannot be read keeps the digest it was stated with.

        So does what is gone, for a lost disk looks like that too, until somebody takes it ``as_meant``.
        """
        stated, problem = self.stated
        entries = {name_of(record): record.digest for record in catalogue.records.values()}
        if not as_meant:
            entries |= {name: stated[name] for name in catalogue.gone}
        for broken in catalogue.broken:
            name = broken.path.removeprefix("records/").removesuffix(SUFFIX)
            if name in stated:
                entries[name] = stated[name]
        entries |= {name: digest for name, digest in stated.items() if self._is_unlisted(name)}
        if problem or entries != stated:
            self._written = (manifest.write(self._paths.manifest, entries), entries)

    def digest_of(self, name: str) -> str:
        """The digest of a file's bytes; empty where it could not be read."""
        return self._files[name].digest

    def twins(self) -> list[list[str]]:
        """Names of valid files that share an id, in the order of sections."""
        valid = [name for name, read in self._files.items() if read.record is not None]
        names = [name for name in valid if name.partition("/")[0] in self._sections]
        times = Counter(name.partition("/")[2] for name in names)
        if len(times) == len(names):
            return []
        shared = (script_id for script_id, count in times.items() if count > 1)
        return [[f"{s}/{script_id}" for s in self._sections if f"{s}/{script_id}" in names] for script_id in shared]

    def vouched(self, names: list[str], stated: Mapping[str, str]) -> str:
        """The one file among these whose present digest the manifest states; empty where it is not exactly one."""
        found = [name for name in names if stated.get(name) == self._files[name].digest]
        return found[0] if len(found) == 1 else ""

    def _scan(self) -> dict[str, Mark]:
        """Every YAML file in ``records/`` and its folders; those that are in no section's are reported as such."""
        self._unlisted, found, known = [], {}, self._files.get
        folders = [Path(entry.path) for entry in self._entries(self._paths.records) if entry.is_dir()]
        for folder in (self._paths.records, *folders):
            prefix = "" if folder == self._paths.records else f"{folder.name}/"
            for entry in self._entries(folder):
                file = entry.name
                if not file.endswith(SUFFIX) or file[0] == ".":
                    continue
                mark = mark_of(entry)
                if mark is None and not entry.is_symlink():
                    continue  # deleted since the folder was listed
                read = known(name := prefix + file[:-_EXTENSION])
                # Keep the equal one: ten thousand new objects at each look would set off Python's garbage collector.
                # A link to nothing is there and cannot be read, which reading it says.
                found[name] = read.mark if read is not None and read.mark == mark else mark or NO_MARK
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
        stated, problem = self.stated
        vouched = {kept.partition("/")[2]: kept for names in self.twins() if (kept := self.vouched(names, stated))}
        if self._ordered.keys() != self._files.keys():
            self._ordered = dict.fromkeys(sorted(self._files, key=self._order))
        for name in self._ordered:
            read = self._files[name]
            section, _, script_id = name.partition("/")
            if read.states:
                broken.append(_misplaced(name, read.states, taken=read.states in self._files))
            elif read.broken is not None or read.record is None:
                broken += [read.broken] if read.broken else []
            elif section not in self._sections:
                broken.append(_unknown_section(name, section))
            elif script_id in records or vouched.get(script_id, name) != name:
                broken.append(_twice(name, vouched.get(script_id) or name_of(records[script_id])))
            else:
                records[script_id] = read.record
        if problem:
            broken.append(BrokenRecord("manifest.yaml", problem, "Run: python -m services rebuild"))
        broken += [_unlistable(folder, why) for folder, why in self._unlisted]
        found = {name: read.digest for name, read in self._files.items()}
        unmanifested = manifest.differences(stated, found)
        lost = (name for name in unmanifested if name not in found and not self._is_unlisted(name))
        gone = tuple(name for name in lost if not self._is_elsewhere(name, stated[name], records))
        return Catalogue(records, tuple(broken), unmanifested, gone)

    def _is_elsewhere(self, name: str, digest: str, records: Mapping[str, Record]) -> bool:
        """Whether a file that is stated and not there was moved by a writer: to another section, or to the bin."""
        section, _, script_id = name.partition("/")
        return script_id in records or (self._paths.bin / section / binned(script_id, digest)).exists()

    def _is_unlisted(self, name: str) -> bool:
        return any(name.startswith(f"{folder.name}/") for folder, _ in self._unlisted)

    def _order(self, name: str) -> tuple[int, str]:
        section, _, script_id = name.partition("/")
        known = section in self._sections
        return (self._sections.index(section) if known else len(self._sections), script_id)


def binned(script_id: str, digest: str) -> str:
    """The name of a record's file in the bin: under its digest, so that an older one under the same id stays there."""
    return f"{script_id}.{digest[:16]}{SUFFIX}"


def name_of(record: Record) -> str:
    """Section and id, as in the path."""
    return f"{record.script.section}/{record.script.id}"


def _read(path: Path, name: str, mark: Mark) -> _Read:
    source = f"records/{name}{SUFFIX}"
    try:
        record = record_format.decode(path.read_bytes(), source=source)
    except InvalidInput as error:
        return _Read(mark, None, BrokenRecord(source, error.cause, error.next_step), "")
    except OSError as error:
        cause = f"{source} cannot be read ({error.strerror})."
        return _Read(mark, None, BrokenRecord(source, cause, "Check the file's permissions."), "")
    if name_of(record) != name:
        return _Read(mark, None, None, "", name_of(record))
    return _Read(mark, record, None, record.digest)


def _misplaced(name: str, states: str, *, taken: bool) -> BrokenRecord:
    source, place = f"records/{name}{SUFFIX}", f"records/{states}{SUFFIX}"
    if taken:
        return BrokenRecord(
            source, f"{source} says that it is {states}, and {place} is there already.", "Delete one of the two."
        )
    return BrokenRecord(source, f"{source} says that it is {states}.", f"Move it to {place}.")


def _unknown_section(name: str, section: str) -> BrokenRecord:
    return BrokenRecord(
        f"records/{name}{SUFFIX}",
        f"The workspace has no section '{section}'.",
        "Add the section to workspace.yaml, or move the script to another one.",
    )


def _unlistable(folder: Path, why: str) -> BrokenRecord:
    return BrokenRecord(f"records/{folder.name}", f"The folder cannot be read ({why}).", "Check its permissions.")


def _twice(name: str, kept: str) -> BrokenRecord:
    return BrokenRecord(
        f"records/{name}{SUFFIX}",
        f"The id '{name.partition('/')[2]}' is used in '{kept.partition('/')[0]}' too.",
        "Rename one of the two files and the id in it, or delete it.",
    )
