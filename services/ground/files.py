"""Writing files so that a reader sees the old bytes or the new ones, whatever happens in between."""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from services.errors import InvalidInput, StorageFailed

# What tells one version of a file from another without reading it: when it was modified, in nanoseconds, its size, its
# inode.
Mark: TypeAlias = tuple[int, int, int]
# Of a file that cannot be looked at, such as a link to nothing: reading it says what is the matter.
NO_MARK: Mark = (0, 0, 0)

# Names of half-written files begin so; a reader passes over them and a writer sweeps them away.
TEMPORARY_PREFIX = ".writing-"

_NEXT_STEPS = {
    errno.ENOSPC: "Free some space and save again.",
    errno.EFBIG: "The system limits how large a file may be; raise the limit and save again.",
    errno.EDQUOT: "Your quota is used up; free some space and save again.",
    errno.EROFS: "The folder is read-only: copy the workspace to where you may write, and open it there.",
    errno.EACCES: "You may not write there: ask for the permission, or copy the workspace and open the copy.",
    errno.EPERM: "You may not write there: ask for the permission, or copy the workspace and open the copy.",
}


def write_atomically(path: Path, data: bytes, *, sync_folder: bool = True) -> None:
    """Write a file through a temporary one: fsync, rename, fsync of the folder.

    ``sync_folder=False`` leaves the last step to the caller, who writes many files and calls ``sync_folder`` once.

    Raises:
        StorageFailed: the disk is full, read-only, or says no for another reason; the old file is as it was.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes files private to their owner; these are shared like any other file of the user's.
            os.chmod(temporary, 0o666 & ~_UMASK)  # noqa: PTH101  temporary is a name, not a Path
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
            raise
        if sync_folder:
            fsync_folder(path.parent)


def write_named(path: Path, data: bytes) -> None:
    """Write to where a person has said, atomically: through a link to what it leads to.

    Raises:
        InvalidInput: what is there is a folder, a device or a pipe, which a file must not take the place of.
        StorageFailed: as ``write_atomically``.
    """
    write_atomically(led_to(path), data)


def led_to(path: Path) -> Path:
    """The file that a person means by this name, where links lead, to know before any work that it can be one.

    Raises:
        InvalidInput, StorageFailed: as ``write_named``.
    """
    with storage_errors(path):
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                raise InvalidInput(f"{path} is no file that could be written anew.", "Give the file another name.")
        return path.resolve()


def move(source: Path, target: Path) -> None:
    """Rename a file, with both folders on disk afterwards.

    Raises:
        StorageFailed: as ``write_atomically``.
    """
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        fsync_folder(target.parent)
        fsync_folder(source.parent)


def fsync_folder(folder: Path) -> None:
    """Make the renames in a folder last through a power cut."""
    if os.name == "nt":  # Windows cannot open a folder; NTFS journals the rename itself.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def mark(found: os.stat_result) -> Mark:
    """Of a file that was looked at."""
    return found.st_mtime_ns, found.st_size, found.st_ino


def mark_of(path: Path | os.DirEntry[str]) -> Mark | None:
    """Of the file as it is now, or of where a link leads; None where it cannot be looked at."""
    try:
        return mark(path.stat())
    except OSError:
        return None


def sweep(folder: Path) -> None:
    """Remove what a killed writer left half-written. Only for the holder of the writer lock."""
    for leftover in folder.glob(f"{TEMPORARY_PREFIX}*"):
        with contextlib.suppress(OSError):
            leftover.unlink()


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into ``StorageFailed``."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(
            f"{path.name} could not be written: {error.strerror or error}.",
            _NEXT_STEPS.get(error.errno or 0, "Check the disk and save again; what was saved before is unharmed."),
        ) from error


def _current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# Read once at import: umask can only be read by setting it, which another thread could notice.
_UMASK = _current_umask()
