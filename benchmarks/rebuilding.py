"""A new generation of the index from the records, without a model."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row, paired
from benchmarks.timing import interleave
from benchmarks.workspaces import add_all, no_model, rows_by_section
from services.workbench import Workbench


def rows(root: Path, *, quick: bool) -> Iterator[Row]:
    with Workbench(root) as workbench, no_model() as asked:
        workbench.refresh()
        sections = rows_by_section(workbench.catalogue)
        scripts = len(workbench.catalogue.records)

        def bare(number: int) -> None:  # noqa: ARG001  each round does the same
            with tempfile.TemporaryDirectory() as folder:
                add_all(Path(folder), sections)

        pairs = interleave(lambda _: workbench.rebuild(), bare, rounds=3 if quick else 2, warm=False)
        yield paired(
            f"rebuild, {scripts:,} records",
            "A new generation written, proved and put in place, no model called, against Chroma's own `add` of the "
            "same vectors and documents into as many collections.",
            pairs,
            1.3,
        )
        yield Row(
            "embedding calls in these rebuilds",
            "A rebuild takes the vectors from the records.",
            str(len(asked)),
            target="0",
            held=not asked,
        )
