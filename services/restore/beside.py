"""The folder beside a workspace in which a backup is unpacked: held by whoever works in it, swept by the next one."""

import contextlib
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from services.ground import files

if sys.platform != "win32":
    import fcntl

# Where a folder cannot be held, nobody unpacks for a day.
_STALE_SECONDS = 86_400


@contextlib.contextmanager
def unpacking(root: Path) -> Iterator[Path]:
    """A new, empty folder, which goes afterwards unless it is moved away. What a kill left there goes now.

    Raises:
        StorageFailed: the disk said no.
    """
    with files.storage_errors(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        sweep(root)
        folder, handle = _made(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def sweep(root: Path) -> None:
    """Delete what was unpacked for this workspace by somebody who was killed."""
    called = re.compile(re.escape(_prefix(root)) + "[0-9a-f]{8}")
    for left in root.parent.iterdir():
        if called.fullmatch(left.name) and not left.is_symlink():
            with contextlib.suppress(OSError), _unused(left):
                shutil.rmtree(left, ignore_errors=True)


def _prefix(root: Path) -> str:
    # Only ever what was unpacked: no workspace and nothing of anybody else's is called so.
    return f".{root.name}.unpacking-"


def _made(root: Path) -> tuple[Path, int | None]:
    """The folder, and what holds it: None where the system holds no folders."""
    while True:
        folder = root.with_name(f"{_prefix(root)}{secrets.token_hex(4)}")
        folder.mkdir()
        try:
            return folder, _held(folder)
        except (BlockingIOError, FileNotFoundError):
            # Somebody who sweeps was quicker.
            continue


def _held(folder: Path) -> int | None:
    """Hold a folder; a kill lets go of it. Raises ``BlockingIOError`` where somebody else does."""
    if sys.platform == "win32":
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        folder.lstat()
    except (BlockingIOError, FileNotFoundError):
        os.close(handle)
        raise
    except OSError:  # a disk on which nothing can be held
        os.close(handle)
        return None
    return handle


@contextlib.contextmanager
def _unused(folder: Path) -> Iterator[None]:
    """Raises ``BlockingIOError`` where somebody unpacks there, or may."""
    handle = _held(folder)
    if handle is None and time.time() - folder.stat().st_mtime < _STALE_SECONDS:
        raise BlockingIOError
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
