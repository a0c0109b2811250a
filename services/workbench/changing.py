"""The model and the index: rebuilt, changed, brought back."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from services import wiring
from services.change import Tools
from services.domain.model_change import Generation
from services.domain.reports import Rebuilt
from services.domain.settings import EmbedderSettings
from services.errors import ScriptoriumError
from services.ground.progress import Report, deaf, silent
from services.ports import Embedder
from services.workbench.checking import Checking


class Changing(Checking):
    """How the model and the index of an open workspace change."""

    def rebuild(self, embedder: str = "", report: Report | None = None, *, everything: bool = False) -> Rebuilt:
        """Build and prove a new generation; with ``embedder``, embed with it first and make it the workspace's.

        ``everything``: also the scripts that this model has embedded before, for vectors that have moved.

        Raises:
            InvalidSettings: an unknown embedder.
            EmbedderFailed, WorkspaceBusy, StorageFailed, IndexBroken: the index in use is as it was.
        """
        if embedder:
            return self.change(self.models.named(embedder), report, everything=everything)
        self.models.unfinished.settle(wait=True)
        self._reread_settings()
        return self._rebuild(report or silent)

    def change(self, target: EmbedderSettings, report: Report | None = None, *, everything: bool = False) -> Rebuilt:
        """Embed the scripts with what these settings choose, and make it the workspace's embedder: all or nothing.

        Raises:
            InvalidSettings: an unknown embedder.
            Cancelled, EmbedderFailed, WorkspaceBusy, StorageFailed, IndexBroken: nothing has changed, and what was
                embedded is kept for the next try.
        """
        told = report or silent
        return self._changed(self.models.change(target, told, everything=everything), told)

    def go_back(self, report: Report | None = None) -> Rebuilt:
        """Change to the model before this one. Raises ``NotFound``, otherwise as ``change`` does."""
        told = report or silent
        return self._changed(self.models.go_back(told), told)

    def generations(self) -> Sequence[Generation]:
        """The complete builds of the index that are kept, the newest first."""
        return self.models.generations

    def _tools(self) -> Tools:
        return Tools(self._index, wiring.encode_record, self.retrieve, self.all_questionnaires)

    def _rebuild(self, report: Report) -> Rebuilt:
        self._state_manifest()
        built = self._index.rebuild(self.records.catalogue(), self.settings, self._stamp(), report)
        self.refresh()
        return built

    def _state_manifest(self) -> None:
        if self.writable:
            with self.records.writing("rebuilding the index"):
                self.records.state_manifest()

    def _changed(self, rebuilt: Rebuilt | None, report: Report) -> Rebuilt:
        """What a change made, checked with its model; a plain rebuild, where no script wanted other vectors."""
        self._reread_settings()
        if rebuilt is None:
            rebuilt = self._rebuild(report)
        else:
            self._state_manifest()
            self.refresh()
        self.check(deaf(report))
        return rebuilt

    @contextlib.contextmanager
    def _embedding(self) -> Iterator[Embedder]:
        """The workspace's embedder; where it embeds its first scripts within, its canaries are recorded afterwards."""
        noting = wiring.noting(self.embedder())
        unknown = self.checkups.unknown(noting, self.records.catalogue())
        yield noting
        if unknown and noting.has_embedded:
            # What was to be stored is; canaries that cannot be had now are recorded by a check, on evidence.
            with contextlib.suppress(ScriptoriumError):
                self.checkups.record_first(noting)

    @contextlib.contextmanager
    def _one_model(self) -> Iterator[None]:
        """What was embedded within while another thread or process changed the model is brought to the new one."""
        before = self.settings.embedder
        yield
        # What was to be stored is; what goes wrong from here on is told by whoever looks next.
        with contextlib.suppress(ScriptoriumError):
            self._settled()
            if self.settings.embedder != before:
                self.models.catch_up(self.settings.embedder)

    def _of_the_present_model(self, script_ids: Iterable[str]) -> None:
        """Records that came back with the vectors of an earlier model are brought to the one that asks."""
        records, stamp = self.records.catalogue().records, self._stamp()
        back = [records[script_id].vectors for script_id in script_ids if script_id in records]
        if any(vectors is not None and vectors.stamp != stamp for vectors in back):
            # Where the model cannot be asked, they are left out of the index, and the reader says so.
            with contextlib.suppress(ScriptoriumError):
                self.models.catch_up(self.settings.embedder)
