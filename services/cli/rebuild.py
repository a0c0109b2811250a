"""``rebuild``: a new index from the records."""

import argparse

from services.cli.output import Output
from services.cli.workspace import open_workbench, say_note
from services.words import count


def run(args: argparse.Namespace, out: Output) -> int:
    """Rebuild; 1 where scripts had to be left out."""
    with open_workbench(args) as workbench:
        built = workbench.rebuild(args.embedder, out.progress)
        say_note(workbench, out)
    size = f"{count(built.records, 'script')} as {count(built.passages, 'passage')} in {built.seconds:.1f} s"
    lines = [f"{size}; {count(built.embedded, 'passage')} embedded anew."]
    lines += [f"  {script} was left out. {reason}" for script, reason in built.left_out.items()]
    out.answer(built.as_json(), lines)
    return 1 if built.left_out else 0
