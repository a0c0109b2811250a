"""An open workspace, and all that can be done with it. ``from services.workbench import Workbench``."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from services import exporting, importing, library, wiring, workspaces
from services import health as health_check
from services import rebuild as rebuilding
from services import retrieve as retrieval
from services.errors import IndexBroken, ScriptoriumError, StorageFailed
from services.live_index import Followed
from services.model_digest import Stamp, State, compare
from services.ports import Catalogue, Embedder, VectorIndex
from services.progress import Report, silent
from services.questionnaires import Questionnaire
from services.reports import Exported, Health, Imported, Rebuilt, SyncReport
from services.results import Retrieval
from services.scripts import BrokenRecord, Script
from services.settings import EmbedderSettings, Paths, read_settings
from services.vectors import recipe_of

_Answer = TypeVar("_Answer")


# The mark of a file that is not there.
_ABSENT = (0, 0)


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
            chosen = replace(chosen, name=name)
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
                embedder=self.embedder(embedder),
            )
        )

    def states(self) -> Mapping[str, State]:
        """Whether each section's collection may be asked with the workspace's model, by what was recorded with it.

        A section without passages has no entry. Raises ``IndexBroken``.
        """
        asked, sections = self._stamp(), self.settings.sections
        return self._ask(lambda index, _: {s: compare(index.stamp(s), asked) for s in sections if index.count(s)})

    def save(self, script: Script, base: str | None) -> library.Saved:
        """Store a script and bring the index up to date. Raises as ``services.library.save`` does."""
        self._reread_settings()
        self.settings.check_section(script.section)
        return self._indexed(library.save(script, base=base, store=self.records, embedder=self.embedder()))

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
        """Compare every collection with the records and with the model that asks. Raises ``IndexBroken``."""
        return self._ask(
            lambda index, catalogue: health_check.health(
                settings=self.settings,
                catalogue=catalogue,
                index=index,
                generation=self._index.generation,
                query=self._stamp(),
                broken=self.questionnaires.all()[1],
                problems=tuple(filter(None, (self._index.problem, self.records.lagging))),
                notes=(self.note,) if self.note and not self._index.problem else (),
            )
        )

    def rebuild(self, embedder: str = "", report: Report | None = None) -> Rebuilt:
        """Build and prove a new generation; with ``embedder``, embed with it first and make it the workspace's.

        Raises:
            InvalidSettings: an unknown embedder.
            EmbedderFailed, WorkspaceBusy, StorageFailed, IndexBroken: the index in use is as it was.
        """
        told = report or silent
        self._reread_settings()
        embedded = self._embed_anew(embedder, told) if embedder else 0
        if self.writable:
            with self.records.writing("rebuilding the index"):
                self.records.state_manifest()
        built = self._index.rebuild(self.records.catalogue(), self.settings, self._stamp(), told)
        self.refresh()
        return replace(built, embedded=embedded)

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
        self._reread_settings()
        imported = importing.import_items(
            wiring.read_all(paths, format, wiring.READERS),
            section=section,
            settings=self.settings,
            store=self.records,
            questionnaires=self.questionnaires,
            embedder=self.embedder(),
            report=report or silent,
            dry_run=dry_run,
        )
        if not dry_run and (imported.created or imported.updated):
            (report or silent)("Indexing", 0, len(imported.created) + len(imported.updated))
            self.refresh()
        return imported

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
                self.embedder().embed_query("warm")

    # How it is put together

    def _ask(self, ask: Callable[[VectorIndex, Catalogue], _Answer]) -> _Answer:
        """Ask the index as it is now; the new one, where a rebuild in another thread closes it meanwhile."""
        while True:
            followed = self._follow()
            try:
                return ask(followed.index, followed.catalogue)
            except IndexBroken:
                if followed.index is self._follow().index:
                    raise

    def _follow(self) -> Followed:
        self._reread_settings()
        return self._index.follow(self.records.catalogue, self.settings, self._stamp())

    def _indexed(self, saved: library.Saved) -> library.Saved:
        """What was stored, with a warning where it cannot be retrieved."""
        reason = self.refresh().left_out.get(saved.record.script.id, "")
        if reason and not saved.warning:
            return replace(saved, warning=f"It is saved, but cannot be retrieved yet: {reason}")
        return saved

    def _open_stores(self) -> None:
        self.records = wiring.record_store(self.paths, self.settings.sections)
        self.questionnaires = wiring.questionnaire_store(self.paths)

    def _make_embedder(self, chosen: EmbedderSettings) -> Embedder:
        return wiring.embedder(chosen, self.secrets)

    def _embed_anew(self, name: str, report: Report) -> int:
        embedder = self.embedder(name)
        embedded = rebuilding.embed_anew(self.records, embedder, report)
        if name != self.settings.embedder.name:
            with self.records.writing("changing the embedder"):
                changed = replace(self.settings, embedder=replace(self.settings.embedder, name=name))
                workspaces.write_settings(self.paths, changed)
            self._reread_settings()
        return embedded

    def _stamp(self) -> Stamp:
        return Stamp.of(recipe_of(self.embedder()))

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
