"""Judgements, rankings and whole test collections in the forms of the field: in and out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from services import wiring
from services.domain.reports import Exported, Imported, Rejected
from services.domain.runs import Run
from services.domain.trec import JudgedLine
from services.exporting import collections, trec
from services.ground.progress import Report, silent
from services.importing import judging, rankings
from services.workbench.judging import Judging


class Exchanging(Judging):
    """What an open workspace exchanges with the tools of the field."""

    def import_judgements(
        self, paths: Sequence[Path], *, dry_run: bool = False, report: Report | None = None
    ) -> Imported:
        """Take over the judgements of TREC files. A file that cannot be read is named, and the others are taken.

        Raises as ``services.importing.judging.import_judgements`` does.
        """
        self._settled()
        return judging.import_judgements(
            _judged(paths),
            settings=self.settings,
            grades=self.grades(),
            store=self.records,
            questionnaires=self.questionnaires,
            judgements=self.judgements,
            report=report or silent,
            dry_run=dry_run,
        )

    def import_runs(self, paths: Sequence[Path], *, dry_run: bool = False, report: Report | None = None) -> Imported:
        """Keep the rankings of TREC files, each as an evaluation. Where one file cannot be one, none is kept.

        Raises:
            NotFound, InvalidInput: one cannot be read, has a wrong line, or ranks nothing that is here.
            WorkspaceBusy, StorageFailed: nothing was kept.
        """
        self._settled()
        told = report or silent
        runs: list[Run] = []
        rejected: list[Rejected] = []
        for path in paths:
            name = _called(path, paths)
            told(f"Reading {name}", 0, 0)
            run, unknown = self._run_of(path, name)
            runs.append(run)
            rejected += unknown
        if not dry_run:
            with self.records.writing("keeping a run"):
                for run in runs:
                    self.runs.put(run)
        return Imported(
            rejected=tuple(rejected),
            questionnaires=len({answer.questionnaire for run in runs for answer in run.answers if answer.sections}),
            runs=tuple(run.id for run in runs),
            dry_run=dry_run,
        )

    def export_collection(
        self,
        out: Path,
        format: str,  # noqa: A002  the word on the command line
        *,
        ids: Sequence[str] = (),
        sections: Sequence[str] = (),
    ) -> Exported:
        """Write judgements, or a whole test collection. Raises as ``services.exporting.collections.export`` does."""
        return collections.export(
            out,
            format,
            collections.Workspace(self.settings, self.catalogue, self.all_questionnaires, self.grades()),
            ids=ids,
            sections=sections,
        )

    def write_trec_run(self, out: Path, run: Run) -> str:
        """Write the rankings of a run as a TREC file; the BLAKE3 of its bytes. Raises ``StorageFailed``."""
        return trec.write_run(out, run, self.catalogue, self.all_questionnaires, self.grades())

    def _run_of(self, path: Path, name: str) -> tuple[Run, list[Rejected]]:
        return rankings.run_of(
            wiring.read_run(path, name),
            name,
            settings=self.settings,
            catalogue=self.catalogue,
            questionnaires=self.all_questionnaires,
            grades=self.grades(),
            by=self.past.signer,
        )


def _called(path: Path, paths: Sequence[Path]) -> str:
    return path.name if len(paths) == 1 else str(path)


def _judged(paths: Sequence[Path]) -> Mapping[str, Iterable[JudgedLine | Rejected]]:
    return {_called(path, paths): wiring.read_qrels(path, _called(path, paths)) for path in paths}
