"""``init``: make a workspace."""

import argparse
from dataclasses import replace
from pathlib import Path

from services import workspaces
from services.cli.output import Output, counted
from services.errors import InvalidSettings
from services.reports import Initialised
from services.settings import EmbedderSettings, Paths, parse_settings, read_settings, settings_as_yaml
from services.wiring import EMBEDDERS
from services.workbench import Workbench
from services.yaml_text import load


def run(args: argparse.Namespace, out: Output) -> int:
    """Make it, and say what is in it."""
    if args.embedder and args.embedder not in EMBEDDERS:
        raise InvalidSettings(f"There is no embedder '{args.embedder[:40]}'.", f"Use one of: {', '.join(EMBEDDERS)}.")
    root = Path(args.folder)
    if args.source:
        _copy(Path(args.source), root, args, out)
    else:
        given = workspaces.new_settings(root.absolute().name, tuple(args.section), args.embedder or "minilm")
        # Read back before anything is written: what was typed may be no section.
        workspaces.create(root, parse_settings(load(settings_as_yaml(given), source="workspace.yaml")))
    with Workbench(root) as workbench:
        settings = workbench.settings
        made = Initialised(str(root), settings.sections, settings.embedder.name, len(workbench.catalogue.records))
    holds = counted(made.records, "script")
    sections = ", ".join(made.sections)
    out.answer(made.as_json(), [f"{made.workspace}: {holds}. Sections: {sections}. Embedder: {made.embedder}."])
    return 0


def _copy(source: Path, root: Path, args: argparse.Namespace, out: Output) -> None:
    """A copy, with more sections or another embedder where they were named."""
    settings = read_settings(Paths(source))
    more = tuple(s for s in dict.fromkeys(args.section) if s not in settings.sections)
    changed = replace(settings, sections=(*settings.sections, *more))
    if args.embedder and args.embedder != settings.embedder.name:
        changed = replace(changed, embedder=EmbedderSettings(name=args.embedder))
        out.note(
            f"The scripts keep the vectors of {settings.embedder.name}. "
            f"To ask with {args.embedder}: python -m services --workspace {root} rebuild --embedder {args.embedder}"
        )
    checked = parse_settings(load(settings_as_yaml(changed), source="workspace.yaml"))
    workspaces.copy(source, root)
    if checked != settings:
        workspaces.write_settings(Paths(root), checked)
