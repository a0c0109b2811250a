"""Work that outlives a page run: one job at a time, in a thread, with its progress to be read from any page."""

import contextvars
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.errors import Cancelled, ScriptoriumError, WorkspaceBusy
from services.ground.ending import ending
from services.ground.progress import Report

_Result = TypeVar("_Result")


@dataclass
class Job(Generic[_Result]):
    """A piece of work under way or done. Written by its own thread only."""

    name: str
    stage: str = "Starting"
    done: int = 0
    total: int = 0
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    result: _Result | None = None
    error: Exception | None = None
    finished: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """How much of the present stage is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def cancelled(self) -> bool:
        """Whether it ended because the person said stop; what has failed has not."""
        return isinstance(self.error, Cancelled)

    @property
    def cancelling(self) -> bool:
        """Whether it was told to stop and has not come to a place where it can."""
        return self._stop.is_set() and not self.finished

    def cancel(self) -> None:
        """Ask it to stop: it does at the next progress that it reports, unless it is past the last place for that."""
        self._stop.set()

    def report(self, stage: str, done: int, total: int) -> None:
        """Take note of progress. Called by the work itself.

        Raises:
            Cancelled: somebody has asked it to stop.
        """
        self.stage, self.done, self.total = stage, done, total
        if self._stop.is_set():
            raise Cancelled(f"{self.name} was cancelled.", "What was there before is there still.")


class Jobs:
    """Runs one job at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.current: Job[object] | None = None
        self._thread: threading.Thread | None = None
        _ALL.add(self)

    def start(self, name: str, work: Callable[[Report], object]) -> Job[object]:
        """Run ``work`` in a thread of its own.

        Raises:
            WorkspaceBusy: another job is under way.
        """
        with self._lock:
            if self.current is not None and not self.current.finished:
                raise WorkspaceBusy(f"{self.current.name} is still under way.", "Wait until it has finished.")
            job: Job[object] = Job(name)
            self.current = job
            # With what the caller has said of itself, such as who it is.
            run = contextvars.copy_context().run
            self._thread = threading.Thread(target=run, args=(_run, job, work), name=name, daemon=True)
            self._thread.start()
        return job

    def dismiss(self) -> None:
        """Forget the last job, if it has finished."""
        with self._lock:
            if self.current is not None and self.current.finished:
                self.current = None

    def wait(self, seconds: float) -> None:
        """Wait for the work under way to come to its end, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)


def stop(seconds: float) -> None:
    """Cancel all work under way and wait for it, together at most so long: the process ends."""
    until, working = time.monotonic() + seconds, list(_ALL)
    for jobs in working:
        if jobs.current is not None:
            jobs.current.cancel()
    for jobs in working:
        jobs.wait(max(0.0, until - time.monotonic()))


_ALL: "weakref.WeakSet[Jobs]" = weakref.WeakSet()
ending.stops(stop)


def _run(job: Job[object], work: Callable[[Report], object]) -> None:
    try:
        job.result = work(job.report)
    except BaseException as error:  # noqa: BLE001  whatever it was (a panic in Chroma's Rust is no Exception), it is told
        job.error = error if isinstance(error, ScriptoriumError) else _unexpected(error)
    job.seconds = time.monotonic() - job.started
    job.finished = True


def _unexpected(error: BaseException) -> ScriptoriumError:
    told = ScriptoriumError(
        f"It stopped unexpectedly: {type(error).__name__}: {error}.", "What was there before is there still."
    )
    told.__cause__ = error
    return told
