"""``python -m benchmarks``: every speed that this project promises, as a ratio measured in one run."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import (
    browsing,
    checking,
    corpus,
    embedding,
    evaluating,
    inspecting,
    mapping,
    rebuilding,
    report,
    retrieving,
    saving,
    seeing,
    separating,
    starting,
    uploading,
)
from benchmarks.table import Row, as_text
from services.domain.model_digest import Stamp
from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.vectors import recipe_of

_SMALL = 92
_PARTS = {
    "retrieve": retrieving.rows,
    "embed": embedding.rows,
    "separate": separating.rows,
    "check": checking.rows,
    "inspect": inspecting.rows,
    "evaluate": evaluating.rows,
    "upload": uploading.rows,
    "map": mapping.rows,
    "see": seeing.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it runs, not how fast it is")
    parser.add_argument(
        "--only",
        choices=(*_PARTS, "library", "small", "large"),
        help="one part alone",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown")
    given = parser.parse_args()
    started, found = time.perf_counter(), []
    for row in _rows(quick=given.quick, only=given.only):
        print(f"{row.name}: {row.ours}, ratio {row.ratio}", flush=True)
        found.append(row)
    print(f"\n{as_text(found)}\n\n{time.perf_counter() - started:.0f} s")
    if given.write:
        given.write.write_text(report.markdown(found, quick=given.quick), "utf-8")


def _rows(*, quick: bool, only: str | None) -> Iterator[Row]:
    for part, rows in _PARTS.items():
        if only in (None, part):
            yield from rows(quick=quick)
    if only in (None, "library"):
        yield from _library(600 if quick else 10_000, quick=quick)
    if only in (None, "small"):
        yield from _workspaces(_SMALL, quick=quick, refresh_aim=5)
    if only in (None, "large"):
        yield from _workspaces(600 if quick else 10_000, quick=quick, refresh_aim=60, save_aim=300)


def _library(scripts: int, *, quick: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "hashing"
        # Ten minutes read aloud, each.
        corpus.write_workspace(root, scripts, Stamp.of(recipe_of(Hashing())), "hashing", words=650)
        yield from browsing.rows(root, scripts, quick=quick)
        yield from uploading.edits(root, scripts, quick=quick)


def _workspaces(scripts: int, *, quick: bool, refresh_aim: float, save_aim: float | None = None) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "hashing"
        corpus.write_workspace(root, scripts, Stamp.of(recipe_of(Hashing())), "hashing")
        if save_aim is not None:
            yield from rebuilding.rows(root, quick=quick)
        yield from saving.rows(root, quick=quick, embedder="hashing", aim=save_aim)
        yield from saving.refreshing(root, quick=quick, aim=refresh_aim)
        yield from starting.rows(root, scripts, quick=quick)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "minilm"
        corpus.write_workspace(root, scripts, Stamp.of(recipe_of(MiniLM())), "minilm")
        yield from saving.rows(root, quick=quick, embedder="minilm")


if __name__ == "__main__":
    main()
