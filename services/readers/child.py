"""Parsing in a process of its own: a file that hangs, exhausts or crashes its parser costs that process, not this one.

One process serves many files, one after the other. It is ended at its limit of time and begun anew for the next file.
"""

import atexit
import json
import logging
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from services.errors import InvalidInput, StorageFailed
from services.ground import children
from services.readers.decoding import check_size

_SECONDS = 30.0
# What the largest file that is read needs, with the parsers themselves.
_MEMORY = 1_536 * 2**20
# What a parser leaks over many files goes with the process.
_MAX_FILES = 2_000
_log = logging.getLogger(__name__)


class Apart:
    """The process, begun when the first file comes. Threads take turns."""

    def __init__(self, seconds: float = _SECONDS, memory: int = _MEMORY) -> None:
        """``seconds`` is how long one file may take, ``memory`` how many bytes of addresses the process may have."""
        self._seconds = seconds
        self._memory = memory
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._served = 0

    def ask(self, kind: str, path: Path, source: str, **options: Any) -> dict[str, Any]:
        """What the parser of this kind tells of the file.

        Raises:
            InvalidInput: the file is refused, or its parser died of it or did not end.
            StorageFailed: no process can be started.
        """
        check_size(path, source)
        question = {"kind": kind, "path": str(path.absolute()), "source": source, "seconds": self._seconds, **options}
        with self._turn:
            try:
                # A process that was there before may have died of something else.
                line = (self._served and self._answer(question)) or self._anew(question)
            except queue.Empty:
                self._end()
                raise InvalidInput(
                    f"{source} could not be read within {self._seconds:g} seconds.",
                    "It may be damaged or made to do harm. Save its words as a text file and import that.",
                ) from None
            except BaseException:
                self._end()
                raise
            if not line:
                self._end()
                raise InvalidInput(
                    f"{source} made the process that read it end.",
                    "It is damaged or made to do harm. Save its words as a text file and import that.",
                )
        told: dict[str, Any] = json.loads(line)
        if "cause" in told:
            if "said" in told:
                # The parser's own words are for whoever looks for a fault in it.
                _log.info("%r: %s", source, told["said"])
            raise InvalidInput(told["cause"], told["next_step"])
        return told

    def close(self) -> None:
        """End the process; the next file begins another."""
        with self._turn:
            self._end()

    @property
    def process_id(self) -> int:
        """Of the process that is there now; 0 while there is none."""
        return self._child.pid if self._child is not None else 0

    def _anew(self, question: dict[str, Any]) -> bytes:
        self._end()
        return self._answer(question)

    def _answer(self, question: dict[str, Any]) -> bytes:
        """The line that answers; empty where the process died."""
        if self._child is None or self._child.poll() is not None or self._served >= _MAX_FILES:
            self._end()
            self._begin()
        child = self._child
        if child is None or child.stdin is None:
            return b""
        self._served += 1
        try:
            child.stdin.write(json.dumps(question).encode("ascii") + b"\n")
            child.stdin.flush()
        except OSError:
            return b""
        return self._answers.get(timeout=self._seconds)

    def _begin(self) -> None:
        command = [sys.executable, "-m", "services.readers.parsers", str(self._memory)]
        # The child runs where it finds this package.
        root = Path(__file__).parent.parent.parent
        try:
            child = subprocess.Popen(  # noqa: S603  this very program
                command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise StorageFailed(
                f"No process can be started to read files ({error.strerror}).", "Close other programs and try again."
            ) from error
        self._child, self._answers, self._served = child, children.lines_of(child.stdout), 0

    def _end(self) -> None:
        child, self._child, self._served = self._child, None, 0
        if child is None:
            return
        children.end(child)


_shared = Apart()
atexit.register(_shared.close)
ask = _shared.ask
