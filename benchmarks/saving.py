"""An edit saved with the index following, and the look at the disk that every page run begins with."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import services.library
import services.live_index
from benchmarks.table import Row, limited, paired
from benchmarks.timing import Pairs, interleave
from benchmarks.workspaces import as_text, chroma_folder, client, rows_of
from services.domain.scripts import Record
from services.records import manifest
from services.records.yaml_files import YamlRecordStore
from services.workbench import Workbench

_PARTS: dict[str, tuple[object, str]] = {
    "embedding": (services.library, "embed"),
    "file": (YamlRecordStore, "_put_one"),
    "manifest": (manifest, "write"),
    "sync": (services.live_index, "sync"),
}


def rows(root: Path, *, quick: bool, embedder: str, aim: float | None = None) -> Iterator[Row]:
    """A save; ``aim`` is our limit in milliseconds."""
    rounds = 5 if quick else 12
    with Workbench(root) as workbench, tempfile.TemporaryDirectory() as beside:
        workbench.refresh()
        workbench.warm()
        edited = _Edits(workbench)
        edited.save(0)
        folder = Path(beside)
        workbench.close()
        shutil.copytree(chroma_folder(workbench.paths), folder / "chroma")
        workbench.refresh()
        with client(folder / "chroma") as bare, _parts() as spent:
            collection = bare.get_collection(f"section-{edited.record.script.section}", embedding_function=None)

            def write(number: int) -> None:  # noqa: ARG001
                kept = rows_of([edited.record])
                _write_bare(folder / "record.yaml", edited.path.read_bytes())
                collection.upsert(ids=kept.ids, embeddings=kept.vectors, documents=kept.documents)

            pairs = interleave(edited.save, write, rounds)
        yield _saved(workbench, embedder, pairs, spent, aim)


def refreshing(root: Path, *, quick: bool, aim: float) -> Iterator[Row]:
    with Workbench(root) as workbench:
        workbench.refresh()
        pairs = interleave(lambda _: workbench.refresh(), lambda _: _stat_all(workbench), 10 if quick else 40)
        row = paired(
            f"refresh when nothing changed, {len(workbench.catalogue.records):,} records",
            "What every page run begins with, against asking the system for size and time of the same files.",
            pairs,
        )
        yield limited(row, aim, pairs.ours)


class _Edits:
    """One script, edited again and again."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.record: Record = next(iter(workbench.catalogue.records.values()))
        self._text = self.record.script.text
        self.path = workbench.paths.records / self.record.script.section / f"{self.record.script.id}.yaml"

    def save(self, number: int) -> None:
        script = replace(
            self.record.script, text=f"{self._text}\n\nAnd {time.monotonic_ns()} breaths, in round {number}."
        )
        self.record = self._workbench.save(script, self.record.digest).record


def _saved(workbench: Workbench, embedder: str, pairs: Pairs, spent: dict[str, list[float]], aim: float | None) -> Row:
    # The first save only warmed up.
    parts = {name: median(times[1:]) for name, times in spent.items()}
    parts["looking and the rest"] = max(0.0, median(pairs.ours) - sum(parts.values()))
    row = paired(
        f"save with sync, {len(workbench.catalogue.records):,} records, {embedder}",
        "An edited script embedded, written, stated in the manifest and indexed, against one file written with fsync "
        "and the same rows upserted into the same collection; the parts in milliseconds.",
        pairs,
        note=as_text(parts),
    )
    return row if aim is None else limited(row, aim, pairs.ours)


@contextmanager
def _parts() -> Iterator[dict[str, list[float]]]:
    spent: dict[str, list[float]] = {name: [] for name in _PARTS}
    with ExitStack() as stack:
        for name, (owner, attribute) in _PARTS.items():
            stack.enter_context(mock.patch.object(owner, attribute, _timed(getattr(owner, attribute), spent[name])))
        yield spent


def _timed(work: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return work(*given, **named)
        finally:
            times.append(time.perf_counter() - started)

    return timed


def _write_bare(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _stat_all(workbench: Workbench) -> None:
    for folder in os.scandir(workbench.paths.records):
        for entry in os.scandir(folder):
            entry.stat()
