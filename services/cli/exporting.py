"""``export``: write scripts to one file."""

import argparse
from pathlib import Path

from services.cli.output import Output
from services.cli.workspace import open_workbench
from services.domain.words import count


def run(args: argparse.Namespace, out: Output) -> int:
    """Write the file; 1 where records that cannot be read are missing from it."""
    with open_workbench(args) as workbench:
        exported = workbench.export(Path(args.out), args.format, ids=args.id, sections=args.section)
    if exported.left_out:
        files = count(len(exported.left_out), "damaged file")
        out.note(f"{files} could not be exported: {', '.join(exported.left_out[:5])}. See: python -m services health")
    line = f"{count(exported.scripts, 'script')} in {exported.file}, BLAKE3 {exported.digest}."
    out.answer(exported.as_json(), [line])
    return 1 if exported.left_out else 0
