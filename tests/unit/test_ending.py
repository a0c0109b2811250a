"""A process that ends while something works in the background ends soon and in peace."""

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from services.ground.ending import Ending
from services.jobs import Jobs, stop

ROOT = Path(__file__).parents[2]
# As a visit begins a check, and the process ends in the midst of it.
CHECKING = """
import pathlib, sys, time
from services.jobs import Jobs
from services.workbench import Workbench

workbench, jobs = Workbench(pathlib.Path(sys.argv[1])), Jobs()
workbench.refresh()
workbench.warm()
jobs.start("The check", workbench.check)
while jobs.current.stage == "Starting":
    time.sleep(0.001)
print("ends", jobs.current.finished, flush=True)
"""


@pytest.fixture
def induction(tmp_path: Path) -> Path:
    """A section of the demo."""
    root = Path(shutil.copytree(ROOT / "data" / "demo", tmp_path / "workspace"))
    for section in ("affirmations", "awakening"):
        shutil.rmtree(root / "records" / section)
    return root


def test_a_process_that_ends_during_a_check_ends_cleanly_and_soon(induction: Path) -> None:
    command = [sys.executable, "-c", CHECKING, str(induction)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ends False\n"
        # Five seconds, and as many for a machine that is busy.
        process.wait(10)
        assert (process.returncode, process.stderr.read()) == (0, "")


def test_at_the_end_nobody_comes_in_and_whoever_is_inside_is_waited_for() -> None:
    ending, inside, go_on, told = Ending(), threading.Event(), threading.Event(), []

    def work() -> None:
        with ending.inside():
            inside.set()
            go_on.wait(5)
            told.append("out")

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(5)
    ending.stops(lambda seconds: (told.append("stopped"), go_on.set()))
    ending.end(5)
    assert told == ["stopped", "out"]
    with pytest.raises(SystemExit), ending.inside():
        told.append("inside")
    thread.join()
    assert told == ["stopped", "out"]


def test_whoever_stays_inside_is_not_waited_for_for_ever() -> None:
    ending = Ending()
    with ending.inside():
        started = time.monotonic()
        ending.end(0.05)
        assert time.monotonic() - started < 5


def test_stopping_cancels_all_work_and_waits_for_it() -> None:
    workers, ready = [Jobs(), Jobs()], threading.Barrier(3)

    def work(report) -> None:
        ready.wait(5)
        while True:
            report("Working", 1, 2)
            time.sleep(0.001)

    jobs = [each.start("job", work) for each in workers]
    ready.wait(5)
    stop(5)
    assert [(job.finished, job.cancelled) for job in jobs] == [(True, True)] * 2
