"""``init``: make a workspace."""

import argparse
from pathlib import Path

from services import workspaces
from services.cli.output import Output
from services.domain.reports import Initialised
from services.domain.words import count
from services.errors import InvalidSettings
from services.wiring import EMBEDDERS
from services.workbench import Workbench


def run(args: argparse.Namespace, out: Output) -> int:
    """Make it, and say what is in it."""
    if args.embedder and args.embedder not in EMBEDDERS:
        raise InvalidSettings(f"There is no embedder '{args.embedder[:40]}'.", f"Use one of: {', '.join(EMBEDDERS)}.")
    root, sections = Path(args.folder), tuple(args.section)
    if args.source:
        former = workspaces.copy(Path(args.source), root, sections=sections, embedder=args.embedder).embedder.name
        if args.embedder and args.embedder != former:
            out.note(
                f"The scripts keep the vectors of {former}. "
                f"To ask with {args.embedder}: python -m services --workspace {root} rebuild --embedder {args.embedder}"
            )
    else:
        given = workspaces.new_settings(root.absolute().name, sections, args.embedder or "minilm")
        workspaces.create(root, given)
    with Workbench(root) as workbench:
        settings = workbench.settings
        made = Initialised(str(root), settings.sections, settings.embedder.name, len(workbench.catalogue.records))
    holds = count(made.records, "script")
    named = ", ".join(made.sections)
    out.answer(made.as_json(), [f"{made.workspace}: {holds}. Sections: {named}. Embedder: {made.embedder}."])
    return 0
