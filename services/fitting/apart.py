"""Fitting in a process of its own, which a page is never kept waiting by and which dies with this one."""

import json
import logging
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import numpy as np

from services.domain.maps import Positions, Quality
from services.domain.scripts import Vectors
from services.errors import MapFailed
from services.fitting import umap_apart
from services.ground import files, temporary
from services.ground.progress import Report
from services.ports.maps import Fitted

PREFIX = "scriptorium-map-"
# How often somebody who said stop is listened to.
_LISTEN_SECONDS = 0.2
_FAREWELL_SECONDS = 2.0
_MOST_SAID = 2_000
_AGAIN = "Draw the map again; until then the last one is shown, or a simpler picture."
_log = logging.getLogger(__name__)


class UmapApart:
    """UMAP in a child process. Fulfils ``ports.maps.Fitter``."""

    def __init__(self, module: str = umap_apart.__name__) -> None:
        """``module`` is what the child runs."""
        self._module = module

    def fit(self, vectors: Vectors, start: Positions, report: Report, *, settled: bool = False) -> Fitted:
        """Place ``float32[n, d]`` from ``float32[n, 2]`` on. Raises ``MapFailed``, ``Cancelled``, ``StorageFailed``."""
        temporary.sweep(PREFIX)
        with files.storage_errors(Path(tempfile.gettempdir())):
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        try:
            with files.storage_errors(folder):
                np.save(folder / umap_apart.VECTORS, vectors)
                np.save(folder / umap_apart.START, start)
                (folder / umap_apart.ASKED).write_text(json.dumps({"settled": settled}), "ascii")
            self._run(folder, report)
            return _read(folder, len(vectors))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, folder: Path, report: Report) -> None:
        report("Starting UMAP", 0, 0)
        said = folder / "said.txt"
        with said.open("wb") as errors, self._child(folder, errors) as child:
            _follow(child, report)
            code = child.wait()
        if code:
            # Its own words are for whoever looks for a fault in it.
            _log.warning("The map's process ended with %s: %s", code, said.read_text("utf-8", "replace")[-_MOST_SAID:])
            raise MapFailed(f"The process that places the scripts ended before it was done ({_why(code)}).", _AGAIN)

    @contextmanager
    def _child(self, folder: Path, errors: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", self._module, str(folder)]
        # The child runs where it finds this package.
        root = Path(__file__).parent.parent.parent
        try:
            child = subprocess.Popen(  # noqa: S603  this very program
                command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        except OSError as error:
            raise MapFailed(
                f"No process can be started to place the scripts ({error.strerror}).",
                "Close other programs and draw the map again.",
            ) from error
        try:
            yield child
        finally:
            child.kill()
            with suppress(subprocess.TimeoutExpired):
                child.wait(_FAREWELL_SECONDS)
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()


def _follow(child: subprocess.Popen[bytes], report: Report) -> None:
    """Pass on what the child tells until it has no more to say; whoever says stop is heard in between."""
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(child.stdout, lines), daemon=True).start()
    stage, done, total = "Starting UMAP", 0, 0
    while True:
        try:
            line = lines.get(timeout=_LISTEN_SECONDS)
            if not line:
                return
            stage, done, total = json.loads(line)
        except queue.Empty:
            pass
        except ValueError:  # a line that the child died in
            return
        report(stage, done, total)


def _listen(pipe: IO[bytes] | None, lines: "queue.Queue[bytes]") -> None:
    """Pass the lines on; an empty one where there will be no more."""
    try:
        while pipe is not None and (line := pipe.readline()):
            lines.put(line)
    except (OSError, ValueError):  # the pipe was closed under it
        pass
    lines.put(b"")


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


def _why(code: int) -> str:
    return f"signal {-code}; the machine may be short of memory" if code < 0 else f"exit code {code}"
