"""git's own list of what is checked out, kept so that ``git status`` in a workspace is quick and clean."""

import io
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dulwich.index import ConflictedIndexEntry, Index, IndexChecksumWriter, IndexEntry, index_entry_from_stat
from dulwich.index import write_index_dict as write_entries
from dulwich.objects import ObjectID
from dulwich.repo import Repo

from services.ground.files import Mark, mark_of
from services.records import git_files

_INODE = 0xFFFFFFFF
_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Staged:
    """A file as it was committed: where it is, what its bytes are, and what the disk said of it then."""

    path: str
    blob: ObjectID
    stat: os.stat_result


class GitIndex:
    """The index of one repository, read once and kept while nobody else writes it."""

    def __init__(self) -> None:
        self._mark: Mark | None = None
        self._index: Index | None = None

    def told(self, repo: Repo) -> Callable[[str, Mark], ObjectID | None]:
        """Which blob a file holds, where the index can tell that it is as it was when it was added."""
        return partial(_told, self._read(repo))

    def update(self, repo: Repo, staged: Iterable[Staged], gone: Iterable[str], lock: Path) -> None:
        """Write it with these files as they are now. Needs git's lock on it."""
        index = self._read(repo)
        for file in staged:
            index[file.path.encode()] = index_entry_from_stat(file.stat, file.blob)
        for name in gone:
            if name.encode() in index:
                del index[name.encode()]
        path = file_of(repo)
        git_files.publish(lock, path, _encoded(dict(index.items())))
        self._mark = mark_of(path)

    def _read(self, repo: Repo) -> Index:
        path = file_of(repo)
        mark = mark_of(path)
        if self._index is None or mark is None or mark != self._mark:
            self._index, self._mark = Index(path), mark
        return self._index


def _told(index: Index, path: str, mark: Mark) -> ObjectID | None:
    name = path.encode()
    entry = index[name] if name in index else None  # noqa: SIM401  it has no get
    if not isinstance(entry, IndexEntry) or not isinstance(entry.mtime, tuple):
        return None
    seconds, rest = entry.mtime
    same = (seconds * _SECOND + rest, entry.size, entry.ino & _INODE) == (mark[0], mark[1], mark[2] & _INODE)
    return entry.sha if same else None


def file_of(repo: Repo) -> Path:
    """The file that it is, which git locks before it commits."""
    return Path(os.fsdecode(repo.index_path()))


def _encoded(entries: Mapping[bytes, IndexEntry | ConflictedIndexEntry]) -> bytes:
    # Without git's extensions: a tree that it has noted for these files would not be theirs any more.
    told = io.BytesIO()
    writer = IndexChecksumWriter(told)
    write_entries(writer, entries, extensions=[])
    writer.write_checksum()
    return told.getvalue()
