"""One writer at a time, and whoever waits learns who it is."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.errors import StorageFailed, WorkspaceBusy
from services.records.lock import WriterLock

HOLDER = """
import sys, pathlib
from services.records.lock import WriterLock
with WriterLock(pathlib.Path(sys.argv[1])).hold("importing 92 scripts"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".writer.lock"


def hold_elsewhere(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "held\n"
    return child


def test_another_process_is_refused_and_told_who_holds_it_and_why(path: Path) -> None:
    with hold_elsewhere(path) as child:
        with pytest.raises(WorkspaceBusy) as caught, WriterLock(path, patience=0.05).hold("saving"):
            pass
        assert f"process {child.pid} on " in caught.value.cause
        assert "(importing 92 scripts, since " in caught.value.cause
        assert caught.value.next_step == "Nothing was changed; try again when it has finished."
        child.stdin.write("\n")
    with WriterLock(path, patience=0).hold("saving") as outermost:
        assert outermost


def test_whoever_waits_gets_it_when_the_other_lets_go(path: Path) -> None:
    with hold_elsewhere(path) as child:
        threading.Timer(0.2, child.stdin.close).start()
        with WriterLock(path, patience=5).hold("saving") as outermost:
            assert outermost


def test_a_kill_frees_it_and_leaves_no_false_name(path: Path) -> None:
    child = hold_elsewhere(path)
    child.kill()
    child.communicate()
    with WriterLock(path, patience=0).hold("saving"):
        with pytest.raises(WorkspaceBusy) as caught, WriterLock(path, patience=0).hold("again"):
            pass
        assert f"process {os.getpid()} on " in caught.value.cause


def test_the_thread_that_holds_it_takes_it_again(path: Path) -> None:
    lock = WriterLock(path, patience=0)
    with lock.hold("outer") as outer, lock.hold("inner") as inner:
        assert (outer, inner) == (True, False)
        with pytest.raises(WorkspaceBusy), WriterLock(path, patience=0).hold("other"):
            pass
    with WriterLock(path, patience=0).hold("other") as free:
        assert free


def test_another_thread_waits_and_is_refused(path: Path) -> None:
    lock = WriterLock(path, patience=0.05)
    told: list[WorkspaceBusy] = []

    def try_it() -> None:
        try:
            with lock.hold("second"):
                pass
        except WorkspaceBusy as busy:
            told.append(busy)

    with lock.hold("first"):
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert "(first, since" in told[0].cause


def test_an_error_inside_lets_go(path: Path) -> None:
    lock = WriterLock(path, patience=0)
    with pytest.raises(ZeroDivisionError), lock.hold("failing"):
        _ = 1 / 0
    with WriterLock(path, patience=0).hold("other") as free:
        assert free


def test_a_holder_file_that_makes_no_sense_is_no_second_error(path: Path) -> None:
    lock = WriterLock(path, patience=0)
    with lock.hold("first"):
        path.with_suffix(".holder").write_bytes(b"\xff{")
        with pytest.raises(WorkspaceBusy, match="another process"), WriterLock(path, patience=0).hold("second"):
            pass


def test_a_lock_that_cannot_be_made_says_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StorageFailed, match=r"\.writer\.lock could not be written"), WriterLock(path).hold("saving"):
        pass
