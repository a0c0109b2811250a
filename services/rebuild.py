"""A new generation of the index from the records, proved before it is used; with another model only when asked to."""

import time
from collections.abc import Callable, Iterable

from services.errors import IndexBroken
from services.model_digest import Stamp
from services.ports import Catalogue, Embedder, IndexKeeper, RecordStore, VectorIndex
from services.progress import Report
from services.reports import Rebuilt
from services.scripts import Record
from services.settings import Settings
from services.sync import sync
from services.vectors import embed, recipe_of

# Scripts embedded at a time, and so the grain of the progress shown.
_BATCH = 64
# Records of a section whose passages are asked for: a fault in two records of a hundred shows in 19 of 20 samples.
_PROVED = 150


def build_generation(
    catalogue: Catalogue, *, settings: Settings, keeper: IndexKeeper, preferred: Stamp, report: Report
) -> tuple[Callable[[], VectorIndex], Rebuilt]:
    """Fill and prove a new generation; calling the first part of the answer flips to it. No model is called.

    Raises:
        IndexBroken: the new generation did not find its own passages; the current one is as it was.
        StorageFailed: the disk said no; likewise.
    """
    started = time.perf_counter()
    done: list[Rebuilt] = []

    def fill(index: VectorIndex) -> None:
        report("Indexing", 0, len(catalogue.records))
        outcome = sync(catalogue, index, settings.sections, preferred)
        report("Proving", 0, len(settings.sections))
        _prove(catalogue, index, settings, set(outcome.left_out))
        passages = sum(index.count(section) for section in settings.sections)
        seconds = time.perf_counter() - started
        done.append(Rebuilt(outcome.upserted, passages, 0, "", seconds, outcome.left_out))

    flip = keeper.build(fill)
    return flip, done[0]


def _prove(catalogue: Catalogue, index: VectorIndex, settings: Settings, left_out: set[str]) -> None:
    for section in settings.sections:
        records = [r for r in catalogue.section(section) if r.script.id not in left_out]
        # All of a small section, a sample of a large one: a question a passage would double the time.
        step = max(1, len(records) // _PROVED)
        findings = index.prove(section, records[::step])
        if findings:
            raise IndexBroken(
                f"The new index of '{section}' is not sound: {findings[0]} ({len(findings)} findings.)",
                "The old index stays in use; rebuild again.",
            )


def embed_anew(store: RecordStore, embedder: Embedder, report: Report) -> int:
    """Give every record that needs them vectors by this embedder, and store them; the number of passages embedded.

    Nothing is written before every vector is there, so that a model that stops answering half-way changes nothing.

    Raises:
        EmbedderFailed: the model is not there, or answers wrongly. Nothing was written.
        WorkspaceBusy, StorageFailed: what was stored before is unharmed.
    """
    stamp = Stamp.of(recipe_of(embedder))
    records = store.catalogue().records.values()
    todo = [r for r in records if r.vectors is None or r.vectors.stamp != stamp]
    fresh = list(_embedded(todo, embedder, report))
    with store.writing("storing vectors of another model"):
        now = store.catalogue().records
        unmoved = [new for old, new in zip(todo, fresh, strict=True) if _same(now.get(old.script.id), old)]
        store.put(unmoved, lambda done, total: report("Storing", done, total))
    return sum(len(r.vectors.passages) for r in fresh if r.vectors is not None)


def _embedded(todo: list[Record], embedder: Embedder, report: Report) -> Iterable[Record]:
    for start in range(0, len(todo), _BATCH):
        report("Embedding", start, len(todo))
        batch = [r.script for r in todo[start : start + _BATCH]]
        for script, vectors in zip(batch, embed(batch, embedder), strict=True):
            yield Record(script, vectors)


def _same(now: Record | None, then: Record) -> bool:
    return now is not None and now.digest == then.digest
