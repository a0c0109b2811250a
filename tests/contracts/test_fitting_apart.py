"""The process that UMAP runs in: however it ends, and whatever it says, it is told in our words and leaves nothing."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from services.domain import planes
from services.errors import Cancelled, MapFailed, StorageFailed
from services.fitting import apart
from services.fitting.apart import UmapApart
from services.ground.progress import silent

ROOT = Path(__file__).resolve().parents[2]
SIZE = 60
VECTORS = np.random.default_rng(7).standard_normal((SIZE, 16)).astype(np.float32)
# A machine may be busy.
PATIENCE = 120


def left() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"{apart.PREFIX}*"))


def child(tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> UmapApart:
    """A fitter whose process does this instead."""
    (tmp_path / "instead.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return UmapApart("instead")


def fit(fitter: UmapApart, report=silent):
    return fitter.fit(VECTORS, planes.strongest(VECTORS), report)


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
        return fitter.fit(VECTORS, np.full((SIZE, 2), place, np.float32), silent).positions

    with child(tmp_path, AGAIN.replace("NUMBERS", repr(str(numbers))), monkeypatch).several() as fitter:
        assert [at(place)[0, 0] for place in (1, 2)] == [1, 2]
        with pytest.raises(MapFailed, match="exit code 1"):
            at(9)
        assert at(3)[0, 0] == 3
        begun = [int(number) for number in numbers.read_text().split()]
        assert len(begun) == 2
    assert not any(alive(number) for number in begun)
    assert left() == before


JUNK = """
print("no JSON", "[1, 2]", '["a", "b", 3]', "5", "[" * 99_999, sep="\\n", flush=True)
os.write(1, bytes([255, 10]))
"""


@pytest.mark.parametrize("then", ["", JUNK, "os.close(1)"], ids=["silent", "junk", "closed"])
def test_who_says_stop_is_heard_whatever_the_process_tells(tmp_path: Path, monkeypatch, then: str) -> None:
    number, before, stopped = tmp_path / "number", left(), []
    program = f"""
import os, pathlib, time
{then}
pathlib.Path({str(number)!r}).write_text(str(os.getpid()))
time.sleep(60)
"""

    def report(*_: object) -> None:
        # A while after the last thing that it said.
        if number.exists() and time.time() - number.stat().st_mtime > 0.5:
            stopped.append(time.monotonic())
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        fit(child(tmp_path, program, monkeypatch), report)
    assert time.time() - number.stat().st_mtime < 1.5
    assert not alive(int(number.read_text()))
    assert left() == before


def test_a_process_that_will_say_nothing_more_is_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(apart, "_ENDING_SECONDS", 0.3)
    before = left()
    with pytest.raises(MapFailed, match="says nothing more"):
        fit(child(tmp_path, "import os, time; os.close(1); time.sleep(60)", monkeypatch))
    assert left() == before


def test_what_else_a_process_prints_is_passed_over(tmp_path: Path, monkeypatch, caplog) -> None:
    said = []
    program = AGAIN.replace("while True:", "print('a warning')\nprint('[\"Placing\", 1, 2]')\nwhile True:")
    fitter = child(tmp_path, program.replace("NUMBERS", repr(str(tmp_path / "numbers"))), monkeypatch)
    assert fit(fitter, lambda *stage: said.append(stage)).positions.shape == (SIZE, 2)
    assert ("Placing", 1, 2) in said
    assert "a warning" in caplog.text


FULL = """
import pathlib, resource, sys
from services.fitting import umap_apart
umap_apart.place = lambda vectors, start, report, *, settled: start
umap_apart.clusters_of = lambda positions: positions[:, 0].astype(int)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
umap_apart.main(pathlib.Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.name == "nt", reason="resource")
def test_a_disk_that_takes_no_more_from_the_process_is_told(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(StorageFailed) as failed:
        fit(child(tmp_path, FULL, monkeypatch))
    assert failed.value.cause.endswith("scripts are placed: File too large.")
    assert failed.value.next_step.endswith("draw the map again.")


def test_without_any_folder_for_temporary_files_it_is_told(monkeypatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(StorageFailed, match="No usable temporary directory found"):
        fit(UmapApart("nothing"))


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
