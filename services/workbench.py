"""All that can be done with a workspace. ``from services.workbench import Workbench``."""

import contextlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services import backup, exporting, importing, library, many, suspicious, upload, wiring
from services import health as health_check
from services import inspect as inspection
from services import retrieve as retrieval
from services.attention import Attended, Attention, attend
from services.backup import BackedUp
from services.change import Tools
from services.checks import Health
from services.clock import now
from services.drafts import Item
from services.effects import Effects, Surroundings, effects
from services.errors import IndexBroken, ScriptoriumError
from services.health.measure import Subject
from services.history import Binned, Version
from services.inspection import Inspection
from services.model_change import Generation
from services.opened import Opened
from services.ports import Catalogue, Embedder, VectorIndex
from services.progress import Report, deaf, silent
from services.questionnaires import Questionnaire
from services.reports import Exported, Imported, Rebuilt
from services.results import Retrieval
from services.scripts import Record, Script
from services.settings import EmbedderSettings
from services.silent_bug import SilentBug, Stage, reproduce
from services.trust import Measurement, Trust
from services.uploads import Upload


class Workbench(Opened):
    """All that can be done with an open workspace.

    Safe to use from several threads; one process owns the stored index, others answer in memory.
    """

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

    def trusts(self, *, as_seen: bool = False) -> Mapping[str, Trust]:
        """Whether each section's collection may be asked with the workspace's model, by what is recorded and measured.

        A section without passages has no entry. ``as_seen``: of the last refresh, without looking at the disk again.
        Raises ``IndexBroken``.
        """
        if as_seen and (seen := self._index.last):
            with contextlib.suppress(IndexBroken):  # closed by another thread meanwhile
                return health_check.trusts(self._facts(seen.index, seen.catalogue))
        return self._ask(lambda index, catalogue: health_check.trusts(self._facts(index, catalogue)))

    def save(self, script: Script, base: str | None) -> library.Saved:
        """Store a script and bring the index up to date. Raises as ``services.library.save`` does."""
        return self._save(Record(script), base)

    def effects(self, script: Script, report: Report | None = None) -> Effects:
        """What saving this version of a script would change. Stores nothing. Raises as ``services.effects.effects``."""
        return self._ask(
            lambda index, catalogue: effects(
                script,
                Surroundings(
                    self.settings,
                    catalogue,
                    index,
                    self._asking(),
                    self.all_questionnaires,
                    self.nearness(),
                    health_check.trusts(self._facts(index, catalogue)),
                ),
                report or silent,
            )
        )

    def delete(self, script_id: str, base: str | None = None) -> None:
        """Move a script to the bin. Raises as ``services.library.delete`` does."""
        library.delete(script_id, base, store=self.records)
        self.refresh()

    def restore(self, script_id: str, digest: str = "") -> library.Saved:
        """Bring a script back from the bin. Raises as ``services.library.restore`` does."""
        return self._indexed(library.restore(script_id, digest, store=self.records))

    def bin(self) -> Sequence[Binned]:
        """What was deleted and can be brought back, the last deleted first."""
        return self.records.binned()

    def empty_bin(self, thrown: Collection[tuple[str, str]]) -> Sequence[Binned]:
        """Delete records from the bin, each by id and digest. Raises as ``services.library.empty_bin`` does."""
        return library.empty_bin(thrown, store=self.records)

    def history(self, script_id: str) -> Sequence[Version]:
        """The versions of a script, the newest first: ours, and what people did with git. Raises ``StorageFailed``."""
        return self.past.versions(script_id)

    def version(self, script_id: str, commit: str) -> Record:
        """A script as it was after a commit. Raises as ``services.ports.History.record`` does."""
        return self.past.record(script_id, commit)

    def restore_version(self, script_id: str, commit: str, base: str | None) -> library.Saved:
        """Save a version once more. ``base`` as for ``save``. Raises as ``version`` and ``save`` do."""
        return self._save(self.version(script_id, commit), base, f"restoring '{script_id}' as of {commit[:8]}")

    def change_many(self, change: many.Change, bases: Mapping[str, str], report: Report | None = None) -> many.Many:
        """Change many scripts in one step. Raises as ``services.many.change_many`` does."""
        self._settled()
        with self._embedding() as embedder, self._one_model():
            done = many.change_many(
                change,
                bases,
                sections=self.settings.sections,
                store=self.records,
                embedder=embedder,
                report=report or silent,
            )
        (report or silent)("Indexing", 0, 0)
        self.refresh()
        return done

    def delete_many(self, bases: Mapping[str, str]) -> many.Many:
        """Move many scripts to the bin. Raises as ``services.many.delete_many`` does."""
        done = many.delete_many(bases, store=self.records)
        self.refresh()
        return done

    def undo_many(self, done: many.Many) -> many.Many:
        """Bring many scripts back as they were. Raises as ``services.many.undo_many`` does."""
        self._settled()
        with self._one_model():
            undone = many.undo_many(done, store=self.records, sections=self.settings.sections)
            self._of_the_present_model(undone.after)
        self.refresh()
        return undone

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
        self.checkups.accept(self._stamp(), self.settings.embedder.base_url)

    def attention(self, report: Report | None = None) -> Attention:
        """What needs a practitioner's attention. Asks the model for the saved questionnaires: not for a page run.

        Raises:
            EmbedderFailed: the questions could not be embedded.
            IndexBroken: the index cannot be read.
        """
        return self._ask(lambda index, catalogue: attend(self._attended(index, catalogue), report or silent))

    def attention_basis(self) -> str:
        """What ``attention`` would be computed from now; cheap. Raises ``IndexBroken``."""
        return self._ask(lambda index, catalogue: self._attended(index, catalogue).basis())

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

    def silent_bug(self, report: Report | None = None) -> SilentBug:
        """Reproduce it on copies in memory: scripts embedded by hashing their words, asked by MiniLM.

        Raises ``EmbedderFailed``.
        """
        stage = Stage(
            settings=self.settings,
            catalogue=self.records.catalogue(),
            questionnaires=self.all_questionnaires,
            new_index=wiring.throwaway_index,
            asker=wiring.asking_once(self.embedder("minilm")),
            other=wiring.asking_once(self.embedder("hashing")),
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

    def stage(self, files: Sequence[tuple[str, bytes]]) -> upload.Staged:
        """Keep uploaded files, each with the name it came with, until they are read. Raises ``StorageFailed``."""
        return upload.stage(files, self.settings.sections, wiring.reading())

    def review_upload(
        self,
        staged: upload.Staged,
        mappings: Mapping[str, Mapping[str, str]] | None = None,
        report: Report | None = None,
    ) -> upload.Review:
        """What adding these files would do; nothing is stored. Raises as ``services.upload.review`` does.

        ``mappings``: the column that each field of a table is in, by the name of its file.
        """
        self._settled()
        self.refresh()
        told = report or silent
        items = list(upload.read(staged, wiring.reading(), mappings or {}, told))
        return upload.review(items, self._corpus(), self.embedder(), suspicious.sentences, told)

    def revise_upload(self, reviewed: upload.Review, edits: Mapping[int, upload.Edit]) -> upload.Review:
        """The review with a person's edits, as it would be stored now. Asks no model."""
        return upload.revise(reviewed, edits, self._corpus(), self.embedder())

    def add_upload(
        self, reviewed: upload.Review, chosen: Collection[int], report: Report | None = None
    ) -> upload.Added:
        """Store the chosen rows of a review and bring the index up to date. Raises as ``services.upload.add`` does."""
        self._settled()
        told = report or silent
        with self._embedding() as embedder, self._one_model():
            added = upload.add(
                reviewed,
                chosen,
                settings=self.settings,
                stores=upload.Stores(self.records, self.uploads),
                embedder=embedder,
                report=told,
            )
        if added.upload:
            deaf(told)("Making them retrievable", 0, 0)
            self.refresh()
        return added

    def undo_upload(self, upload_id: str) -> upload.Undone:
        """Take a whole upload back. Raises as ``services.upload.undo`` does."""
        self._settled()
        with self._one_model():
            stores = upload.Stores(self.records, self.uploads)
            undone = upload.undo(upload_id, stores=stores)
            self._of_the_present_model(undone.restored)
        self.refresh()
        return undone

    def last_upload(self) -> Upload | None:
        """The newest upload that can be undone. Raises ``StorageFailed`` where it cannot be read."""
        newest = next(iter(self.uploads.names()), "")
        return self.uploads.get(newest) if newest else None

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

    def export_bytes(self, format: str, *, ids: Sequence[str] = ()) -> bytes:  # noqa: A002
        """The same file as bytes, for a download. Raises ``InvalidInput``, ``NotFound``."""
        records = exporting.chosen(self.catalogue, self.settings, ids, ())
        return exporting.as_bytes(records, format, wiring.encode_record)

    def backup(self, out: Path, report: Report | None = None) -> BackedUp:
        """Write the whole workspace to one file. Raises as ``services.backup.backup`` does, and ``WorkspaceBusy``."""
        self._settled()
        # Where this process may not write, no thread of it does either.
        held = self.records.writing("backing up") if self.writable else contextlib.nullcontext()
        with held:
            return backup.backup(self.paths.root, out, report or silent)

    def backup_bytes(self) -> bytes:
        """The same file as bytes, for a download. Raises as ``backup`` does."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "backup.zip"
            self.backup(out)
            return out.read_bytes()

    def warm(self) -> None:
        """Load what the first visitor needs, where that costs nothing but time: no server is asked."""
        self.shelf  # noqa: B018  it is kept
        if self.embedder().local:
            with contextlib.suppress(ScriptoriumError):  # whoever asks is told
                self._asking().embed_query("warm")

    # How it is put together

    def _save(self, record: Record, base: str | None, purpose: str = "") -> library.Saved:
        """Save what a record says, with its vectors where they fit."""
        script = record.script
        self._settled()
        self.settings.check_section(script.section)
        with self._embedding() as embedder, self._one_model():
            saved = library.save(
                script, base=base, store=self.records, embedder=embedder, known=record, purpose=purpose
            )
        return self._indexed(saved)

    def _corpus(self) -> upload.Corpus:
        return upload.Corpus(self.settings, self.catalogue, self.nearness())

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
            kept=self.checkups.kept(query, self.settings.embedder.base_url),
            canaries_recorded=canaries.recorded if canaries else "",
        )

    def _subject(self, index: VectorIndex, catalogue: Catalogue) -> Subject:
        asked = self.all_questionnaires
        return Subject(self.settings, catalogue, index, self.embedder(), self.checkups.canaries, asked)

    def _attended(self, index: VectorIndex, catalogue: Catalogue) -> Attended:
        facts = self._facts(index, catalogue)
        last = facts.kept.answered
        unread = {i: share for m in last.sections.values() for i, share in m.unread.items()} if last else {}
        return Attended(
            settings=self.settings,
            catalogue=catalogue,
            index=index,
            questionnaires=self.all_questionnaires,
            embedder=self._asking(),
            stamp=self._stamp(),
            known=health_check.trusts(facts),
            nearness=self.nearness(),
            unread=unread,
        )

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

    def _of_the_present_model(self, script_ids: Iterable[str]) -> None:
        """Records that came back with the vectors of an earlier model are brought to the one that asks."""
        records, stamp = self.records.catalogue().records, self._stamp()
        back = [records[script_id].vectors for script_id in script_ids if script_id in records]
        if any(vectors is not None and vectors.stamp != stamp for vectors in back):
            # Where the model cannot be asked, they are left out of the index, and the reader says so.
            with contextlib.suppress(ScriptoriumError):
                self.models.catch_up(self.settings.embedder)

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
