"""Folders of the system's temporary one: what a killed process left there goes when the next one looks."""

import contextlib
import shutil
import tempfile
import time
from pathlib import Path

# Nobody works on one thing for a day.
_STALE_SECONDS = 86_400


def sweep(prefix: str) -> None:
    """Delete the folders whose names begin so and in which nothing was made for a day."""
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
