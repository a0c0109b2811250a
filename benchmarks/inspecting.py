"""A stranger's Chroma folder of 10,000 documents, inspected by the command, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import chromadb
import numpy as np
from chromadb.config import Settings

from benchmarks import corpus
from benchmarks.table import Row
from services import workspaces
from services.domain.settings import Settings as WorkspaceSettings
from services.embedders.hashing import Hashing

_DOCUMENTS = 10_000
_LIMIT_SECONDS = 20
_WORDS = 120
_BATCH = 1_000
# Stages as they are reported, and what they are called here.
_STAGES = {
    "Reading the Chroma folder": "copy and open",
    "Reading stranger": "rows, loading models",
    "Embedding stranger with all-MiniLM-L6-v2": "MiniLM",
    "Embedding stranger with all-MiniLM-L6-v2 in 8 bits": "its int8",
    "Embedding stranger with hashing": "hashing",
}
_OURS = """
import json, sys, time
marks = [("import", time.perf_counter())]
from pathlib import Path
from services.workbench import Workbench
def report(stage, done, total):
    if stage != marks[-1][0]:
        marks.append((stage, time.perf_counter()))
workbench = Workbench(Path(sys.argv[1]))
found = workbench.inspect(sys.argv[2], report=report)
workbench.close()
marks.append(("end", time.perf_counter()))
(stranger,) = found.collections
assert (stranger.state.value, stranger.embedder, stranger.looked_at) == ("match", "hashing", int(sys.argv[3]))
assert stranger.comparisons[0].compared, "MiniLM was compared as well."
print(json.dumps([[a[0], b[1] - a[1]] for a, b in zip(marks, marks[1:])]))
"""


def rows(*, quick: bool) -> Iterator[Row]:
    documents = 500 if quick else _DOCUMENTS
    with tempfile.TemporaryDirectory() as folder:
        stranger, workspace = Path(folder) / "chroma", Path(folder) / "workspace"
        _build(stranger, documents)
        workspaces.create(workspace, WorkspaceSettings(name="Benchmark"))
        runs = [_run(workspace, stranger, documents) for _ in range(1 if quick else 3)]
    totals = [sum(run.values()) for run in runs]
    parts = ", ".join(f"{name} {median(run.get(name, 0.0) for run in runs):.1f}" for name in runs[0])
    yield Row(
        f"inspect, {documents:,} documents",
        f"A Chroma folder of {_WORDS}-word documents copied, read by a child process, and a sample of "
        "24 embedded with MiniLM, its int8 and hashing, which made them, in a fresh process; the parts in seconds.",
        f"{median(totals):.1f} s ({parts})",
        target=f"< {_LIMIT_SECONDS} s",
        held=median(totals) < _LIMIT_SECONDS,
    )


def _build(folder: Path, documents: int) -> None:
    random = np.random.default_rng(corpus.SEED)
    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    made = client.create_collection("stranger", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    for start in range(0, documents, _BATCH):
        texts = [corpus.sentence(random, _WORDS) for _ in range(min(_BATCH, documents - start))]
        names = [f"document-{start + number:06d}" for number in range(len(texts))]
        made.add(names, Hashing().embed_documents(texts), [{"batch": start} for _ in texts], texts)
    client.close()


def _run(workspace: Path, stranger: Path, documents: int) -> dict[str, float]:
    """Seconds by part."""
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", _OURS, str(workspace), str(stranger), str(documents)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts: dict[str, float] = {}
    for stage, seconds in json.loads(done.stdout):
        name = _STAGES.get(stage, stage)
        parts[name] = parts.get(name, 0.0) + seconds
    return parts
