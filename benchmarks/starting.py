"""A fresh process, from nothing to its first answer."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.table import Row, paired
from benchmarks.timing import Pairs
from benchmarks.workspaces import as_text, chroma_folder
from services.domain.settings import Paths

_OURS = """
import json, sys, time
marks = [time.perf_counter()]
def mark(): marks.append(time.perf_counter())
from pathlib import Path
from services.domain.questionnaires import Questionnaire
from services.workbench import Workbench
mark()
workbench = Workbench(Path(sys.argv[1]))
workbench.catalogue
mark()
workbench.refresh()
mark()
answer = workbench.retrieve(Questionnaire(focus_area="sleep", challenge_context="calm"))
assert all(ranking.hits for ranking in answer.sections.values())
mark()
print(json.dumps([b - a for a, b in zip(marks, marks[1:])]))
workbench.close()
"""
_BARE = """
import json, sys, time
started = time.perf_counter()
import chromadb
from chromadb.config import Settings
client = chromadb.PersistentClient(sys.argv[1], settings=Settings(anonymized_telemetry=False))
for found in client.list_collections():
    collection = client.get_collection(found.name, embedding_function=None)
    assert collection.query(query_embeddings=[[1.0] * 384], n_results=5)["ids"][0]
print(json.dumps([time.perf_counter() - started]))
"""
_STEPS = ("import", "records", "index", "answer")


def rows(root: Path, scripts: int, *, quick: bool) -> Iterator[Row]:
    pairs = Pairs()
    steps: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "chroma"
        shutil.copytree(chroma_folder(Paths(root)), copied)
        for _ in range(2 if quick else 4):
            steps.append(_run(_OURS, root))
            pairs.ours.append(sum(steps[-1]))
            pairs.bare.append(sum(_run(_BARE, copied)))
    parts = {name: median(run[i] for run in steps) for i, name in enumerate(_STEPS)}
    yield paired(
        f"start-up to first answer, {scripts:,} records",
        "A fresh process imports, reads every record, opens the index and answers with the hashing embedder, against "
        "one that imports Chroma, opens the same folder and asks three collections; the steps in milliseconds.",
        pairs,
        note=as_text(parts),
    )


def _run(program: str, folder: Path) -> list[float]:
    done = subprocess.run([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, check=True, text=True)
    times: list[float] = json.loads(done.stdout)
    return times
