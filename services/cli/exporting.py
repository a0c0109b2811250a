"""``export``: write scripts to one file."""

import argparse
from pathlib import Path

from services.cli.output import Output
from services.cli.workspace import open_workbench
from services.domain.words import count
from services.exporting.collections import FORMATS


def run(args: argparse.Namespace, out: Output) -> int:
    """Write the file; 1 where records that cannot be read are missing from it."""
    with open_workbench(args) as workbench:
        export = workbench.export_collection if args.format in FORMATS else workbench.export
        exported = export(Path(args.out), args.format, ids=args.id, sections=args.section)
    if exported.left_out:
        files = count(len(exported.left_out), "damaged file")
        out.note(f"{files} could not be exported: {', '.join(exported.left_out[:5])}. See: python -m services health")
    for note in exported.notes:
        out.note(note)
    held = count(exported.scripts, "script")
    if args.format in FORMATS:
        held += f", {count(exported.questionnaires, 'questionnaire')}, {count(exported.judgements, 'judgement')}"
    line = f"{held} in {exported.file}, BLAKE3 {exported.digest}."
    out.answer(exported.as_json(), [line])
    return 1 if exported.left_out else 0
