"""Fitting in a process of its own, which a page is never kept waiting by and which dies with this one."""

import json
import logging
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from services.domain.maps import Positions, Quality
from services.domain.scripts import Vectors
from services.errors import MapFailed, StorageFailed
from services.fitting import umap_apart
from services.ground import children, temporary
from services.ground.progress import Report
from services.ports.maps import Fitted, Fitter

PREFIX = "scriptorium-map-"
# How often somebody who said stop is listened to.
_LISTEN_SECONDS = 0.2
# For one that has said its last to end by itself, on a machine that is busy.
_ENDING_SECONDS = 10.0
_STARTING = "Starting UMAP"
_MOST_SAID = 2_000
_AGAIN = "Draw the map again; until then the last one is shown, or a simpler picture."
_SAID = "said.txt"
_log = logging.getLogger(__name__)


class UmapApart:
    """UMAP in a child process. Fulfils ``ports.maps.Fitter``."""

    def __init__(self, module: str = umap_apart.__name__) -> None:
        """``module`` is what the child runs."""
        self._module = module

    def fit(self, vectors: Vectors, start: Positions, report: Report, *, settled: bool = False) -> Fitted:
        """Place ``float32[n, d]`` from ``float32[n, 2]`` on. Raises ``MapFailed``, ``Cancelled``, ``StorageFailed``."""
        with self.several() as fitter:
            return fitter.fit(vectors, start, report, settled=settled)

    @contextmanager
    def several(self) -> Iterator[Fitter]:
        """One process for all fits within; it has ended afterwards, whatever came of them."""
        with _disk_errors():
            temporary.sweep(PREFIX)
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        process = _Process(self._module, folder)
        try:
            yield process
        finally:
            process.end()
            shutil.rmtree(folder, ignore_errors=True)


class _Process:
    """A child that fits again and again; begun with the first fit, and anew after one that came to nothing."""

    def __init__(self, module: str, folder: Path) -> None:
        self._module, self._folder, self._fits = module, folder, 0
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes] = queue.Queue()

    def several(self) -> AbstractContextManager[Fitter]:
        """This one."""
        return nullcontext(self)

    def fit(self, vectors: Vectors, start: Positions, report: Report, *, settled: bool = False) -> Fitted:
        """As ``UmapApart.fit``."""
        self._fits += 1
        folder = self._folder / str(self._fits)
        done = False
        try:
            with _disk_errors():
                folder.mkdir()
                umap_apart.save(folder / umap_apart.VECTORS, vectors)
                umap_apart.save(folder / umap_apart.START, start)
                (folder / umap_apart.ASKED).write_text(json.dumps({"settled": settled}), "ascii")
            self._run(folder, report)
            made = _read(folder, len(vectors))
            done = True
            return made
        finally:
            if not done:
                self.end()
            shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        children.end(child)

    def _run(self, folder: Path, report: Report) -> None:
        report(_STARTING, 0, 0)
        child = self._asked(folder)
        if _follow(self._lines, report):
            return
        code = _ended(child, report)
        self.end()
        if code is None:
            raise MapFailed("The process that places the scripts says nothing more and does not end.", _AGAIN)
        if code:
            # Its own words are for whoever looks for a fault in it.
            said = (self._folder / _SAID).read_text("utf-8", "replace")[-_MOST_SAID:]
            _log.warning("The map's process ended with %s: %s", code, said)
            raise MapFailed(f"The process that places the scripts ended before it was done ({_why(code)}).", _AGAIN)

    def _asked(self, folder: Path) -> "subprocess.Popen[bytes]":
        """The child, which has been told of this folder."""
        if self._child is None:
            self._child = self._begun(folder)
            self._lines = children.lines_of(self._child.stdout)
        elif self._child.stdin is not None:
            # One that has died meanwhile is told of by its silence.
            with suppress(OSError):
                self._child.stdin.write(json.dumps(str(folder)).encode("ascii") + b"\n")
                self._child.stdin.flush()
        return self._child

    def _begun(self, folder: Path) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", self._module, str(folder)]
        # The child runs where it finds this package.
        root = Path(__file__).parent.parent.parent
        with _disk_errors(), (self._folder / _SAID).open("wb") as errors:
            try:
                return subprocess.Popen(  # noqa: S603  this very program
                    command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
                )
            except OSError as error:
                raise MapFailed(
                    f"No process can be started to place the scripts ({error.strerror}).",
                    "Close other programs and draw the map again.",
                ) from error


def _follow(lines: "queue.Queue[bytes]", report: Report) -> bool:
    """Pass on what the child tells until it is done; whether it says so, and has not just fallen silent.

    Whoever says stop is heard in between. Raises ``StorageFailed``: the disk said no to the child.
    """
    stage, done, total = _STARTING, 0, 0
    while True:
        with suppress(queue.Empty):
            line = lines.get(timeout=_LISTEN_SECONDS)
            if not line:
                return False
            match _told(line):
                case None:
                    return True
                case [str() as stage, int() as done, int() as total]:
                    pass
                case {"refused": str() as why}:
                    raise _refused(why)
                case _:  # of a library, or one that the child died in
                    _log.warning("The map's process said: %s", line[:_MOST_SAID].decode("utf-8", "replace").strip())
        report(stage, done, total)


def _told(line: bytes) -> object:
    """What a line says; itself where it is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line


def _ended(child: "subprocess.Popen[bytes]", report: Report) -> int | None:
    """The code with which a child ends that has fallen silent; None where it does not end.

    Whoever says stop is heard.
    """
    until = time.monotonic() + _ENDING_SECONDS
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(_LISTEN_SECONDS)
        report("Ending UMAP", 0, 0)
    return None


def _read(folder: Path, count: int) -> Fitted:
    """What the child left."""
    try:
        positions = np.load(folder / umap_apart.POSITIONS, allow_pickle=False)
        clusters = np.load(folder / umap_apart.CLUSTERS, allow_pickle=False)
        told = json.loads((folder / umap_apart.TOLD).read_text("ascii"))
    except (OSError, ValueError) as error:
        raise MapFailed("The process that places the scripts left no places.", _AGAIN) from error
    if positions.shape != (count, 2) or clusters.shape != (count,) or not np.isfinite(positions).all():
        raise MapFailed("The process that places the scripts left places that are none.", _AGAIN)
    return Fitted(positions, clusters, Quality(**told) if told else None)


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Turn what the disk refuses into ``StorageFailed``."""
    try:
        yield
    except OSError as error:
        raise _refused(error.strerror or str(error)) from error


def _refused(why: str) -> StorageFailed:
    return StorageFailed(
        f"The folder for temporary files cannot be used while the scripts are placed: {why}.",
        "Make room there, or have TMPDIR name another folder, and draw the map again.",
    )


def _why(code: int) -> str:
    return f"signal {-code}; the machine may be short of memory" if code < 0 else f"exit code {code}"
