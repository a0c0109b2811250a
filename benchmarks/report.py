"""The page that keeps a run: ``docs/benchmarks.md``."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version

from benchmarks.table import Row, as_markdown

_HEAD = """# Benchmarks

`make bench` runs them, `python -m benchmarks --write docs/benchmarks.md` keeps a run on this page, `--quick` only tries
whether they run.

## How to read it

- Each row does one thing in two ways, ours and bare (Chroma, NumPy or the file system alone, on the same data), in
  turns within one run: A B, B A, A B. Times change with the machine and with what else it does; the **ratio** hardly
  does.
- The ratio is the median over the rounds, with the lowest and highest in brackets. Below 1, ours is faster.
- Ours may be faster than Chroma alone because whole sections are scored in NumPy, from a matrix that the open index
  keeps in memory: at this size exact search costs less than one question to a graph, and fetches no documents.
- The large corpora are synthetic: seeded unit vectors of 384 dimensions in clusters, three passages a script, text of
  random words. They say how fast retrieval is, nothing about how good it is.
- Their mean cosine, nearest neighbours and effective dimension are those of the demo corpus under MiniLM. An earlier
  corpus had topics at right angles to each other; on it recall@10 at 100,000 passages was 0.984 to 0.993 in three
  runs, around the target of 0.99. Such a corpus is still measured, in a row of its own. Asking the graph for 150
  candidates did not help: what it misses, it does not reach.
- Sections of up to 50,000 passages are searched exactly. The rows of the graph set that limit to 0, and so say what
  larger sections get.
- A target that is not held says NO. A row without a target is there to be watched.
- Limits in milliseconds, and rebuilds, which are too long for many rounds, suffer most from other work on the machine.
"""


def markdown(rows: Sequence[Row], *, quick: bool) -> str:
    size = "a quick run, with small sizes: the ratios mean little" if quick else "a full run"
    versions = ", ".join(f"{name} {version(name)}" for name in ("chromadb", "numpy", "ctranslate2"))
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}"
    meanings = "\n".join(f"- **{row.name}**: {row.meaning}" for row in rows)
    return (
        f"{_HEAD}\n## The last run\n\n{size.capitalize()} on a machine with {machine}; {versions}.\n\n"
        f"{as_markdown(rows)}\n\n## What each row means\n\n{meanings}\n"
    )
