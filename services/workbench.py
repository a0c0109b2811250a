"""An open workspace, and all that can be done with it. ``from services.workbench import Workbench``."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from services import exporting, importing, library, wiring, workspaces
from services import health as health_check
from services import inspect as inspection
from services import retrieve as retrieval
from services.change import Tools
from services.checks import Health
from services.checkups import Checkups, now
from services.drafts import Item
from services.errors import IndexBroken, ScriptoriumError, StorageFailed
from services.inspection import Inspection
from services.live_index import Followed
from services.measure import Subject
from services.model_change import Generation
from services.model_digest import Stamp, State
from services.models import Models
from services.ports import Catalogue, Embedder, VectorIndex
from services.progress import Report, silent
from services.questionnaires import Questionnaire
from services.reports import Exported, Imported, Rebuilt, SyncReport
from services.results import Retrieval
from services.scripts import BrokenRecord, Script
from services.settings import EmbedderSettings, Paths, read_settings
from services.silent_bug import SilentBug, Stage, reproduce
from services.switch import Parts
from services.trust import Measurement, Trust
from services.vectors import recipe_of

_Answer = TypeVar("_Answer")


# The mark of a file that is not there.
_ABSENT = (0, 0)


class _SwitchBegan(Exception):  # noqa: N818  no error: it is looked at again
    """Settings or records were replaced while they were read."""


class Workbench:
    """An open workspace. Safe to use from several threads; one process owns the stored index, others answer in memory.

    ``secrets`` holds keys by name, such as Streamlit's; the environment is asked where it has none.
    """

    def __init__(self, root: Path, secrets: Mapping[str, str] | None = None) -> None:
        self.paths = Paths(root)
        # Taken before reading: a change in between is then read once more, and never missed.
        self._settings_mark = self._mark()
        self.settings = read_settings(self.paths)
        self.secrets: Mapping[str, str] = dict(secrets or {})
        self._embedders: dict[tuple[EmbedderSettings, str], Embedder] = {}
        self._remembering: dict[int, Embedder] = {}
        self._lock = threading.RLock()
        self._open_stores()
        self._index = wiring.live_index(self.paths, writable=self.writable)

    def __enter__(self) -> Self:
        """The workbench itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the index and its lock."""
        self._index.close()

    # What is there

    @property
    def writable(self) -> bool:
        """Whether scripts can be changed here."""
        return self.records.writable

    @property
    def catalogue(self) -> Catalogue:
        """The records as they were at the last refresh, and as they are now where there was none."""
        return self._index.catalogue or self.records.catalogue()

    @property
    def all_questionnaires(self) -> Mapping[str, Questionnaire]:
        """The questionnaires by id, as they are now."""
        return self.questionnaires.all()[0]

    @property
    def broken(self) -> tuple[BrokenRecord, ...]:
        """Files that cannot be used, with cause and next step."""
        return (*self.catalogue.broken, *self.questionnaires.all()[1])

    @property
    def note(self) -> str:
        """What a person should know about how the index is kept just now; empty if nothing."""
        return self._index.note

    def embedder(self, name: str = "") -> Embedder:
        """The workspace's embedder, or the named one. Made once; weights and servers wait for the first text.

        Raises:
            InvalidSettings: an unknown name.
        """
        chosen = self.settings.embedder
        if name and name != chosen.name:
            chosen = chosen.of(name)
        return self._embedder_of(chosen)

    def _embedder_of(self, chosen: EmbedderSettings) -> Embedder:
        # A key that is set later makes another embedder.
        key = (chosen, wiring.key(self.secrets))
        if key not in self._embedders:
            self._embedders[key] = self._make_embedder(chosen)
        return self._embedders[key]

    # What it does

    def refresh(self) -> SyncReport:
        """Bring settings, records and index up to date with the disk. Cheap when nothing changed.

        Raises:
            InvalidSettings: ``workspace.yaml`` cannot be followed any more.
            StorageFailed: it cannot be read.
        """
        return self._follow().report

    def retrieve(
        self, questionnaire: Questionnaire, options: retrieval.Options | None = None, embedder: str = ""
    ) -> Retrieval:
        """Rank the scripts of each section. Raises as ``services.retrieve.retrieve`` and ``refresh`` do."""
        return self._ask(
            lambda index, catalogue: retrieval.retrieve(
                questionnaire,
                options=options or retrieval.Options(top_k=self.settings.top_k),
                settings=self.settings,
                catalogue=catalogue,
                index=index,
                embedder=self._asking(embedder),
                known=health_check.trusts(self._facts(index, catalogue, embedder)),
            )
        )

    def trusts(self) -> Mapping[str, Trust]:
        """Whether each section's collection may be asked with the workspace's model, by what is recorded and measured.

        A section without passages has no entry. Raises ``IndexBroken``.
        """
        return self._ask(lambda index, catalogue: health_check.trusts(self._facts(index, catalogue)))

    def states(self) -> Mapping[str, State]:
        """The state of each section that has passages. Raises ``IndexBroken``."""
        return {section: trust.state for section, trust in self.trusts().items()}

    def save(self, script: Script, base: str | None) -> library.Saved:
        """Store a script and bring the index up to date. Raises as ``services.library.save`` does."""
        self._settled()
        self.settings.check_section(script.section)
        with self._embedding() as embedder, self._one_model():
            saved = library.save(script, base=base, store=self.records, embedder=embedder)
        return self._indexed(saved)

    def delete(self, script_id: str) -> None:
        """Move a script to the bin. Raises as ``services.library.delete`` does."""
        library.delete(script_id, store=self.records)
        self.refresh()

    def restore(self, script_id: str) -> library.Saved:
        """Bring a script back from the bin. Raises as ``services.library.restore`` does."""
        return self._indexed(library.restore(script_id, store=self.records))

    def save_questionnaire(self, questionnaire: Questionnaire) -> Questionnaire:
        """Store a questionnaire. Raises as ``services.library.save_questionnaire`` does."""
        return library.save_questionnaire(questionnaire, store=self.records, questionnaires=self.questionnaires)

    def delete_questionnaire(self, questionnaire_id: str) -> None:
        """Delete a questionnaire. Raises as ``services.library.delete_questionnaire`` does."""
        library.delete_questionnaire(questionnaire_id, store=self.records, questionnaires=self.questionnaires)

    def health(self) -> Health:
        """Compare every collection with the records and with the model that asks, by what was measured last.

        Asks no model, so that a page may call it. Raises ``IndexBroken``.
        """
        note = tuple(filter(None, (self.note if not self._index.problem else "", self.checkups.note)))
        return self._ask(
            lambda index, catalogue: health_check.health(
                self._facts(index, catalogue),
                generation=self._index.generation,
                broken=(*self.questionnaires.all()[1], *self.checkups.broken),
                problems=tuple(filter(None, (self.models.problem, self._index.problem, self.records.lagging))),
                notes=note,
            )
        )

    def check(self, report: Report | None = None) -> Health:
        """Ask the model for its canaries and for stored passages once more, keep what it says, and weigh it all.

        Raises:
            IndexBroken: the index cannot be read.
        """
        self._ask(lambda index, catalogue: self.checkups.check(self._subject(index, catalogue), report or silent))
        return self.health()

    def check_due(self) -> bool:
        """Whether something has come that no check has looked at yet. Asks no model. Raises ``IndexBroken``."""
        return self._ask(lambda index, catalogue: self.checkups.due(self._facts(index, catalogue)))

    def checks(self) -> Sequence[Measurement]:
        """Every check that was kept, the oldest first."""
        return self.checkups.all()

    def accept_baseline(self) -> None:
        """Compare later checks with the last one. Raises ``NotFound``, ``WorkspaceBusy``, ``StorageFailed``."""
        self.checkups.accept(self._stamp())

    def inspect(self, target: str, sample: int = inspection.SAMPLE, report: Report | None = None) -> Inspection:
        """Which models made the vectors of a store that somebody else built. Changes nothing, there or here.

        ``target`` is the path of a Chroma folder, or a connection string of PostgreSQL. Raises as
        ``services.inspect.inspect`` does.
        """
        self._reread_settings()
        asks_openai = wiring.key(self.secrets) or self.settings.embedder.name == "openai"
        names = [name for name in wiring.EMBEDDERS if name != "openai" or asks_openai]
        embedders = {name: self.embedder(name) for name in names}
        with contextlib.closing(wiring.stranger_store(target)) as store:
            return inspection.inspect(store, embedders, self.settings.thresholds, sample, report or silent)

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

    def change(
        self, target: EmbedderSettings, report: Report | None = None, *, everything: bool = False
    ) -> Rebuilt:
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

    def silent_bug(self, report: Report | None = None) -> SilentBug:
        """Reproduce it on copies in memory: scripts embedded by hashing their words, asked by MiniLM.

        Raises ``EmbedderFailed``.
        """
        stage = Stage(
            settings=self.settings,
            catalogue=self.records.catalogue(),
            questionnaires=self.all_questionnaires,
            new_index=wiring.throwaway_index,
            asker=self.embedder("minilm"),
            other=self.embedder("hashing"),
        )
        return reproduce(stage, now(), report or silent)

    def import_paths(
        self,
        paths: Sequence[Path],
        *,
        section: str = "",
        format: str = wiring.AUTO,  # noqa: A002  the word on the command line
        dry_run: bool = False,
        report: Report | None = None,
    ) -> Imported:
        """Import files and folders, then bring the index up to date.

        Raises as ``services.readers.walk.read_all``, ``services.importing.import_items`` and ``refresh`` do.
        """
        self._settled()
        return self._import(wiring.read_all(paths, format, wiring.READERS), section, report or silent, dry_run=dry_run)

    def import_store(
        self,
        target: str,
        collections: Sequence[str] = (),
        *,
        section: str = "",
        report: Report | None = None,
        dry_run: bool = False,
    ) -> Imported:
        """Import the documents of collections of somebody else's store, all of them where none is named.

        Its vectors are not taken over: the workspace's embedder makes new ones.

        Raises as ``services.readers.stranger.read``, ``services.importing.import_items`` and ``refresh`` do.
        """
        self._settled()
        told = report or silent
        with contextlib.closing(wiring.stranger_store(target)) as store:
            told(f"Reading the {store.kind}", 0, 0)
            items = list(wiring.read_store(store, collections, self.settings.sections))
        return self._import(items, section, told, dry_run=dry_run)

    def export(self, out: Path, format: str, *, ids: Sequence[str] = (), sections: Sequence[str] = ()) -> Exported:  # noqa: A002
        """Write scripts to one file. Raises as ``services.exporting.export`` does."""
        return exporting.export(
            out,
            format,
            catalogue=self.catalogue,
            settings=self.settings,
            encode=wiring.encode_record,
            ids=ids,
            sections=sections,
        )

    def warm(self) -> None:
        """Load what the first question needs, where that costs nothing but time: no server is asked."""
        if self.settings.embedder.name != "openai":
            with contextlib.suppress(ScriptoriumError):  # whoever asks is told
                self._asking().embed_query("warm")

    # How it is put together

    def _import(self, items: Iterable[Item], section: str, report: Report, *, dry_run: bool) -> Imported:
        with self._embedding() as embedder, self._one_model():
            imported = importing.import_items(
                items,
                section=section,
                settings=self.settings,
                store=self.records,
                questionnaires=self.questionnaires,
                embedder=embedder,
                report=report,
                dry_run=dry_run,
            )
        if not dry_run and (imported.created or imported.updated):
            report("Indexing", 0, len(imported.created) + len(imported.updated))
            self.refresh()
        return imported

    def _ask(self, ask: Callable[[VectorIndex, Catalogue], _Answer]) -> _Answer:
        """Ask the index as it is now; the new one, where another thread closes it or changes the model meanwhile."""
        while True:
            followed = self._follow()
            try:
                answer = ask(followed.index, followed.catalogue)
            except IndexBroken:
                if followed.index is self._follow().index:
                    raise
                continue
            if followed.preferred == self._stamp():
                return answer

    def _follow(self) -> Followed:
        """The index in step with the records; as it was, while all records are being replaced."""
        while True:
            last = self._index.last
            settled = self.models.unfinished.settle(wait=last is None)
            if not settled and (last := self._index.last):
                return last
            self._reread_settings()
            with contextlib.suppress(_SwitchBegan):
                return self._index.follow(partial(self._whole, settled), self.settings, self._stamp())

    def _whole(self, settled: bool) -> Catalogue:  # noqa: FBT001  it is a function's own answer
        """The records, read while nobody was replacing them: else some would be of the old model, some of the new."""
        catalogue = self.records.catalogue()
        if (settled and self.models.unfinished.there) or self._mark() != self._settings_mark:
            raise _SwitchBegan
        return catalogue

    def _indexed(self, saved: library.Saved) -> library.Saved:
        """What was stored, with a warning where it cannot be retrieved."""
        reason = self.refresh().left_out.get(saved.record.script.id, "")
        now = self.catalogue.records.get(saved.record.script.id)
        if now is not None and now.script.digest == saved.record.script.digest:
            saved = replace(saved, record=now)  # with other vectors, where the model was changed meanwhile
        if reason and not saved.warning:
            return replace(saved, warning=f"It is saved, but cannot be retrieved yet: {reason}")
        return saved

    def _facts(self, index: VectorIndex, catalogue: Catalogue, embedder: str = "") -> health_check.Facts:
        identity, query = self.embedder(embedder).identity, self._stamp(embedder)
        canaries = self.checkups.canaries.get(identity.digest)
        return health_check.Facts(
            settings=self.settings,
            catalogue=catalogue,
            index=index,
            query=query,
            normalised=identity.normalised,
            kept=self.checkups.kept(query),
            canaries_recorded=canaries.recorded if canaries else "",
        )

    def _subject(self, index: VectorIndex, catalogue: Catalogue) -> Subject:
        asked = self.all_questionnaires
        return Subject(self.settings, catalogue, index, self.embedder(), self.checkups.canaries, asked)

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

    def _asking(self, name: str = "") -> Embedder:
        """The embedder for questions of people: with a short memory, so that a page drawn again does not pay again."""
        bare = self.embedder(name)
        # Embedders are kept for good, so that no other one ever has this one's id.
        return self._remembering.setdefault(id(bare), wiring.remembering(bare))

    def _open_stores(self) -> None:
        self.records = wiring.record_store(self.paths, self.settings.sections)
        canaries, log = wiring.canary_store(self.paths), wiring.check_log(self.paths)
        self.checkups = Checkups(self.records, canaries, log)
        parts = Parts(
            self.records,
            canaries,
            wiring.embedding_cache(self.paths),
            wiring.change_store(self.paths),
            partial(read_settings, self.paths),
            partial(workspaces.write_settings, self.paths),
        )
        self.models = Models(parts, self._embedder_of, self._tools)
        self.questionnaires = wiring.questionnaire_store(self.paths)

    def _tools(self) -> Tools:
        return Tools(self._index, wiring.encode_record, self.retrieve, self.all_questionnaires)

    def _make_embedder(self, chosen: EmbedderSettings) -> Embedder:
        return wiring.embedder(chosen, self.secrets)

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
        """What a change made; a plain rebuild, where no script wanted other vectors."""
        self._reread_settings()
        if rebuilt is None:
            return self._rebuild(report)
        self._state_manifest()
        self.refresh()
        return rebuilt

    def _settled(self) -> None:
        """Before something is written: no change of the model is half done, and the settings are as they are now."""
        self.models.unfinished.check()
        self._reread_settings()

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

    def _stamp(self, embedder: str = "") -> Stamp:
        return Stamp.of(recipe_of(self.embedder(embedder)))

    def _reread_settings(self) -> None:
        with self._lock:
            mark = self._mark()
            if mark == self._settings_mark:
                return
            if mark == _ABSENT:
                raise StorageFailed(f"{self.paths.settings} is gone.", "Bring the workspace back and reload.")
            settings = read_settings(self.paths)
            moved = settings.sections != self.settings.sections
            self.settings, self._settings_mark = settings, mark
            if moved:
                self._open_stores()

    def _mark(self) -> tuple[int, int]:
        """What tells one version of ``workspace.yaml`` from another without reading it; zeros where it is not there."""
        try:
            stat = self.paths.settings.stat()
        except OSError:
            return _ABSENT
        return stat.st_mtime_ns, stat.st_size
