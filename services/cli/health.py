"""``health``: can this workspace be trusted?"""

import argparse
from collections.abc import Iterator

from services.cli.output import Output, table
from services.cli.workspace import open_workbench, say_note
from services.reports import CollectionHealth, Health
from services.words import state


def run(args: argparse.Namespace, out: Output) -> int:
    """Check; 1 where something wants attention."""
    with open_workbench(args) as workbench:
        health = workbench.health()
        say_note(workbench, out)
        for note in health.notes:
            if note != workbench.note:
                out.note(note)
    out.answer(health.as_json(), _lines(health))
    return 0 if health.trusted else 1


def _lines(health: Health) -> Iterator[str]:
    yield "The workspace can be trusted." if health.trusted else "The workspace wants attention."
    yield ""
    header = ("section", "state", "scripts", "passages", "index", "embedded by")
    yield from table(header, [_row(c) for c in health.collections], right=(2, 3))
    for collection in health.collections:
        for finding in collection.findings:
            yield f"{collection.section}: {finding} Run: python -m services rebuild"
    yield from health.problems
    for broken in health.broken:
        # Many a cause names the file itself.
        named = "" if broken.path in broken.cause else f"{broken.path}: "
        yield f"{named}{broken.cause} {broken.next_step}"
    for script, reason in health.left_out.items():
        yield f"{script} is not in the index. {reason} To embed it: python -m services rebuild --embedder NAME"


def _row(collection: CollectionHealth) -> tuple[str, ...]:
    if collection.empty:
        return collection.section, "empty", "0", "0", "", ""
    model = (
        f"{collection.recorded.model_name} ({collection.recorded.model_digest[:12]})" if collection.recorded else "?"
    )
    return (
        collection.section,
        state(collection.state),
        f"{collection.records:,}",
        f"{collection.passages:,}",
        "in sync" if collection.in_sync else "behind",
        model,
    )
