"""Processes of our own that are spoken to line by line."""

import queue
import subprocess
import threading
from contextlib import suppress
from typing import IO

_FAREWELL_SECONDS = 2.0


def lines_of(pipe: IO[bytes] | None) -> "queue.Queue[bytes]":
    """The lines as they come; an empty one where there will be no more."""
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(pipe, lines), daemon=True).start()
    return lines


def end(child: "subprocess.Popen[bytes]") -> None:
    """Kill it, and let go of its pipes; what was not written yet is for nobody any more."""
    child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(_FAREWELL_SECONDS)
    for pipe in (child.stdin, child.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()


def _listen(pipe: IO[bytes] | None, lines: "queue.Queue[bytes]") -> None:
    with suppress(OSError, ValueError):  # the pipe was closed under it
        while pipe is not None and (line := pipe.readline()):
            lines.put(line)
    lines.put(b"")
