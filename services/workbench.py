"""The composition root: the one file that names adapters. ``from services.workbench import Workbench``."""

import contextlib
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from services import exporting, importing, library, workspaces
from services import health as health_check
from services import rebuild as rebuilding
from services import retrieve as retrieval
from services.drafts import Reader
from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.embedders.openai import OpenAIEmbedder
from services.errors import IndexBroken, InvalidSettings, ScriptoriumError, StorageFailed
from services.indexes.generations import Generations, OwnedElsewhere
from services.indexes.in_memory import InMemory
from services.model_digest import Stamp, State, compare
from services.ports import Catalogue, Embedder, IndexKeeper, VectorIndex
from services.questionnaires import Questionnaire
from services.readers import beir, csv, jsonl, text, walk
from services.readers import records as record_reader
from services.records import record_format
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from services.results import Exported, Health, Imported, Rebuilt, Retrieval, SyncReport
from services.scripts import BrokenRecord, Record, Script
from services.settings import EmbedderSettings, Paths, Settings, read_settings
from services.sync import sync
from services.vectors import DEFAULT_POLICY, recipe_of

EMBEDDERS = ("minilm", "openai", "hashing")
READERS: Mapping[str, Reader] = {
    "records": partial(record_reader.read, decode=record_format.decode),
    "text": text.read,
    "csv": csv.read,
    "jsonl": jsonl.read,
    "beir": beir.read,
}
KEY_NAME = "OPENAI_API_KEY"
_DEFAULT_OPENAI_MODEL = "text-embedding-3-small"


class Workbench:
    """An open workspace. Safe to use from several threads; one process owns the stored index, others answer in memory.

    ``secrets`` holds keys by name, such as Streamlit's; the environment is asked where it has none.
    """

    def __init__(self, root: Path, secrets: Mapping[str, str] | None = None) -> None:
        self.paths = Paths(root)
        self.settings = read_settings(self.paths)
        self._settings_mark = self._mark()
        self._secrets = dict(secrets or {})
        self._embedders: dict[str, Embedder] = {}
        self._lock = threading.RLock()
        self._open_stores()
        self._stored: IndexKeeper | None = Generations(self.paths.index, DEFAULT_POLICY.card) if self.writable else None
        self._keeper: IndexKeeper = self._stored or InMemory(
            "The workspace is read-only: it is searched in memory and cannot be changed."
        )
        self._index: VectorIndex | None = None
        self._synced: tuple[Catalogue, str] | None = None
        self.last_sync = SyncReport()

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
        with self._lock:
            self._keeper.close()
            self._index = self._synced = None

    # What is there

    @property
    def writable(self) -> bool:
        """Whether scripts can be changed here."""
        return self.records.writable

    @property
    def catalogue(self) -> Catalogue:
        """The records as they are now."""
        return self.records.catalogue()

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
        return self._keeper.note

    def embedder(self, name: str = "") -> Embedder:
        """The workspace's embedder, or the named one. Made once; weights and servers wait for the first text.

        Raises:
            InvalidSettings: an unknown name.
        """
        chosen = self.settings.embedder
        if name and name != chosen.name:
            chosen = EmbedderSettings(name=name)
        key = repr(chosen)
        if key not in self._embedders:
            self._embedders[key] = self._make_embedder(chosen)
        return self._embedders[key]

    # What it does

    def refresh(self) -> SyncReport:
        """Bring settings, records and index up to date with the disk. Cheap when nothing changed.

        Raises:
            IndexBroken: the index cannot be read, written or built.
            StorageFailed: it cannot be stored.
        """
        with self._lock:
            self._reread_settings()
            catalogue = self.catalogue
            index = self._open_index()
            state = (catalogue, self._keeper.generation)
            if index is not self._index or self._synced is None or self._synced[0] is not catalogue:
                self._index, self._synced = self._sync(catalogue, index), None
                self._synced = (catalogue, state[1])
            return self.last_sync

    def retrieve(
        self, questionnaire: Questionnaire, options: retrieval.Options | None = None, embedder: str = ""
    ) -> Retrieval:
        """Rank the scripts of each section. Raises as ``services.retrieve.retrieve`` and ``refresh`` do."""
        while True:
            self.refresh()
            with self._lock:
                index, catalogue = self._current()
            try:
                return retrieval.retrieve(
                    questionnaire,
                    options=options or retrieval.Options(top_k=self.settings.top_k),
                    settings=self.settings,
                    catalogue=catalogue,
                    index=index,
                    embedder=self.embedder(embedder),
                )
            except IndexBroken:
                # A rebuild in another thread closes the index that this question was put to: ask the new one.
                if index is self._index:
                    raise

    def states(self) -> Mapping[str, State]:
        """Whether each section's collection may be asked with the workspace's model, by what was recorded with it.

        A section without passages has no entry. Raises ``IndexBroken``.
        """
        with self._lock:
            index, _ = self._current()
            asked = self._stamp()
            return {s: compare(index.stamp(s), asked) for s in self.settings.sections if index.count(s)}

    def save(self, script: Script, base: str | None) -> library.Saved:
        """Store a script and bring the index up to date. Raises as ``services.library.save`` does."""
        self.settings.check_section(script.section)
        saved = library.save(script, base=base, store=self.records, embedder=self.embedder())
        self.refresh()
        return saved

    def delete(self, script_id: str) -> None:
        """Move a script to the bin. Raises as ``services.library.delete`` does."""
        library.delete(script_id, store=self.records)
        self.refresh()

    def restore(self, script_id: str) -> Record:
        """Bring a script back from the bin. Raises as ``services.library.restore`` does."""
        record = library.restore(script_id, store=self.records)
        self.refresh()
        return record

    def save_questionnaire(self, questionnaire: Questionnaire) -> Questionnaire:
        """Store a questionnaire. Raises as ``services.library.save_questionnaire`` does."""
        return library.save_questionnaire(questionnaire, store=self.records, questionnaires=self.questionnaires)

    def delete_questionnaire(self, questionnaire_id: str) -> None:
        """Delete a questionnaire. Raises as ``services.library.delete_questionnaire`` does."""
        library.delete_questionnaire(questionnaire_id, store=self.records, questionnaires=self.questionnaires)

    def health(self) -> Health:
        """Compare every collection with the records and with the model that asks. Raises ``IndexBroken``."""
        self.refresh()
        with self._lock:
            index, catalogue = self._current()
            notes = (self._keeper.note,) if self._keeper.note else ()
            return health_check.health(
                settings=self.settings,
                catalogue=catalogue,
                index=index,
                generation=self._keeper.generation,
                query=self._stamp(),
                broken=self.questionnaires.all()[1],
                notes=notes,
            )

    def rebuild(self, embedder: str = "", report: rebuilding.Report | None = None) -> Rebuilt:
        """Build and prove a new generation; with ``embedder``, embed with it first and make it the workspace's.

        Raises:
            InvalidSettings: an unknown embedder.
            EmbedderFailed, WorkspaceBusy, StorageFailed, IndexBroken: the index in use is as it was.
        """
        told = report or _silent
        embedded = self._embed_anew(embedder, told) if embedder else 0
        if self.writable:
            with self.records.writing("rebuilding the index"):
                self.records.state_manifest()
        # The stored one also where another process owns the present generation: the new one is then this process's.
        keeper = self._stored or self._keeper
        flip, built = rebuilding.build_generation(
            self.catalogue, settings=self.settings, keeper=keeper, preferred=self._stamp(), report=told
        )
        with self._lock:
            self._index, self._keeper = flip(), keeper
            self._synced = None
            generation = self._keeper.generation
        self.refresh()
        return replace(built, embedded=embedded, generation=generation)

    def import_paths(
        self,
        paths: Sequence[Path],
        *,
        section: str = "",
        format: str = walk.AUTO,  # noqa: A002  the word on the command line
        dry_run: bool = False,
        report: rebuilding.Report | None = None,
    ) -> Imported:
        """Import files and folders, then bring the index up to date.

        Raises as ``services.readers.walk.read_all``, ``services.importing.import_items`` and ``refresh`` do.
        """
        self._reread_settings()
        imported = importing.import_items(
            walk.read_all(paths, format, READERS),
            section=section,
            settings=self.settings,
            store=self.records,
            questionnaires=self.questionnaires,
            embedder=self.embedder(),
            report=report or _silent,
            dry_run=dry_run,
        )
        if not dry_run and (imported.created or imported.updated):
            (report or _silent)("Indexing", 0, len(imported.created) + len(imported.updated))
            self.refresh()
        return imported

    def export(self, out: Path, format: str, *, ids: Sequence[str] = (), sections: Sequence[str] = ()) -> Exported:  # noqa: A002
        """Write scripts to one file. Raises as ``services.exporting.export`` does."""
        return exporting.export(
            out,
            format,
            catalogue=self.catalogue,
            settings=self.settings,
            encode=record_format.encode,
            ids=ids,
            sections=sections,
        )

    def warm(self) -> None:
        """Load what the first question needs, where that costs nothing but time: no server is asked."""
        if self.settings.embedder.name != "openai":
            with contextlib.suppress(ScriptoriumError):  # whoever asks is told
                self.embedder().embed_query("warm")

    # How it is put together

    def _open_stores(self) -> None:
        self.records = YamlRecordStore(self.paths, self.settings.sections)
        self.questionnaires = YamlQuestionnaireStore(self.paths.questionnaires)

    def _open_index(self) -> VectorIndex:
        """The current index; built from the records where there is none that can be used."""
        if self._stored is not None:
            self._keeper = self._own_or_borrow(self._stored)
        index = self._keeper.open()
        return index if index is not None else self._build()

    def _own_or_borrow(self, stored: IndexKeeper) -> IndexKeeper:
        """The stored index where this process can own it, else one in memory until the other process lets go."""
        try:
            stored.open()
        except OwnedElsewhere as error:
            return self._keeper if isinstance(self._keeper, InMemory) else InMemory(str(error))
        return stored

    def _build(self) -> VectorIndex:
        flip, _ = rebuilding.build_generation(
            self.catalogue, settings=self.settings, keeper=self._keeper, preferred=self._stamp(), report=_silent
        )
        return flip()

    def _sync(self, catalogue: Catalogue, index: VectorIndex) -> VectorIndex:
        try:
            self.last_sync = sync(catalogue, index, self.settings.sections, self._stamp())
            sound = not self.last_sync.to_rebuild
        except IndexBroken:  # it opened, and cannot be read or written all the same
            sound = False
        if not sound:
            index = self._build()
            self.last_sync = sync(catalogue, index, self.settings.sections, self._stamp())
        if self.last_sync.changed:
            self._keeper.settled()
        return index

    def _current(self) -> tuple[VectorIndex, Catalogue]:
        assert self._index is not None  # noqa: S101  refresh has just set it
        assert self._synced is not None  # noqa: S101
        return self._index, self._synced[0]

    def _embed_anew(self, name: str, report: rebuilding.Report) -> int:
        embedder = self.embedder(name)
        embedded = rebuilding.embed_anew(self.records, embedder, report)
        if name != self.settings.embedder.name:
            with self.records.writing("changing the embedder"):
                changed = replace(self.settings, embedder=_settings_of(name))
                workspaces.write_settings(self.paths, changed)
            self._reread_settings()
        return embedded

    def _stamp(self) -> Stamp:
        return Stamp.of(recipe_of(self.embedder()))

    def _make_embedder(self, chosen: EmbedderSettings) -> Embedder:
        if chosen.name == "minilm":
            return _minilm()
        if chosen.name == "hashing":
            return Hashing()
        if chosen.name == "openai":
            key = self._secrets.get(KEY_NAME) or os.environ.get(KEY_NAME, "")
            return OpenAIEmbedder(
                model=chosen.model or _DEFAULT_OPENAI_MODEL,
                dimensions=chosen.dimensions,
                base_url=chosen.base_url or os.environ.get("OPENAI_BASE_URL", ""),
                api_key=key,
            )
        raise InvalidSettings(f"There is no embedder '{chosen.name[:40]}'.", f"Use one of: {', '.join(EMBEDDERS)}.")

    def _reread_settings(self) -> None:
        mark = self._mark()
        if mark == self._settings_mark:
            return
        settings = read_settings(self.paths)
        if settings.sections != self.settings.sections:
            self.settings = settings
            self._open_stores()
        self.settings, self._settings_mark, self._synced = settings, mark, None

    def _mark(self) -> tuple[int, int]:
        try:
            stat = self.paths.settings.stat()
        except OSError as error:
            raise StorageFailed(
                f"{self.paths.settings} is gone ({error.strerror}).", "Bring the workspace back and reload."
            ) from None
        return stat.st_mtime_ns, stat.st_size


def _settings_of(name: str) -> EmbedderSettings:
    return EmbedderSettings(name=name)


@cache
def _minilm() -> MiniLM:
    """One for the process: its weights take 90 MB."""
    return MiniLM(cache=platformdirs.user_cache_path("scriptorium"))


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""
