"""Does work on a workspace in a process of its own, which is killed at a given moment. Run as a module.

It loads everything once, then forks a worker for each request (a line of JSON), so that a trial costs no start-up. The
worker appends a line to a file for each operation that was acknowledged: what a kill leaves there is what was promised.
"""

import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Self

from chromadb.api.models.Collection import Collection

from services.change import source
from services.domain.judgements import Judgement
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Script
from services.domain.settings import EmbedderSettings
from services.embedders.openai import OpenAIEmbedder
from services.ground import digests
from services.indexes import probe
from services.library import delete, restore
from services.map import drawing
from tests.doubles import TinyWorkbench, record, script

Acknowledge = Callable[[], None]
OPENAI = EmbedderSettings("openai", "text-embedding-3-small", 64)


def save(bench: TinyWorkbench, done: Acknowledge) -> None:
    base = bench.catalogue.records["one"].digest
    bench.save(edited("one", "induction", "Edited. The night is calm."), base)
    done()
    bench.save(edited("new", "awakening", "Quite new."), None)
    done()


def put_many(bench: TinyWorkbench, done: Acknowledge) -> None:
    with bench.records.writing("importing"):
        bench.records.put(
            [record(edited("one", "induction", "Imported anew."))]
            + [record(edited(f"import-{i}", ("induction", "awakening")[i % 2], f"Text {i}.")) for i in range(3)]
        )
    bench.refresh()
    done()


def rebuild(bench: TinyWorkbench, done: Acknowledge) -> None:
    bench.rebuild()
    done()


def unchecked(bench: TinyWorkbench) -> TinyWorkbench:
    """Without the check that ends a change: it asks the model for some passages once more, and is killed by itself."""
    bench.check = lambda *_: None  # type: ignore[method-assign,assignment,return-value]
    return bench


def embed_anew(bench: TinyWorkbench, done: Acknowledge) -> None:
    unchecked(bench).rebuild("other")
    done()


def back_again(bench: TinyWorkbench, done: Acknowledge) -> None:
    unchecked(bench).rebuild("other")
    done()
    bench.go_back()
    done()


def by_the_real_client(bench: TinyWorkbench, done: Acknowledge) -> None:
    unchecked(bench).change(OPENAI)
    done()


def delete_and_restore(bench: TinyWorkbench, done: Acknowledge) -> None:
    delete("one", store=bench.records)
    bench.refresh()
    done()
    restore("one", store=bench.records)
    bench.refresh()
    done()


def move(bench: TinyWorkbench, done: Acknowledge) -> None:
    for section in ("awakening", "induction"):
        base = bench.catalogue.records["one"].digest
        bench.save(edited("one", section, f"Moved to {section}."), base)
        done()


def check_twice(bench: TinyWorkbench, done: Acknowledge) -> None:
    for _ in range(2):
        bench.check()
        done()


def upload(bench: TinyWorkbench, done: Acknowledge) -> None:
    changed = b"id,section,title,text\none,awakening,One,Moved by an upload.\ntwo,induction,Two,Changed by an upload.\n"
    with bench.stage([("changed.csv", changed), ("awakening/new.txt", b"New\n\nOpen your eyes.")]) as staged:
        review = bench.review_upload(staged)
    added = bench.add_upload(review, {row.number for row in review.rows})
    done()
    bench.undo_upload(added.upload)
    done()


def judge(bench: TinyWorkbench, done: Acknowledge) -> None:
    with bench.records.locked("asking"):
        bench.questionnaires.put(make_questionnaire(id="calm", query="calm"))
    # The time is given: else no two trials would write the same.
    for judge in ("Ada", "Bert"):
        bench.judge("calm", Judgement("one", judge, 2, "Too long.", "2026-11-21T13:40:12.000Z"))
        done()


def chart(bench: TinyWorkbench, done: Acknowledge) -> None:
    drawing.LEAST = 2
    bench.draw_map()
    done()
    bench.draw_map(anew=True)
    done()


def everything(bench: TinyWorkbench, done: Acknowledge) -> None:
    for operation in (save, delete_and_restore, move, put_many, rebuild):
        operation(bench, done)


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        save,
        put_many,
        rebuild,
        embed_anew,
        back_again,
        by_the_real_client,
        delete_and_restore,
        move,
        check_twice,
        upload,
        judge,
        chart,
        everything,
    )
}


def edited(script_id: str, section: str, text: str) -> Script:
    return script(script_id, section, text=text)


class Torn:
    """A file of which the ``lines``-th write gets ``length`` bytes to the disk, and the process no further."""

    def __init__(self, lines: int, length: int) -> None:
        self._lines = lines
        self._length = length

    def watch(self, owner: type, name: str) -> None:
        original = getattr(owner, name)

        def opened(path: Path, mode: str = "r", *args: object, **more: object) -> object:
            file = original(path, mode, *args, **more)
            if path.suffix != ".jsonl" or "a" not in mode:
                return file
            self._lines -= 1
            return file if self._lines else _Tearing(file, self._length)

        setattr(owner, name, opened)


class _Tearing:
    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._length = length

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        self._file.write(data[: self._length])
        self._file.flush()
        os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Kills this process before its n-th step; without ``at`` it only notes the steps.

    Steps are what changes the disk for whoever looks after a kill. An fsync is none: a kill loses nothing that was
    written, only a power cut does, and ``test_files`` holds the order in which files are written and synced.
    """

    def __init__(self, at: int | None) -> None:
        self.steps: list[str] = []
        self._at = at

    def watch(self, owner: object, name: str) -> None:
        original = getattr(owner, name)

        def watched(*args: object, **more: object) -> object:
            paths = [Path(argument) for argument in args if isinstance(argument, str | Path)]
            # Who holds the lock is a courtesy to whoever waits, and no state of the workspace.
            if [path.name for path in paths] != [".writer.holder"]:
                self.step(" ".join((name, *(_kind(path) for path in paths[-1:]))))
            return original(*args, **more)

        setattr(owner, name, watched)

    def step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def _kind(path: Path) -> str:
    """What is written there: one record is as good as another, and so is one object of the history."""
    if ".git" in path.parts:
        return "an object" if "objects" in path.parts else "in the repository"
    return "a record" if path.parent.parent.name == "records" else path.name


def state_of(root: Path) -> dict[str, str]:
    """Every file of the records, of the bin and of the judgements, by place, with the digest of its bytes."""
    files = [*root.glob("records/*/*.yaml"), *root.glob("bin/*/*.yaml"), *root.glob("judgements/*.yaml")]
    return {str(path.relative_to(root)): digests.of_bytes(path.read_bytes()) for path in files}


def real(request: dict) -> dict[str, OpenAIEmbedder]:
    """The real client for a server that counts, in small batches."""
    if "server" not in request:
        return {}
    source.BATCH_SENT = 4
    return {"openai": OpenAIEmbedder(OPENAI.model, OPENAI.dimensions, request["server"], "sk-test-0123456789")}


def work(request: dict) -> None:
    """In the forked worker: do it, and say so each time a promise is made."""
    root, told = Path(request["root"]), os.open(request["told"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    countdown = Countdown(request.get("at"))
    with TinyWorkbench(root, real(request)) as bench:
        bench.refresh()

        def promise() -> None:
            os.write(told, json.dumps({"state": state_of(root), "steps": countdown.steps}).encode() + b"\n")

        def acknowledge() -> None:
            countdown.step("promise")
            promise()

        promise()
        for name in ("replace", "unlink", "utime"):
            countdown.watch(os, name)
        for name in ("upsert", "delete"):
            countdown.watch(Collection, name)
        if "torn" in request:
            Torn(*request["torn"]).watch(Path, "open")
        if "server" in request:
            # Before each request: what was answered before is kept by then.
            countdown.watch(OpenAIEmbedder, "embed_documents")
        OPERATIONS[request["operation"]](bench, acknowledge)


def survives(folder: Path) -> bool:
    """As the index's own probe finds out, with a child that has nothing to load."""
    child = os.fork()
    if child == 0:
        try:
            probe._probe(str(folder.resolve()))
        except BaseException:  # noqa: BLE001  whatever it is, there the probe would have ended
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def forked(request: dict) -> dict[str, bool]:
    if "probe" in request:
        return {"sound": survives(Path(request["probe"]))}
    if "server" in request:
        importlib.import_module("openai")
    worker = os.fork()
    if worker == 0:
        try:
            work(request)
        except BaseException:  # noqa: BLE001  told to whoever asked
            Path(f"{request['told']}.error").write_text(traceback.format_exc())
        os._exit(0)
    if "delay" in request:
        # From the first promise on, when everything is open.
        told = Path(request["told"])
        while not (told.exists() and told.stat().st_size):
            time.sleep(0.001)
        time.sleep(request["delay"])
        os.kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    return {"killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL}


if __name__ == "__main__":
    # A process of its own each time would take ten times as long as the trial.
    probe.survives = survives
    # What a client loads when it is opened: else each worker and each probe would load it anew.
    importlib.import_module("chromadb.api.rust")
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(forked(json.loads(line)))}\n")
        sys.stdout.flush()
