"""What a workbench answers, what its records alone say, and another process beside it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from services.domain.questionnaires import make_questionnaire
from services.indexes.exact import ExactIndex
from services.retrieve import Options
from services.sync import sync
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, stamp, store_of

QUESTION = make_questionnaire(query="a calm night")
ALL = Options(top_k=50, statuses=())


def answers(workbench: TinyWorkbench) -> dict[str, list[tuple[str, float]]]:
    found = workbench.retrieve(QUESTION, ALL)
    return {
        name: [(hit.script.id, round(hit.distance, 5)) for hit in ranking.hits]
        for name, ranking in found.sections.items()
    }


def from_the_records(root: Path) -> dict[str, list[tuple[str, float]]]:
    """What the records alone say, worked out in memory."""
    catalogue, index = store_of(root).catalogue(), ExactIndex()
    sync(catalogue, index, SECTIONS, stamp())
    found = {}
    for section in SECTIONS:
        scores = index.score(section, TinyEmbedder().embed_query("a calm night"))
        order = np.argsort(scores.distances, kind="stable")
        found[section] = [(scores.scripts[i], round(float(scores.distances[i]), 5)) for i in order]
    return found


# Another process, which says what it does and does what it is told.
OTHER = """
import sys, pathlib
from tests.doubles import TinyWorkbench, script
workbench = TinyWorkbench(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    what, _, name = line.strip().partition(" ")
    if what == "open":
        workbench.refresh()
    elif what == "save":
        workbench.save(script(name), None)
    elif what == "rebuild":
        workbench.rebuild()
    elif what == "close":
        workbench.close()
    print(what, workbench.note, flush=True)
"""


class Other:
    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, what: str) -> str:
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def other_process(root: Path) -> Iterator[Other]:
    other = Other(root)
    try:
        yield other
    finally:
        other.process.kill()
        other.process.communicate()
