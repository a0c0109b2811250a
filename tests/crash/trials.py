"""Trials: a copy of a workspace, an operation on it that is killed, and what is left held against what was promised."""

import json
import queue
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.crash.promised import check

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2


class Worker:
    """The process that forks workers."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, **request: object) -> bool:
        """Whether the worker was killed."""
        return self._told(request)["killed"]

    def survives(self, folder: Path) -> bool:
        """Whether a child of that process could open a Chroma folder."""
        return self._told({"probe": str(folder.resolve())})["sound"]

    def _told(self, request: dict[str, object]) -> dict[str, bool]:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@dataclass(frozen=True)
class Rehearsal:
    """What an operation does when nobody kills it: the state at each promise, and every step towards the last one."""

    states: list[dict[str, str]]
    steps: list[str]


def promises(told: Path) -> list[dict]:
    return [json.loads(line) for line in told.read_text().splitlines() if line.endswith("}")]


def copied(template: Path, folder: Path) -> Path:
    # With the times of the files: the index is then known to be as it was left.
    return shutil.copytree(template, folder / "workspace")


def rehearse(workers: "queue.Queue[Worker]", template: Path, folder: Path, operation: str) -> Rehearsal:
    worker = workers.get()
    try:
        folder.mkdir()
        told = folder / "told"
        assert not worker.run(root=str(copied(template, folder)), told=str(told), operation=operation)
    finally:
        workers.put(worker)
    assert not Path(f"{told}.error").exists(), Path(f"{told}.error").read_text()
    kept = promises(told)
    return Rehearsal([promise["state"] for promise in kept], kept[-1]["steps"])


def trial(
    workers: "queue.Queue[Worker]", template: Path, folder: Path, rehearsal: Rehearsal, **request: object
) -> None:
    """Kill once, then hold what is left against what was promised."""
    folder.mkdir()
    root, told = copied(template, folder), folder / "told"
    worker = workers.get()
    try:
        killed = worker.run(root=str(root), told=str(told), **request)
    finally:
        workers.put(worker)
    assert not Path(f"{told}.error").exists(), Path(f"{told}.error").read_text()
    assert killed or "delay" in request
    kept = len(promises(told)) - 1
    before = rehearsal.states[kept]
    after = rehearsal.states[min(kept + 1, len(rehearsal.states) - 1)]
    check(root, before, after)
    shutil.rmtree(folder)


def tried(trials: dict[str, object]) -> None:
    """Run trials side by side; tell every one that failed by its moment."""
    failed = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        for moment, running in {moment: pool.submit(run) for moment, run in trials.items()}.items():
            try:
                running.result()
            except Exception as error:  # noqa: BLE001  told below, with all the others
                failed[moment] = f"{type(error).__name__}: {error}"
    assert not failed, "\n\n".join(f"{moment}: {why}" for moment, why in failed.items())
