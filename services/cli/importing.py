"""``import``: bring scripts and questionnaires in."""

import argparse
from pathlib import Path

from services.cli.output import Output
from services.cli.workspace import open_workbench, say_note
from services.domain.reports import Imported
from services.domain.words import count
from services.errors import InvalidInput
from services.workbench import Workbench

# As many notes as a person reads; JSON has them all.
_NOTES = 20
_STORE = "store"


def run(args: argparse.Namespace, out: Output) -> int:
    """Import, and say what came of each source; 1 where something was rejected."""
    with open_workbench(args) as workbench:
        imported = _import(workbench, args, out)
        say_note(workbench, out)
    for note in imported.notes[:_NOTES]:
        out.note(note)
    if len(imported.notes) > _NOTES:
        out.note(f"{count(len(imported.notes) - _NOTES, 'further note')}: --json lists them all.")
    out.answer(imported.as_json(), _lines(imported))
    return 1 if imported.rejected else 0


def _import(workbench: Workbench, args: argparse.Namespace, out: Output) -> Imported:
    try:
        if args.format == _STORE:
            return _import_store(workbench, args, out)
        paths = [Path(path) for path in args.paths]
        if args.format == "trec-qrels":
            return workbench.import_judgements(paths, dry_run=args.dry_run, report=out.progress)
        if args.format == "trec-run":
            return workbench.import_runs(paths, dry_run=args.dry_run, report=out.progress)
        return workbench.import_paths(
            paths,
            section=args.section,
            format=args.format,
            splits=args.qrels,
            dry_run=args.dry_run,
            report=out.progress,
        )
    except KeyboardInterrupt:
        out.note("Scripts that were stored until now are whole and stay; import again for the rest.")
        raise


def _import_store(workbench: Workbench, args: argparse.Namespace, out: Output) -> Imported:
    if len(args.paths) != 1:
        raise InvalidInput(
            f"{len(args.paths)} stores are named.", f"Import them one by one: --format {_STORE} takes one."
        )
    return workbench.import_store(args.paths[0], section=args.section, dry_run=args.dry_run, report=out.progress)


def _lines(imported: Imported) -> list[str]:
    counts = (
        f"{len(imported.created):,} created, {len(imported.updated):,} updated, {len(imported.unchanged):,} unchanged, "
        f"{len(imported.rejected):,} rejected; {count(imported.questionnaires, 'questionnaire')}."
    )
    if imported.runs or imported.judgements:
        counts += f" {count(imported.judgements, 'judgement')}, {count(len(imported.runs), 'run')}."
    first = f"Nothing was written. It would be: {counts}" if imported.dry_run else f"Scripts: {counts}"
    return [first, *(f"  {rejected.source}: {rejected.reason}" for rejected in imported.rejected)]
