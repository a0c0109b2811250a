"""Every fitter places points; here UMAP in its process, fitted once in the whole suite, and the double of the tests."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from services.domain import neighbours, planes
from services.errors import Cancelled, MapFailed
from services.fitting import apart
from services.fitting.apart import UmapApart
from services.fitting.umap_apart import clusters_of
from services.ground.progress import silent
from services.ports.maps import Fitted, Fitter
from tests.doubles import FlatFitter

ROOT = Path(__file__).resolve().parents[2]
SIZE = 60
# Loading and compiling UMAP takes half a minute, and a machine may be busy.
PATIENCE = 120
# What was fitted, and the progress that was told.
Heard = tuple[Fitted, list[tuple[str, int, int]]]


def blobs() -> np.ndarray:
    """Three clumps of 20 in 16 dimensions, two of them twins."""
    random = np.random.default_rng(7)
    rows = np.repeat(random.standard_normal((3, 16)), SIZE // 3, axis=0) + 0.3 * random.standard_normal((SIZE, 16))
    rows[1] = rows[0]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def heard(fitter: Fitter) -> Heard:
    said, vectors = [], blobs()
    return fitter.fit(vectors, planes.strongest(vectors), lambda *stage: said.append(stage)), said


@pytest.fixture(scope="session")
def twice() -> tuple[Heard, Heard]:
    """The one real process of the whole suite, which fits the same twice."""
    with UmapApart().several() as fitter:
        return heard(fitter), heard(fitter)


@pytest.fixture(scope="session")
def by_umap(twice: tuple[Heard, Heard]) -> Heard:
    return twice[0]


@pytest.fixture(params=["umap", "double"])
def told(request: pytest.FixtureRequest) -> Heard:
    return request.getfixturevalue("by_umap") if request.param == "umap" else heard(FlatFitter())


def test_every_point_has_a_place_of_its_own_and_a_cluster(told: Heard) -> None:
    fitted, _ = told
    assert (fitted.positions.shape, fitted.positions.dtype) == ((SIZE, 2), np.float32)
    assert np.isfinite(fitted.positions).all()
    assert len(np.unique(fitted.positions, axis=0)) >= SIZE - 1
    assert (fitted.clusters.shape, fitted.clusters.dtype) == ((SIZE,), np.int64)
    sizes = [(fitted.clusters == number).sum() for number in range(fitted.clusters.max() + 1)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_quality_is_that_of_the_places(told: Heard) -> None:
    fitted, _ = told
    assert fitted.quality == neighbours.quality(blobs(), fitted.positions)


def test_progress_is_told(told: Heard) -> None:
    _, said = told
    assert ("Placing the scripts", 0) in {stage[:2] for stage in said}


def test_umap_finds_the_clumps_and_sets_twins_apart(by_umap: Heard) -> None:
    fitted, said = by_umap
    assert fitted.clusters.max() == 2
    for start in (0, 20, 40):
        assert len(set(fitted.clusters[start : start + 20].tolist())) == 1
    assert fitted.quality.trustworthiness > 0.9
    assert 0 < np.linalg.norm(fitted.positions[0] - fitted.positions[1]) < 0.5
    stages = list(dict.fromkeys(stage for stage, _, _ in said))
    assert stages == [
        "Starting UMAP",
        "Finding neighbours",
        "Preparing the full map",
        "Placing the scripts",
        "Finding clusters",
        "Measuring how far the map can be believed",
    ]
    assert ("Placing the scripts", 500, 500) in said


def test_a_second_fit_gives_the_same_and_has_nothing_to_load(twice: tuple[Heard, Heard]) -> None:
    (first, _), (second, said) = twice
    np.testing.assert_array_equal(first.positions, second.positions)
    assert [stage for stage, _, _ in said].count("Starting UMAP") < 5, "it takes no longer than a look or two"


def test_few_points_make_no_cluster() -> None:
    assert clusters_of(np.zeros((9, 2), np.float32)).tolist() == [-1] * 9


def left() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"{apart.PREFIX}*"))


def child(tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> UmapApart:
    """A fitter whose process does this instead."""
    (tmp_path / "instead.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return UmapApart("instead")


def fit(fitter: UmapApart, report=silent):
    vectors = blobs()
    return fitter.fit(vectors, planes.strongest(vectors), report)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise ValueError('secret')", "exit code 1"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9; the machine may be short of memory"),
        ("print('[\"half', end='')", "left no places"),
        ("", "left no places"),
    ],
)
def test_a_process_that_dies_is_told_in_our_words(tmp_path: Path, monkeypatch, caplog, program: str, said: str) -> None:
    before = left()
    with pytest.raises(MapFailed) as failed:
        fit(child(tmp_path, program, monkeypatch))
    assert said in failed.value.cause
    assert "secret" not in str(failed.value)
    assert "again" in failed.value.next_step
    assert left() == before


def test_places_that_are_none_are_refused(tmp_path: Path, monkeypatch) -> None:
    program = """
import pathlib, sys, numpy as np
folder = pathlib.Path(sys.argv[1])
np.save(folder / "positions.npy", np.full((60, 2), np.nan, np.float32))
np.save(folder / "clusters.npy", np.zeros(60, np.int64))
(folder / "told.json").write_text("null")
"""
    with pytest.raises(MapFailed, match="places that are none"):
        fit(child(tmp_path, program, monkeypatch))


AGAIN = """
import json, os, pathlib, sys, numpy as np
pathlib.Path(NUMBERS).open("a").write(f"{os.getpid()} ")
folder = pathlib.Path(sys.argv[1])
while True:
    start = np.load(folder / "start.npy")
    if start[0, 0] == 9:
        raise ValueError("nine")
    np.save(folder / "positions.npy", start)
    np.save(folder / "clusters.npy", np.zeros(60, np.int64))
    (folder / "told.json").write_text("null")
    print("null", flush=True)
    folder = pathlib.Path(json.loads(sys.stdin.readline()))
"""


def test_several_fits_share_a_process_and_after_one_that_fails_begin_another(tmp_path: Path, monkeypatch) -> None:
    numbers, before = tmp_path / "numbers", left()

    def at(place: int) -> np.ndarray:
        return fitter.fit(blobs(), np.full((SIZE, 2), place, np.float32), silent).positions

    with child(tmp_path, AGAIN.replace("NUMBERS", repr(str(numbers))), monkeypatch).several() as fitter:
        assert [at(place)[0, 0] for place in (1, 2)] == [1, 2]
        with pytest.raises(MapFailed, match="exit code 1"):
            at(9)
        assert at(3)[0, 0] == 3
        begun = [int(number) for number in numbers.read_text().split()]
        assert len(begun) == 2
    assert not any(alive(number) for number in begun)
    assert left() == before


def test_who_says_stop_is_heard_while_the_process_is_silent(tmp_path: Path, monkeypatch) -> None:
    number, before, stop = tmp_path / "number", left(), threading.Event()
    program = f"import os, pathlib, time; pathlib.Path({str(number)!r}).write_text(str(os.getpid())); time.sleep(60)"
    threading.Timer(0.6, stop.set).start()

    def report(*_: object) -> None:
        if stop.is_set():
            raise Cancelled("Enough.")

    started = time.monotonic()
    with pytest.raises(Cancelled):
        fit(child(tmp_path, program, monkeypatch), report)
    assert time.monotonic() - started < 20
    assert not alive(int(number.read_text()))
    assert left() == before


PARENT = """
import numpy as np
from services.domain import planes
from services.fitting import apart
begun = apart.subprocess.Popen
def told(*given, **more):
    child = begun(*given, **more)
    print(child.pid, flush=True)
    return child
apart.subprocess.Popen = told
vectors = np.random.default_rng(1).standard_normal((40, 8)).astype(np.float32)
apart.UmapApart().fit(vectors, planes.strongest(vectors), lambda *_: None)
"""


@pytest.mark.crash
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_the_process_ends_when_the_one_that_began_it_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        number = int(parent.stdout.readline())
        assert alive(number)
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    until = time.monotonic() + PATIENCE
    while alive(number) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(number)


def alive(number: int) -> bool:
    """Whether a process of this number runs; one that has ended and waits to be asked does not."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return sys.platform != "linux"
