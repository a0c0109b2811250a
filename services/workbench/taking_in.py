"""What comes in: uploads, files, other people's stores."""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from services import importing, upload, wiring
from services.domain import suspicious
from services.domain.drafts import Item
from services.domain.reports import Imported
from services.domain.upload_journal import Summary
from services.ground.progress import Report, deaf, silent
from services.workbench.changing import Changing


class TakingIn(Changing):
    """What comes into an open workspace."""

    def import_paths(  # noqa: PLR0913  what a command can say of it
        self,
        paths: Sequence[Path],
        *,
        section: str = "",
        format: str = wiring.AUTO,  # noqa: A002  the word on the command line
        splits: Collection[str] = (),
        dry_run: bool = False,
        report: Report | None = None,
    ) -> Imported:
        """Import files and folders, then bring the index up to date.

        ``splits``: of a BEIR corpus, the files of judgements that count, and with them their queries; else all.

        Raises as ``services.readers.walk.read_all``, ``services.importing.import_items`` and ``refresh`` do.
        """
        self._settled()
        items = wiring.read_all(paths, format, wiring.readers(splits))
        return self._import(items, section, report or silent, dry_run=dry_run)

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

    def stage(self, files: Sequence[tuple[str, bytes]], report: Report | None = None) -> upload.Staged:
        """Keep uploaded files, each with the name it came with, until they are read. Raises ``StorageFailed``."""
        return upload.stage(files, self.settings.sections, wiring.reading(), report or silent)

    def review_upload(
        self,
        staged: upload.Staged,
        mappings: Mapping[str, Mapping[str, str]] | None = None,
        report: Report | None = None,
    ) -> upload.Review:
        """What adding these files would do; nothing is stored. Raises as ``services.upload.review`` does.

        ``mappings``: the column that each field of a table is in, by the name of the table.
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

    def undo_upload(self, upload_id: str, report: Report | None = None) -> upload.Undone:
        """Take a whole upload back. Raises as ``services.upload.undo`` does."""
        self._settled()
        told = report or silent
        with self._one_model():
            stores = upload.Stores(self.records, self.uploads)
            undone = upload.undo(upload_id, sections=self.settings.sections, stores=stores, report=told)
            self._of_the_present_model(undone.restored)
        deaf(told)("Bringing the library up to date", 0, 0)
        self.refresh()
        return undone

    def last_upload(self) -> Summary | None:
        """The newest upload that can be undone. Cheap. Raises ``StorageFailed`` where it cannot be read."""
        return self.uploads.last()

    def _import(self, items: Iterable[Item], section: str, report: Report, *, dry_run: bool) -> Imported:
        with self._embedding() as embedder, self._one_model():
            imported = importing.import_items(
                items,
                section=section,
                settings=self.settings,
                store=self.records,
                questionnaires=self.questionnaires,
                judgements=self.judgements,
                embedder=embedder,
                report=report,
                dry_run=dry_run,
            )
        if not dry_run and (imported.created or imported.updated):
            report("Indexing", 0, len(imported.created) + len(imported.updated))
            self.refresh()
        return imported

    def _corpus(self) -> upload.Corpus:
        return upload.Corpus(self.settings, self.catalogue, self.nearness)
