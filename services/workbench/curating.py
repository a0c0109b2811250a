"""What people do to scripts and questionnaires."""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from services import library, many
from services.domain.history import Binned, Lost, Version
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Record, Script
from services.errors import InvalidInput
from services.ground.progress import Report, deaf, silent
from services.workbench.changing import Changing


class Curating(Changing):
    """What people do to the scripts and questionnaires of an open workspace."""

    def save(self, script: Script, base: str | None) -> library.Saved:
        """Store a script and bring the index up to date. Raises as ``services.library.save`` does."""
        return self._save(Record(script), base)

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

    def restore_as_another(self, script_id: str, digest: str) -> library.Saved:
        """Bring a script back beside the one that has its id. Raises as ``services.library.restore_as_another``."""
        self._settled()
        self.settings.check_section(self.in_bin(script_id, digest).script.section)
        with self._embedding() as embedder, self._one_model():
            saved = library.restore_as_another(script_id, digest, store=self.records, embedder=embedder)
        return self._indexed(saved)

    def id_beside(self, script_id: str) -> str:
        """The id that ``restore_as_another`` would give."""
        return library.id_beside(script_id, self.records)

    def in_bin(self, script_id: str, digest: str) -> Record:
        """A script in the bin, to be read. Raises as ``services.ports.RecordStore.in_bin`` does."""
        return self.records.in_bin(script_id, digest)

    def lost(self) -> Sequence[Lost]:
        """Scripts that were deleted outside, and are in no bin; the last deleted first. Raises ``StorageFailed``."""
        catalogue = self.catalogue
        binned = {one.id for one in self.bin()}
        return self.past.lost(catalogue.records.keys() | catalogue.damaged.keys() | binned)

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
        version = self.version(script_id, commit)
        self._settled()
        self.settings.check_section(version.script.section)
        purpose = f"restoring '{script_id}' as of {commit[:8]}"
        with self._embedding() as embedder, self._one_model():
            saved = library.restore_version(version, base=base, store=self.records, embedder=embedder, purpose=purpose)
        return self._indexed(saved)

    def last_readable(self, script_id: str) -> Version | None:
        """The newest version that can be read, to be restored; None where there is none. Raises ``StorageFailed``."""
        for version in self.history(script_id):
            # What was damaged when it was committed is no version to go back to.
            with contextlib.suppress(InvalidInput):
                if version.there and self.version(script_id, version.commit):
                    return version
        return None

    def change_many(
        self,
        change: many.Change,
        bases: Mapping[str, str],
        report: Report | None = None,
        *,
        kept: Mapping[str, str] | None = None,
    ) -> many.Many:
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
                kept=kept,
            )
        self.refresh(deaf(report or silent))
        return done

    def delete_many(self, bases: Mapping[str, str], report: Report | None = None) -> many.Many:
        """Move many scripts to the bin. Raises as ``services.many.delete_many`` does."""
        done = many.delete_many(bases, store=self.records)
        self.refresh(deaf(report or silent))
        return done

    def undo_many(self, done: many.Many, report: Report | None = None) -> many.Many:
        """Bring many scripts back as they were. Raises as ``services.many.undo_many`` does."""
        self._settled()
        with self._one_model():
            undone = many.undo_many(done, store=self.records, sections=self.settings.sections, report=report or silent)
            self._of_the_present_model(undone.after)
        self.refresh(deaf(report or silent))
        return undone

    def save_questionnaire(self, questionnaire: Questionnaire) -> Questionnaire:
        """Store a questionnaire. Raises as ``services.library.save_questionnaire`` does."""
        return library.save_questionnaire(questionnaire, store=self.records, questionnaires=self.questionnaires)

    def delete_questionnaire(self, questionnaire_id: str) -> None:
        """Delete a questionnaire. Raises as ``services.library.delete_questionnaire`` does."""
        library.delete_questionnaire(questionnaire_id, store=self.records, questionnaires=self.questionnaires)

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

    def _indexed(self, saved: library.Saved) -> library.Saved:
        """What was stored, with a warning where it cannot be retrieved."""
        reason = self.refresh().left_out.get(saved.record.script.id, "")
        now = self.catalogue.records.get(saved.record.script.id)
        if now is not None and now.script.digest == saved.record.script.digest:
            saved = replace(saved, record=now)  # with other vectors, where the model was changed meanwhile
        if reason and not saved.warning:
            return replace(saved, warning=f"It is saved, but cannot be retrieved yet: {reason}")
        return saved
