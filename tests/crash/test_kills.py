"""Killed at any moment, a workspace is as before or as after, never between, and nothing acknowledged is lost."""

import itertools
import json
import os
import queue
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from services.domain.canaries import SENTENCES
from services.domain.model_digest import State
from services.embedders.openai import OpenAIEmbedder
from services.indexes import probe
from services.indexes.exact import ExactIndex
from services.records import manifest
from services.records.canary_files import YamlCanaryStore
from services.records.check_log import JsonCheckLog
from services.records.map_files import MapFiles
from services.sync import sync
from services.vectors import DEFAULT_POLICY, prepare
from tests.contracts.openai_server import OpenAIServer
from tests.crash.worker import OPENAI, state_of
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, make_workspace, script, stamp, store_of

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked, so that a trial takes no second"),
]
ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
# Of an operation with many steps, about as many are tried, and all kinds of them; where that is more than this, half.
MOMENTS = 5
LONG = 16
RANDOM_KILLS = 6
# Operations in which the steps of their commits are tried too, and how those steps are called.
COMMITS = ("save",)
HISTORY = (" an object", " in the repository", " commits.jsonl")


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


def check(root: Path, before: dict[str, str], after: dict[str, str]) -> None:
    assert_nothing_is_lost(state_of(root), before, after)
    assert_judged_before_or_after(state_of(root), before, after)
    assert_maps_are_whole(root)
    embedders = {name: TinyEmbedder(name) for name in ("tiny", "other")}
    with TinyWorkbench(root, embedders) as bench:
        bench.refresh()
        assert_old_or_new(bench, before, after)
        assert_one_model(bench)
        entries, problem = manifest.read(root / "manifest.yaml")
        assert problem == ""
        found = {name_of(path): digest for path, digest in state_of(root).items() if path.startswith("records/")}
        assert bench.catalogue.unmanifested == manifest.differences(entries, found)
        assert_index_like_a_fresh_one(bench, root)
        assert [e.asked for e in embedders.values()] == [[], []], "what the records and the cache hold needs no model"
        twins = [b for b in bench.broken if "is used in" in b.cause]
        assert list(bench.broken) == twins
        bench.save(script("after-the-crash"), None)
        assert bench.broken == ()
        assert_everything_is_stated(root)
        assert_index_like_a_fresh_one(bench, root)
        left = [path for path in root.glob("**/.writing-*") if "derived" not in path.parts]
        assert left == []
        assert_the_history_has_everything(bench)
        if half_built(root):
            bench.rebuild()
            assert half_built(root) == []


def assert_the_history_has_everything(bench: TinyWorkbench) -> None:
    assert bench.records.lagging == ""
    for stored in bench.catalogue.records.values():
        assert bench.history(stored.script.id)[0].digest == stored.digest


def half_built(root: Path) -> list[Path]:
    """What a killed rebuild leaves, which the next rebuild removes."""
    index = root / "derived" / "index"
    current = (index / "CURRENT").read_text().strip()
    folders = [path for path in index.iterdir() if path.is_dir() and path.name != current]
    return [*index.glob("**/.writing-*"), *(path for path in folders if not (path / "SERVED").exists())]


def name_of(path: str) -> str:
    return path.removeprefix("records/").removesuffix(".yaml")


def ids(state: dict[str, str]) -> dict[str, set[tuple[str, str]]]:
    """The files of each id among the records."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path, digest in state.items():
        if path.startswith("records/"):
            found.setdefault(Path(path).stem, set()).add((path, digest))
    return found


def assert_nothing_is_lost(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> None:
    """Bytes that were there and should stay, as a record or in the bin, are in one of the two."""
    for path, digest in before.items():
        if digest in after.values():
            assert digest in now.values(), f"{path} is lost"


def assert_judged_before_or_after(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> None:
    """A file of judgements is as it was, or as it was to be: with all that others have said."""
    for path in {*now, *before, *after}:
        if path.startswith("judgements/"):
            assert now.get(path) in (before.get(path), after.get(path)), f"{path} is neither as before nor as after"


def assert_maps_are_whole(root: Path) -> None:
    kept = MapFiles(root / "derived" / "map")
    for path in root.glob("derived/map/*.npz"):
        assert kept.get(path.stem.partition("-")[2]) is not None, f"{path.name} is half a map"


def assert_old_or_new(bench: TinyWorkbench, before: dict[str, str], after: dict[str, str]) -> None:
    """Each script is wholly the old one or wholly the new one, and there is no other."""
    read = {
        r.script.id: (f"records/{r.script.section}/{r.script.id}.yaml", r.digest)
        for r in bench.catalogue.records.values()
    }
    old, new = ids(before), ids(after)
    assert set(read) <= set(old) | set(new)
    for script_id in set(old) | set(new):
        allowed = old.get(script_id, {None}) | new.get(script_id, {None})
        assert read.get(script_id) in allowed, f"{script_id} is neither as before nor as after"


def assert_one_model(bench: TinyWorkbench) -> None:
    """A change of the model has not begun or is done: records, settings and index are of one model."""
    stamps = {r.vectors.stamp for r in bench.catalogue.records.values()}
    assert stamps == {stamp(bench.settings.embedder.name)}
    assert {c.state for c in bench.health().collections} == {State.MATCH}
    assert all(c.in_sync for c in bench.health().collections)
    assert not bench.paths.changing.exists()


def assert_index_like_a_fresh_one(bench: TinyWorkbench, root: Path) -> None:
    catalogue, fresh = store_of(root).catalogue(), ExactIndex()
    sync(catalogue, fresh, SECTIONS, stamp(bench.settings.embedder.name))
    index = bench._follow().index
    assert index.name == "chroma"
    vector = TinyEmbedder().embed_query("a calm night")
    for section in SECTIONS:
        assert dict(index.digests(section)) == dict(fresh.digests(section))
        assert index.count(section) == fresh.count(section)
        one, other = index.score(section, vector), fresh.score(section, vector)
        assert one.scripts == other.scripts
        np.testing.assert_allclose(one.passage_distances, other.passage_distances, rtol=0, atol=1e-6)
        held = [r for r in catalogue.section(section) if r.script.id in fresh.digests(section)]
        assert index.prove(section, held) == []


def assert_everything_is_stated(root: Path) -> None:
    files = {name_of(path): digest for path, digest in state_of(root).items() if path.startswith("records/")}
    assert manifest.read(root / "manifest.yaml") == (files, "")
    assert all(len(places) == 1 for places in ids(state_of(root)).values()), "one file an id"


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
