"""Putting new vectors into all records, all or nothing for whoever reads: journalled first, done now or finished later.

From the journal's first byte on the change happens, whatever is killed: who finds the journal and no writer finishes it
from the vectors that are kept, without calling a model. Before that nothing has changed.
"""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.change.source import vector_set
from services.domain.canaries import Canaries
from services.domain.model_change import Begun, Outcome
from services.domain.model_digest import Stamp
from services.domain.reports import Rebuilt
from services.domain.scripts import Record, Vectors, VectorSet
from services.domain.settings import EmbedderSettings, Settings
from services.errors import ScriptoriumError, StorageFailed, WorkspaceBusy
from services.ground.clock import now
from services.ground.progress import Report, silent
from services.ports import CachedVectors, CanaryStore, ChangeStore, Embedder, EmbeddingCache, RecordStore
from services.vectors import prepare, recipe_of

# A disk that said no is asked again, but not by every page.
_SECONDS_BETWEEN_TRIES = 5.0


@dataclass(frozen=True)
class Parts:
    """What a switch is put together of. ``read`` and ``write`` are for ``workspace.yaml``."""

    store: RecordStore
    canaries: CanaryStore
    cache: EmbeddingCache
    changes: ChangeStore
    read: Callable[[], Settings]
    write: Callable[[Settings], None]


def replace_all(
    parts: Parts, change: Begun, records: Sequence[Record], canaries: Canaries | None, report: Report = silent
) -> None:
    """Put the records, the settings and the canaries. Needs ``writing``, and the journal; may be done twice.

    Raises:
        StorageFailed, InvalidSettings: the journal stands, and whoever comes next tries again.
    """
    parts.store.put(records, lambda done, total: report("Switching", done, total))
    settings = parts.read()
    if settings.embedder != change.target:
        parts.write(replace(settings, embedder=change.target))
    if canaries is not None:
        parts.canaries.put(canaries)


class Unfinished:
    """Notices a switch that somebody began, and finishes it where that somebody is gone."""

    def __init__(self, parts: Parts, make_embedder: Callable[[EmbedderSettings], Embedder]) -> None:
        self._parts = parts
        self._make = make_embedder
        self._next_try = 0.0
        # Why it cannot be finished here and now; empty where it can, or there is none.
        self.problem = ""

    @property
    def there(self) -> bool:
        """Whether records are being replaced, or were when somebody was killed."""
        return self._parts.changes.is_switching

    def settle(self, *, wait: bool) -> bool:
        """Whether the records are of one piece; finishes a switch whose writer was killed.

        ``wait`` for a writer that is at it, where there is nothing else to answer from. Cheap where nothing is begun.

        Raises:
            WorkspaceBusy: the writer is at it for longer than somebody waits.
        """
        if not self.there:
            self.problem = ""
            return True
        if time.monotonic() < self._next_try:
            return False
        try:
            self._finish(wait=wait)
        except WorkspaceBusy:
            if wait:
                raise
            return False
        except ScriptoriumError as error:
            self.problem = str(error)
            self._next_try = time.monotonic() + _SECONDS_BETWEEN_TRIES
            return False
        self.problem = ""
        return True

    def check(self) -> None:
        """For whoever is about to write.

        Raises:
            WorkspaceBusy: a switch is under way, and lasts longer than somebody waits.
            StorageFailed: one was cut short and cannot be finished; what to do.
        """
        if not self.settle(wait=True):
            raise StorageFailed(self.problem or "The model is being changed.", "" if self.problem else "Try again.")

    def _finish(self, *, wait: bool) -> None:
        with self._parts.store.writing("finishing a change of the model", wait=wait):
            # The writer may have come to its end while we waited.
            change = self._parts.changes.switching()
            if change is None:
                return
            embedder = self._make(change.target)
            if Stamp.of(recipe_of(embedder)) != change.stamp:
                raise _lost(change, "the scripts are prepared in another way now")
            spaces, canaries = _spaces(self._parts.cache, change)
            replace_all(self._parts, change, list(_rest(self._parts.store, change, embedder, spaces)), canaries)
            self._parts.changes.switched()
            self._parts.changes.forget()
            self._tell(change)

    def _tell(self, change: Begun) -> None:
        """Remember from what to what, so that going back goes there; who began it could not."""
        if change.before is None or change.before == change.target:
            return
        records = [r for r in self._parts.store.catalogue().records.values() if r.vectors is not None]
        passages = sum(len(r.vectors.passages) for r in records if r.vectors is not None)
        rebuilt = Rebuilt(len(records), passages, 0, "", 0.0)
        with contextlib.suppress(StorageFailed):  # the change is done; only its story is not kept
            self._parts.changes.finish(Outcome(change.before, change.target, now(), rebuilt))


def _spaces(cache: EmbeddingCache, change: Begun) -> tuple[list[CachedVectors], Canaries | None]:
    """Where the new vectors are, the later ones counting more; and the canaries of the model where it was asked."""
    spaces = [cache.of_records(change.stamp.model_digest)] if change.of_records else []
    if not change.space:
        return spaces, None
    space = cache.named(change.space)
    if space is None:
        raise _lost(change, "its vectors are gone from derived/embeddings")
    return [*spaces, space], space.canaries


def _rest(store: RecordStore, change: Begun, embedder: Embedder, spaces: Sequence[CachedVectors]) -> "list[Record]":
    """The records that still want their new vectors.

    Raises:
        StorageFailed: vectors of records that are of the old model are gone.
    """
    found, gone = [], []
    for record in store.catalogue().records.values():
        present = record.vectors
        if present is not None and present.stamp == change.stamp and not change.everything:
            continue
        prepared = prepare(record.script, embedder)
        known = _known(spaces, prepared.texts)
        if len(known) < len(set(prepared.texts)):
            # A script without vectors came meanwhile, or was edited by hand; health names it, and how to mend it.
            gone += [record.script.id] if present is not None and present.stamp != change.stamp else []
            continue
        wanted = vector_set(prepared, change.stamp, known)
        if present is None or not _equal(present, wanted):
            found.append(Record(record.script, wanted))
    if gone:
        raise _lost(change, f"the vectors of {len(gone)} scripts are gone from derived/embeddings")
    return found


def _known(spaces: Sequence[CachedVectors], texts: Sequence[str]) -> Mapping[str, Vectors]:
    known: dict[str, Vectors] = {}
    for space in spaces:
        known |= space.get(texts)
    return known


def _equal(one: VectorSet, other: VectorSet) -> bool:
    return one.stamp == other.stamp and np.array_equal(one.values, other.values)


def _lost(change: Begun, why: str) -> StorageFailed:
    return StorageFailed(
        f"A change of the model to {change.stamp.model_name} was cut short, and {why}: some scripts have its vectors, "
        "others those of the model before.",
        f"Run: python -m services rebuild --embedder {change.target.name}",
    )
