"""Putting a new workspace where the old one is, in one step, with the old one kept beside it."""

import ctypes
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from services.domain.settings import Paths
from services.errors import InvalidSettings, NotFound, StorageFailed
from services.ground import files

Lock = Callable[[str], AbstractContextManager[object]]
_AT_FDCWD, _EXCHANGE = -100, 2
_MOUNTS = Path("/proc/self/mountinfo")


def settle(root: Path) -> None:
    """Finish a restore that was killed between two renames, on systems that cannot exchange two folders at once.

    Then nothing stands at ``root``, and what is verified stands beside it.
    """
    ready = _ready(root)
    if ready.exists() and not root.exists():
        with files.storage_errors(root):
            ready.rename(root)


def check_target(root: Path) -> None:
    """Refuse what is no workspace, and what cannot be exchanged.

    Raises:
        NotFound, InvalidSettings: it is a file, or a folder of something else.
        StorageFailed: it is a disk or a volume of its own.
    """
    if root.is_file():
        raise NotFound(f"{root} is a file, not a folder.", "Name the folder of a workspace, or a new one.")
    if root.is_dir() and any(root.iterdir()) and not Paths(root).settings.exists():
        raise InvalidSettings(
            f"{root} has files in it and is no workspace.", "Name a workspace, or a folder that is empty or new."
        )
    if _is_mount(root):
        raise StorageFailed(
            f"{root} is a disk or a volume of its own, which cannot be exchanged with a folder.",
            f"Nothing was changed. Restore into a new folder on it, such as {root / 'restored'}, and open that one.",
        )


def swap_in(new: Path, root: Path, lock: Lock) -> Path | None:
    """Put the new folder in place; where the old one lies now. Whatever fails leaves the old one and nothing else."""
    with files.storage_errors(root), ExitStack() as held:
        if not root.exists() or not any(root.iterdir()):
            if root.exists():
                root.rmdir()
            new.rename(root)
            files.fsync_folder(root.parent)
            return None
        held.enter_context(lock("restoring a backup"))
        before = _free_name(root)
        # Under the name that the old one will have: after the exchange nothing is left to do.
        new.rename(before)
        try:
            if not _exchanged(before, root):
                _renamed(before, root)
        except OSError:
            # The old one stands: what cannot be put in its place is no use beside it.
            if root.exists():
                shutil.rmtree(before, ignore_errors=True)
                shutil.rmtree(_ready(root), ignore_errors=True)
            raise
        files.fsync_folder(root.parent)
        return before


def _ready(root: Path) -> Path:
    return root.with_name(f".{root.name}.verified")


def _renamed(before: Path, root: Path) -> None:
    """Exchange two folders by renaming both; a kill in between is finished by ``settle``."""
    # One that stands beside a workspace is of a restore that was killed before it began to replace anything.
    shutil.rmtree(_ready(root), ignore_errors=True)
    before.rename(_ready(root))
    root.rename(before)
    settle(root)


def _free_name(root: Path) -> Path:
    base = f"{root.name}.before-restore-{time.strftime('%Y%m%dT%H%M%S')}"
    candidate, number = root.with_name(base), 1
    while candidate.exists():
        number += 1
        candidate = root.with_name(f"{base}-{number}")
    return candidate


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step of the file system; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    return bool(library.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0)


def _is_mount(root: Path) -> bool:
    if os.path.ismount(root):
        return True
    # A folder of the same disk that is mounted here once more: only the system's own list knows.
    try:
        places = (line.split(b" ")[4] for line in _MOUNTS.read_bytes().splitlines())
        return os.fsencode(root) in {re.sub(rb"\\([0-7]{3})", _unescaped, place) for place in places}
    except (OSError, IndexError):
        return False


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)])
