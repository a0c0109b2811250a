"""What was read from a repository, kept as lines of JSON. Derived: names of git's objects never mean anything else."""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def load(path: Path) -> Iterator[Any]:
    """The lines; one that a kill cut short is passed over."""
    with contextlib.suppress(OSError):
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError):
                yield json.loads(line)


def append(path: Path, values: Iterable[Any]) -> None:
    """Add lines, where the disk takes them: what is not kept is read from the repository once more."""
    lines = "".join(f"{json.dumps(value, separators=(',', ':'))}\n" for value in values)
    with contextlib.suppress(OSError):
        if lines and os.access(path.parent.parent, os.W_OK):
            path.parent.mkdir(exist_ok=True)
            with path.open("ab") as file:
                # A line of its own also behind one that was cut short.
                file.write(b"\n" + lines.encode())
