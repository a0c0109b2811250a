"""``health``: can this workspace be trusted?"""

import argparse
from collections.abc import Iterator

from services.cli.output import Output, table
from services.cli.workspace import open_workbench, say_note
from services.domain.checks import CollectionHealth, Health
from services.domain.words import CHECKS, cell, state

# What a state means for whoever waits on the exit code: done, attention, broken.
_CODES = {"ok": 0, "attention": 1, "broken": 2}
_SENTENCES = {
    "ok": "The workspace can be trusted.",
    "attention": "The workspace wants attention.",
    "broken": "The workspace cannot be trusted: what it retrieves is random where it says so below.",
}


def run(args: argparse.Namespace, out: Output) -> int:
    """Check; 1 where something wants attention, 2 where answers are random."""
    with open_workbench(args) as workbench:
        health = workbench.check(out.progress)
        if args.accept:
            workbench.accept_baseline()
            health = workbench.health()
        say_note(workbench, out)
        for note in health.notes:
            if note != workbench.note:
                out.note(note)
    out.answer(health.as_json(), _lines(health))
    return _CODES[health.state]


def _lines(health: Health) -> Iterator[str]:
    yield _SENTENCES[health.state]
    if health.failure:
        yield f"The model could not be asked: {health.failure}"
    yield ""
    rows = zip(("scripts", "passages", "state", *CHECKS.values()), *map(_column, health.collections), strict=True)
    yield from table(("", *(collection.section for collection in health.collections)), rows)
    yield ""
    for collection in health.collections:
        yield from _findings(collection)
    yield from health.problems
    for broken in health.broken:
        # Many a cause names the file itself.
        named = "" if broken.path in broken.cause else f"{broken.path}: "
        yield f"{named}{broken.cause} {broken.next_step}"
    for script, reason in health.left_out.items():
        yield f"{script} is not in the index. {reason} To embed it: python -m services rebuild --embedder NAME"


def _column(collection: CollectionHealth) -> tuple[str, ...]:
    sizes = f"{collection.records:,}", f"{collection.passages:,}"
    if collection.empty:
        return (*sizes, "empty", *("" for _ in CHECKS))
    return (*sizes, state(collection.state), *(cell(collection.cell(check)) for check in CHECKS))


def _findings(collection: CollectionHealth) -> Iterator[str]:
    for found in collection.cells:
        if not found.fine:
            yield f"{collection.section}, {CHECKS[found.check]}: {found.compared} {found.means}".rstrip()
    if collection.foreign:
        more = len(collection.foreign) - 20
        named = ", ".join(collection.foreign[:20]) + (f" and {more} more" if more > 0 else "")
        yield f"{collection.section}: embedded by another model: {named}."
    for finding in collection.findings[1:5]:
        yield f"{collection.section}: {finding}"
