"""One job at a time, and whoever looks is told how it went."""

import contextlib
import threading

import pytest

from services.errors import Cancelled, InvalidInput, WorkspaceBusy
from services.jobs import Jobs


def finished(jobs: Jobs) -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("job"):
            thread.join(5)
    assert jobs.current is None or jobs.current.finished


def test_progress_and_result_can_be_read_while_it_works() -> None:
    jobs, seen, go_on = Jobs(), threading.Event(), threading.Event()

    def work(report):
        report("Indexing", 3, 4)
        seen.set()
        go_on.wait(5)
        return "done"

    job = jobs.start("job one", work)
    assert seen.wait(5)
    assert (job.stage, job.share, job.finished, job.result) == ("Indexing", 0.75, False, None)
    with pytest.raises(WorkspaceBusy) as caught:
        jobs.start("job two", work)
    assert str(caught.value) == "job one is still under way. Wait until it has finished."
    jobs.dismiss()
    assert jobs.current is job
    go_on.set()
    finished(jobs)
    assert (job.result, job.error) == ("done", None)
    assert job.seconds > 0
    jobs.dismiss()
    assert jobs.current is None


class Panic(BaseException):
    """As Chroma's Rust raises it: no Exception."""


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (InvalidInput("Cause.", "Step."), "Cause. Step."),
        (ValueError("odd"), "It stopped unexpectedly: ValueError: odd. What was there before is there still."),
        (Panic("rust"), "It stopped unexpectedly: Panic: rust. What was there before is there still."),
    ],
)
def test_a_job_that_fails_says_so_and_the_next_may_start(raised: BaseException, told: str) -> None:
    def work(_):
        raise raised

    jobs = Jobs()
    job = jobs.start("job", work)
    finished(jobs)
    assert str(job.error) == told
    second = jobs.start("job", lambda _: 7)
    finished(jobs)
    assert second.result == 7


def test_nothing_to_do_is_no_share() -> None:
    jobs = Jobs()
    job = jobs.start("job", lambda report: report("x", 0, 0))
    finished(jobs)
    assert job.share == 0
    job.report("x", 9, 4)
    assert job.share == 1


def test_a_job_that_is_told_to_stop_does_so_at_its_next_progress_and_has_not_failed() -> None:
    jobs, seen, go_on = Jobs(), threading.Event(), threading.Event()

    def work(report):
        report("Embedding", 1, 2)
        seen.set()
        go_on.wait(5)
        report("Embedding", 2, 2)

    job = jobs.start("job", work)
    assert seen.wait(5)
    assert not job.cancelling
    job.cancel()
    assert (job.cancelling, job.cancelled, job.finished) == (True, False, False)
    go_on.set()
    finished(jobs)
    assert (job.cancelling, job.cancelled, job.finished) == (False, True, True)
    assert str(job.error) == "job was cancelled. What was there before is there still."


def test_a_job_past_its_last_place_to_stop_comes_to_its_end() -> None:
    jobs, go_on = Jobs(), threading.Event()

    def work(report):
        go_on.wait(5)
        with contextlib.suppress(Cancelled):
            report("Switching", 1, 1)
        return "done"

    job = jobs.start("job", work)
    job.cancel()
    go_on.set()
    finished(jobs)
    assert (job.result, job.cancelled, job.cancelling) == ("done", False, False)


def test_a_job_that_failed_was_not_cancelled() -> None:
    def work(_):
        raise InvalidInput("Cause.", "Step.")

    jobs = Jobs()
    job = jobs.start("job", work)
    finished(jobs)
    assert not job.cancelled
