"""The process that places points by UMAP: importing and compiling it takes up to a minute, and no page waits for that.

``python -m services.fitting.umap_apart FOLDER`` reads ``vectors.npy``, ``start.npy`` and ``asked.json`` there and
leaves ``positions.npy``, ``clusters.npy`` and ``told.json``, the last one last. Each line of standard output is one of
``[stage, done, total]``, ``null`` when that is done, or ``{"refused": why}`` when the disk has said no. Each line of
standard input is the next folder, as JSON. It ends with its standard input, so that it never outlives whoever began it.
"""

import errno
import io
import json
import os
import queue
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from services.domain import neighbours, planes
from services.domain.maps import FEWEST_CLUSTERED, NEIGHBOURS, NONE, Numbers, Positions
from services.domain.scripts import Vectors
from services.ground import digests
from services.ground.progress import Progress, Report

VECTORS, START, ASKED = "vectors.npy", "start.npy", "asked.json"
POSITIONS, CLUSTERS, TOLD = "positions.npy", "clusters.npy", "told.json"
_SEED = 20_261_101
_MIN_DISTANCE = 0.1
# Up to so many, UMAP's own numbers of epochs and of points pushed away at each cost nothing. For more, less of both
# keeps as many neighbours (``make bench``).
_FEW = 2_500
# Half of UMAP's: principal components are a beginning that need not be torn apart first.
_STEP, _STEP_OF_MANY = 0.5, 0.4
# A map that is there already is still itself after so many epochs in steps of this size, and no worse for it.
_SETTLED_EPOCHS, _SETTLED_STEP = 200, 0.05
# A cluster with this share of the scripts says no more than the map, unless less than the second share of its own is in
# clusters that it is made of.
_NEARLY_ALL, _ENOUGH = 0.75, 0.5
# Pages are for people, this can wait.
_NICE = 5
# What a disk says no with; any other error is a fault.
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


def main(folder: Path) -> NoReturn:
    """Place what the folder holds, then what those hold that are named afterwards."""
    told = os.fdopen(os.dup(1), "w", encoding="ascii")
    # A library that prints would garble what is told.
    os.dup2(2, 1)
    wanted: queue.SimpleQueue[Path] = queue.SimpleQueue()
    wanted.put(folder)
    threading.Thread(target=_listen, args=(sys.stdin.fileno(), wanted), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)

    def report(stage: str, done: int, total: int) -> None:
        print(json.dumps([stage, done, total]), file=told, flush=True)

    report("Starting UMAP", 0, 0)
    while True:
        print(json.dumps(_tried(wanted.get(), report)), file=told, flush=True)


def _tried(folder: Path, report: Report) -> dict[str, str] | None:
    """Place what the folder holds; what is said of that at the end."""
    try:
        _fit(folder, report)
    except OSError as error:
        if error.errno not in _DISK:
            raise
        return {"refused": error.strerror or str(error)}
    return None


def _fit(folder: Path, report: Report) -> None:
    vectors, start = np.load(folder / VECTORS), np.load(folder / START)
    asked = json.loads((folder / ASKED).read_text("ascii"))
    positions = place(vectors, start, report, settled=asked["settled"])
    report("Finding clusters", 0, 0)
    # Those that are exactly alike are in one cluster, however far apart they are shown.
    clusters = clusters_of(planes.side_by_side(positions, _names(vectors), apart=0))
    report("Measuring how far the map can be believed", 0, 0)
    quality = neighbours.quality(vectors, positions)
    save(folder / POSITIONS, positions)
    save(folder / CLUSTERS, clusters)
    (folder / TOLD).write_text(json.dumps(asdict(quality) if quality else None), "ascii")


def save(path: Path, values: npt.NDArray[Any]) -> None:
    """Write an array. Raises ``OSError`` with what the disk says, which NumPy's own writing leaves out."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    path.write_bytes(buffer.getbuffer())


def place(vectors: Vectors, start: Positions, report: Report, *, settled: bool = False) -> Positions:
    """``float32[n, 2]`` by UMAP (McInnes, Healy and Melville 2018) from ``start`` on: the same input, the same places.

    Neighbours are found exactly, by matrix products, which is faster here than UMAP's own approximate search.
    ``settled``: the start is a map already, and moves in small steps.
    """
    # Imported late: its compiler says something to standard output, and takes its time.
    import umap  # noqa: PLC0415

    count = min(NEIGHBOURS, len(vectors) - 1)
    rows, far = neighbours.each_nearest(vectors, count, lambda done, total: report("Finding neighbours", done, total))
    report("Preparing the full map", 0, 0)
    epochs, repelled, step = (500, 5, _STEP) if len(vectors) <= _FEW else (170, 1, _STEP_OF_MANY)
    fit = umap.UMAP(
        n_neighbors=count,
        min_dist=_MIN_DISTANCE,
        n_epochs=min(epochs, _SETTLED_EPOCHS) if settled else epochs,
        negative_sample_rate=repelled,
        learning_rate=_SETTLED_STEP if settled else step,
        random_state=_SEED,
        n_jobs=1,
        init=planes.with_extent(planes.as_high_as_wide(start) if settled else start, _SEED),
        precomputed_knn=(rows, far, None),
        tqdm_kwds={"file": _Epochs(lambda done, total: report("Placing the scripts", done, total)), **_BAR},
    )
    placed = np.asarray(fit.fit_transform(vectors), np.float32)
    return planes.side_by_side(planes.scaled(placed), _names(vectors))


def _names(vectors: Vectors) -> list[str]:
    """Of vectors that are exactly alike the same."""
    return [digests.of_bytes(vector.tobytes()) for vector in vectors]


def clusters_of(positions: Positions) -> Numbers:
    """``int64[n]``: clusters of the picture, the largest 0; ``NONE`` for what stands alone."""
    found = _dense(positions)
    sizes = np.bincount(found[found >= 0])
    by_size = np.argsort(-sizes, kind="stable")
    by_size = by_size[sizes[by_size] > 0]
    renamed = np.full(len(sizes) + 1, NONE, np.int64)
    renamed[by_size] = np.arange(len(by_size))
    # -1, which is none, is the last.
    return np.asarray(renamed[found])


def _dense(positions: Positions) -> Numbers:
    """``int64[n]``: a number for each cluster by HDBSCAN (Campello, Moulavi and Sander 2013), in no order.

    Of a few scripts far out, which it takes for one cluster and everything else for the other, no more is learnt than
    that: a cluster of nearly all is looked into once more as a picture of its own, and stays where that finds little.
    """
    if len(positions) < FEWEST_CLUSTERED:
        return np.full(len(positions), NONE, np.int64)
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415  it brings all of SciPy, and UMAP has loaded it by now

    least = max(3, round(len(positions) ** 0.5 / 2))
    # By default as many samples as the smallest cluster has: then 56 of the demo's 92 scripts are one cluster.
    dense = HDBSCAN(min_cluster_size=least, min_samples=max(2, least // 2), copy=True)
    found = np.asarray(dense.fit_predict(positions.astype(np.float64)), np.int64)
    for cluster in range(int(found.max()) + 1):
        inside = found == cluster
        if inside.mean() < _NEARLY_ALL:
            continue
        parts = _dense(positions[inside])
        if (parts >= 0).mean() >= _ENOUGH:
            found[inside] = np.where(parts >= 0, parts + found.max() + 1, NONE)
    return found


_BAR: dict[str, Any] = {
    "bar_format": "{n_fmt}/{total_fmt}",
    "ncols": 40,
    "mininterval": 0.2,
    "ascii": True,
    "disable": False,
}


class _Epochs:
    """The file that UMAP's progress bar is written to."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def write(self, text: str) -> None:
        done, _, total = text.strip().partition("/")
        if done.isdecimal() and total.isdecimal():
            self._progress(int(done), int(total))

    def flush(self) -> None:
        """Nothing is held back."""


def _listen(handle: int, wanted: "queue.SimpleQueue[Path]") -> NoReturn:
    """Take in folders, and end this process when nobody holds the other end of this pipe any more."""
    rest = b""
    # Not by the buffered reader: Python aborts a process that ends while a thread waits in one.
    while more := os.read(handle, 4_096):
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            wanted.put(Path(json.loads(line)))
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
