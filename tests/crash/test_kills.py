"""Killed at any moment, a workspace is as before or as after, never between, and nothing acknowledged is lost."""

import itertools
import os
import queue
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.canaries import SENTENCES
from services.embedders.openai import OpenAIEmbedder
from services.indexes import probe
from services.records.canary_files import YamlCanaryStore
from services.records.check_log import JsonCheckLog
from services.vectors import DEFAULT_POLICY, prepare
from tests.contracts.openai_server import OpenAIServer
from tests.crash.trials import WORKERS, Worker, copied, promises, rehearse, trial, tried
from tests.crash.worker import OPENAI
from tests.doubles import SECTIONS, TinyWorkbench, make_workspace, script, store_of

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked, so that a trial takes no second"),
]
# Of an operation with many steps, about as many are tried, and all kinds of them; where that is more than this, half.
MOMENTS = 5
LONG = 16
RANDOM_KILLS = 6
# Operations in which the steps of their commits are tried too, and how those steps are called.
COMMITS = ("save",)
HISTORY = (" an object", " in the repository", " commits.jsonl")


@pytest.fixture(scope="module")
def workers() -> Iterator["queue.Queue[Worker]"]:
    free: queue.Queue[Worker] = queue.Queue()
    made = [Worker() for _ in range(WORKERS)]
    for worker in made:
        free.put(worker)

    def survives(folder: Path) -> bool:
        worker = free.get()
        try:
            return worker.survives(folder)
        finally:
            free.put(worker)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(probe, "survives", survives)
        yield free
    for worker in made:
        worker.process.stdin.close()
        worker.process.wait(30)
        worker.process.stdout.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scripts = [
        script(name, section) for section in SECTIONS for name in {"induction": ("one", "two")}.get(section, (section,))
    ]
    root = make_workspace(tmp_path_factory.mktemp("crash") / "workspace", scripts)
    with TinyWorkbench(root) as bench:
        bench.refresh()
    return root


@pytest.mark.parametrize(
    "operation",
    [
        *("save", "put_many", "rebuild", "embed_anew", "back_again", "delete_and_restore", "move", "check_twice"),
        *("upload", "judge", "chart"),
    ],
)
def test_killed_before_each_step(workers, template: Path, tmp_path: Path, operation: str) -> None:
    rehearsal = rehearse(workers, template, tmp_path / "rehearsal", operation)
    assert rehearsal.steps[-1] == "promise"

    def at(number: int):
        return lambda: trial(workers, template, tmp_path / str(number), rehearsal, operation=operation, at=number)

    tried(
        {
            f"killed before step {number}, {rehearsal.steps[number - 1]}, of {len(rehearsal.steps)}": at(number)
            for number in moments(rehearsal.steps)
            # The way there is an operation of its own.
            if operation != "back_again" or number > rehearsal.steps.index("promise") + 1
            # How a commit is written is the same in all, and tried with one.
            if operation in COMMITS or not rehearsal.steps[number - 1].endswith(HISTORY)
        }
    )


def moments(steps: list[str]) -> list[int]:
    """Every step of a short operation. Of a long one the first of each kind, the last one, and others spread evenly.

    A change of the model writes each record alike: killed before the seventh or the eighth is the same trial.
    """
    numbers = range(1, len(steps) + 1)
    first = {step: number for number, step in reversed(list(enumerate(steps, start=1)))}
    chosen = sorted({*numbers[:: max(1, len(steps) // MOMENTS)], *first.values(), len(steps)})
    # Of the longest ones every second moment: their neighbours leave the same behind.
    return chosen if len(chosen) <= LONG else sorted({*chosen[::2], len(steps)})


def test_killed_before_any_request_nothing_is_paid_twice(workers, template: Path, tmp_path: Path) -> None:
    texts = {
        r.script.passage_text(p, DEFAULT_POLICY.card)
        for r in store_of(template).catalogue().records.values()
        for p in prepare(r.script, OpenAIEmbedder(OPENAI.model, OPENAI.dimensions)).passages
    }
    with OpenAIServer() as server:
        worker = workers.get()
        try:
            # Every 17th step: most are of records, of commits and of the index.
            for number in itertools.count(1, 17):
                folder = tmp_path / str(number)
                folder.mkdir()
                request = {
                    "root": str(copied(template, folder)),
                    "told": str(folder / "told"),
                    "server": server.base_url,
                }
                server.misbehave()
                killed = worker.run(**request, operation="by_the_real_client", at=number)
                worker.run(**request, operation="by_the_real_client")
                assert not Path(f"{request['told']}.error").exists(), Path(f"{request['told']}.error").read_text()
                sent = [text for seen in server.seen for text in seen.texts if text not in SENTENCES]
                assert sorted(sent) == sorted(texts), f"killed before step {number}"
                shutil.rmtree(folder)
                if not killed:
                    break
        finally:
            workers.put(worker)
    assert number > 1 + len(texts) / 4


# Nothing of the line, its first byte, a part, all but the end of it.
@pytest.mark.parametrize("length", [0, 1, 700, -2])
def test_killed_while_a_check_is_being_kept(workers, template: Path, tmp_path: Path, length: int) -> None:
    root, told = copied(template, tmp_path), tmp_path / "told"
    worker = workers.get()
    try:
        assert worker.run(root=str(root), told=str(told), operation="check_twice", torn=(2, length))
    finally:
        workers.put(worker)
    assert not Path(f"{told}.error").exists()
    assert len(promises(told)) == 2, "the start and the first check"
    with TinyWorkbench(root) as bench:
        (kept,) = bench.checks()
        assert bench.health().checked == kept.time
        assert bench.health().state == "ok"
        assert bench.check().state == "ok"
        assert bench.checks()[0].time == kept.time
    times = [check.time for check in JsonCheckLog(root / "checks").all()]
    assert (len(times), times[0]) == (2, kept.time)
    (canaries,) = YamlCanaryStore(root / "canaries").all()[0].values()
    assert canaries.recorded == kept.time


def test_killed_at_any_moment(workers, template: Path, tmp_path: Path) -> None:
    rehearsal = rehearse(workers, template, tmp_path / "rehearsal", "everything")
    rng = random.Random(20261121)

    def after(number: int, delay: float):
        return lambda: trial(workers, template, tmp_path / str(number), rehearsal, operation="everything", delay=delay)

    delays = [rng.uniform(0, 0.5) for _ in range(RANDOM_KILLS)]
    tried({f"killed after {delay:.3f} s": after(number, delay) for number, delay in enumerate(delays)})
