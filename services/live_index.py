"""The index of an open workspace, kept in step with its records whatever happens to the stored one."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.domain.model_change import Generation
from services.domain.model_digest import Stamp
from services.domain.reports import Rebuilt, SyncReport
from services.domain.settings import Settings
from services.errors import IndexFailed, IndexOwned, StorageFailed
from services.ground.progress import Report, silent
from services.ports import Catalogue, IndexKeeper, VectorIndex
from services.rebuild import build_generation
from services.sync import sync


@dataclass(frozen=True, eq=False)
class Followed:
    """An index in step with the records that it was brought up to, and what that took."""

    index: VectorIndex
    catalogue: Catalogue
    preferred: Stamp
    report: SyncReport


class LiveIndex:
    """Opens, follows and replaces the index. Safe to use from several threads.

    The stored index is used where this process can own it. Where another process does, or the disk does not take it,
    the records are searched in memory: the same vectors, the same answers, and ``note`` says so.
    """

    def __init__(self, stored: IndexKeeper | None, in_memory: Callable[[str], IndexKeeper], note: str = "") -> None:
        """``stored`` is None where nothing may be written, for which ``note`` gives the reason."""
        self._lock = threading.RLock()
        self._stored = stored
        self._in_memory = in_memory
        self._keeper = stored or in_memory(note)
        # Why the stored index could not be built or opened: tried again when asked to, not at every page.
        self._problem = ""
        self._followed: Followed | None = None

    @property
    def note(self) -> str:
        """What a person should know about how the index is kept just now; empty if nothing."""
        return self._keeper.note

    @property
    def generation(self) -> str:
        """Name of the complete build that is open; empty where the index is not stored."""
        return self._keeper.generation

    @property
    def problem(self) -> str:
        """Why the index that should be stored is not; empty if it is, or need not be."""
        return self._problem

    @property
    def catalogue(self) -> Catalogue | None:
        """The records as they were followed last."""
        return self._followed.catalogue if self._followed else None

    def follow(
        self, read: Callable[[], Catalogue], settings: Settings, preferred: Stamp, report: Report = silent
    ) -> Followed:
        """The index, brought up to date with the records that ``read`` finds. Cheap when nothing changed.

        Raises:
            IndexFailed: not even in memory.
        """
        with self._lock:
            # Within the lock: of two threads, the later one has the later records.
            catalogue = read()
            self._keeper = self._own_or_borrow()
            last, index = self._followed, self._keeper.open()
            if last and index is last.index and catalogue is last.catalogue and preferred == last.preferred:
                return last
            try:
                self._followed = self._brought_up(index, catalogue, settings, preferred, report)
            except (IndexFailed, StorageFailed) as error:
                if self._keeper is not self._stored:
                    raise
                self._give_up(error)
                self._followed = self._brought_up(self._keeper.open(), catalogue, settings, preferred, report)
            return self._followed

    @property
    def last(self) -> Followed | None:
        """The index as it was followed last; None where there is none yet. Waits for a switch that is under way."""
        with self._lock:
            return self._followed

    @property
    def generations(self) -> Sequence[Generation]:
        """The complete builds that are kept, the newest first."""
        return (self._stored or self._keeper).generations()

    def rebuild(self, catalogue: Catalogue, settings: Settings, preferred: Stamp, report: Report) -> Rebuilt:
        """Build and prove a new generation, and switch to it. The present one is asked until then.

        Raises:
            IndexFailed, StorageFailed: the present one stays.
        """
        return self.prepare(catalogue, settings, preferred, report)(lambda: None)

    def prepare(
        self, catalogue: Catalogue, settings: Settings, preferred: Stamp, report: Report
    ) -> Callable[[Callable[[], None]], Rebuilt]:
        """Build and prove a new generation; calling the answer switches to it, and then calls what it is given.

        Nobody follows the index between the two. Raises as ``rebuild`` does.
        """
        # The stored one also where another process owns the present generation: the new one is then this process's.
        keeper = self._stored or self._keeper
        flip, built = build_generation(catalogue, settings=settings, keeper=keeper, preferred=preferred, report=report)

        def switch(then: Callable[[], None]) -> Rebuilt:
            with self._lock:
                try:
                    flip()
                    self._keeper, self._problem = keeper, ""
                    then()
                finally:
                    self._followed = None
                return built.of_generation(keeper.generation)

        return switch

    def close(self) -> None:
        """Let go of the index and its lock."""
        with self._lock:
            self._followed = None
            self._keeper.close()

    def _own_or_borrow(self) -> IndexKeeper:
        """The stored index where this process can own it, else one in memory until the other process lets go."""
        if self._stored is None or self._problem:
            return self._keeper
        try:
            self._stored.open()
        except IndexOwned as error:
            return self._keeper if self._keeper is not self._stored else self._in_memory(str(error))
        except (IndexFailed, StorageFailed) as error:
            self._give_up(error)
            return self._keeper
        return self._stored

    def _give_up(self, error: Exception) -> None:
        self._problem = f"The index cannot be stored. {error}"
        self._keeper = self._in_memory(f"{self._problem} Until then the scripts are searched in memory.")

    def _brought_up(
        self, index: VectorIndex | None, catalogue: Catalogue, settings: Settings, preferred: Stamp, report: Report
    ) -> Followed:
        """The index in step with the records; built anew where there is none, or none that can be brought there."""
        synced = None if index is None else _try_sync(catalogue, index, settings, preferred, report)
        if index is None or synced is None:
            flip, _ = build_generation(
                catalogue, settings=settings, keeper=self._keeper, preferred=preferred, report=report
            )
            index = flip()
            synced = sync(catalogue, index, settings.sections, preferred)
        if synced.changed:
            self._keeper.settled()
        return Followed(index, catalogue, preferred, synced)


def _try_sync(
    catalogue: Catalogue, index: VectorIndex, settings: Settings, preferred: Stamp, report: Report
) -> SyncReport | None:
    """What sync did; None where only a rebuild helps: another recipe, or an index that opened and cannot be used."""
    try:
        synced = sync(catalogue, index, settings.sections, preferred, report)
    except IndexFailed:
        return None
    return None if synced.to_rebuild else synced
