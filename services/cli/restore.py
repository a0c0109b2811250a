"""``restore``: bring a backup back, verified before it replaces anything."""

import argparse
from functools import partial
from pathlib import Path

from services import restore, wiring
from services.cli.output import Output
from services.domain.settings import Paths
from services.domain.words import count
from services.workspaces import default_root


def run(args: argparse.Namespace, out: Output) -> int:
    """Restore into the named workspace, which need not exist."""
    root = Path(args.workspace) if args.workspace else default_root()
    done = restore.restore(Path(args.file), root, partial(wiring.writer_lock, Paths(root)), wiring.look, out.progress)
    out.note(f"What was there before is now in {done.before}." if done.before else "")
    if done.left_out:
        named = ", ".join(done.left_out[:5])
        out.note(f"Not brought back, for git would run it, or read elsewhere, for whoever uses it there: {named}.")
    if done.history:
        out.note(f"{done.history} It is not brought back, and a new one begins; the backup itself is as it was.")
    out.answer(done.as_json(), [f"{root}: {count(done.records, 'script')} restored from {done.file}."])
    return 0
