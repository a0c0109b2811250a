"""Opening the workspace that a command is about."""

import argparse
from pathlib import Path

from services.cli.output import Output
from services.workbench import Workbench
from services.workspaces import default_workspace


def open_workbench(args: argparse.Namespace) -> Workbench:
    """The named workspace, else the default one. Raises ``NotFound``, ``InvalidSettings``, ``StorageFailed``."""
    return Workbench(Path(args.workspace) if args.workspace else default_workspace())


def say_note(workbench: Workbench, out: Output) -> None:
    """What a person should know about the index, such as that another process owns it."""
    out.note(workbench.note)
