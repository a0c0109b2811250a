"""``backup``: write the whole workspace to one file."""

import argparse
from pathlib import Path

from services.cli.output import Output
from services.cli.workspace import open_workbench
from services.domain.words import count


def run(args: argparse.Namespace, out: Output) -> int:
    """Write the file; 1 where something is not in it: what is neither file nor folder, or a history kept elsewhere."""
    with open_workbench(args) as workbench:
        done = workbench.backup(Path(args.out), out.progress)
    if done.left_out:
        out.note(f"Not in the backup, for links are not followed: {', '.join(done.left_out[:5])}.")
    if done.history:
        out.note(f"{done.history} The backup does not have it whole.")
    out.answer(done.as_json(), [f"{count(done.records, 'script')} in {done.file}, BLAKE3 {done.digest}."])
    return 1 if done.left_out or done.history else 0
