"""The map: a full fit against UMAP with its defaults, and how soon there is something to be seen."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from benchmarks import corpus
from benchmarks.table import Row, paired
from benchmarks.timing import Pairs, seconds, typical
from services.domain.model_digest import Stamp
from services.domain.scripts import Record, VectorSet
from services.embedders.minilm import MiniLM
from services.map import drawing, later
from services.map.points import Gathering
from services.vectors import recipe_of

_ROOT = Path(__file__).parents[1]
_PASSAGES = 10_000
_SCRIPTS = 20_000
# Above UMAP's limit for exact neighbours of its own, so that all is compiled that the large fit needs.
_WARM = 4_500
_RATIO = 0.4
# Each reads the number of rows from a line, fits so many, and answers with seconds and quality.
_FITTING = """
import json, sys, time
import numpy as np
from services.domain import neighbours, planes
from services.fitting import umap_apart
from services.ground.progress import silent
vectors = np.load(sys.argv[1])
def ours(vectors):
    return umap_apart.place(vectors, planes.strongest(vectors), silent)
def bare(vectors):
    import umap
    return umap.UMAP().fit_transform(vectors)
fit = {"ours": ours, "bare": bare}[sys.argv[2]]
for line in sys.stdin:
    some = vectors[:int(line)]
    started = time.perf_counter()
    placed = fit(some)
    took = time.perf_counter() - started
    found = neighbours.quality(some, np.asarray(placed, np.float32), pairs=20_000_000)
    print(json.dumps([took, found.kept, found.trustworthiness]), flush=True)
"""


def rows(*, quick: bool) -> Iterator[Row]:
    yield from _fits(600 if quick else _PASSAGES, rounds=1 if quick else 3)
    yield from _many(600 if quick else _SCRIPTS, rounds=3 if quick else 9)


@dataclass(frozen=True)
class _Fit:
    seconds: float
    kept: float
    trustworthiness: float


class _Fitting:
    """A process that fits again and again."""

    def __init__(self, vectors: Path, way: str) -> None:
        command = [sys.executable, "-W", "ignore", "-c", _FITTING, str(vectors), way]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def fit(self, count: int) -> _Fit:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return _Fit(*json.loads(self._process.stdout.readline()))


def _fits(count: int, rounds: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        vectors = Path(folder) / "vectors.npy"
        np.save(vectors, corpus.clustered(count))
        with _Fitting(vectors, "ours") as ours, _Fitting(vectors, "bare") as bare:
            for one in (ours, bare):
                one.fit(min(count, _WARM))
            done: dict[str, list[_Fit]] = {"ours": [], "bare": []}
            for number in range(rounds):
                turns = [("ours", ours), ("bare", bare)]
                for name, process in turns if number % 2 else reversed(turns):
                    done[name].append(process.fit(count))
    pairs = Pairs(*([fit.seconds for fit in done[name]] for name in ("ours", "bare")))
    yield paired(
        f"map of {count:,} passages",
        "A full fit, from vectors to places, against `umap.UMAP()` with its defaults, in processes of their own that "
        "have compiled everything before. Ours is seeded, UMAP's defaults are not.",
        pairs,
        _RATIO,
    )
    yield from _kept(count, done)


def _kept(count: int, done: dict[str, list[_Fit]]) -> Iterator[Row]:
    means = {name: float(np.mean([fit.kept for fit in fits])) for name, fits in done.items()}
    told = {name: float(np.mean([fit.trustworthiness for fit in fits])) for name, fits in done.items()}
    yield Row(
        f"neighbours kept in these maps of {count:,}",
        "Of the 15 nearest in the full space, how many are among the 15 nearest on the map, by 2,000 passages; mean "
        "over the rounds. Trustworthiness in brackets.",
        f"{means['ours']:.4f} ({told['ours']:.4f})",
        f"{means['bare']:.4f} ({told['bare']:.4f})",
        f"{means['ours'] / means['bare']:.2f}",
        "ratio >= 1",
        means["ours"] >= means["bare"],
    )


def _many(count: int, rounds: int) -> Iterator[Row]:
    stamp = Stamp.of(recipe_of(MiniLM(Path(tempfile.gettempdir()))))
    records = {r.script.id: r for r in corpus.records(count * corpus.PASSAGES_A_SCRIPT, stamp, 5)}
    made = drawing.stand_in(Gathering().of(records, stamp))
    times = [seconds(lambda: drawing.stand_in(Gathering().of(records, stamp))) for _ in range(rounds)]
    yield Row(
        f"stand-in for {count:,} scripts",
        "From the records in memory to a map by the two strongest directions, with its quality.",
        typical(times),
    )
    gathering, names = Gathering(), list(records)
    gathering.of(records, stamp)
    edits = []
    for number in range(rounds):
        records = {**records, names[number]: _edited(records[names[number]])}

        def place(now: dict[str, Record] = records) -> None:
            after = later.following(gathering.of(now, stamp), made)
            assert after is not None
            assert not after.fitted.all()

        edits.append(seconds(place))
    yield Row(
        f"an edit on a map of {count:,} scripts",
        "One script with other vectors, gathered and placed among its neighbours; all others stay.",
        typical(edits),
    )


def _edited(record: Record) -> Record:
    assert record.vectors
    vectors = record.vectors
    return replace(record, vectors=VectorSet(vectors.stamp, vectors.passages, np.roll(vectors.values, 1, axis=1)))
