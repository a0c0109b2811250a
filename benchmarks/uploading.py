"""An upload of many short texts, from the files to scripts that can be retrieved, against embedding them alone."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.corpus import SEED
from benchmarks.table import Row, paired
from benchmarks.timing import Pairs, seconds
from services import workspaces
from services.ports import Catalogue
from services.scripts import Script
from services.upload import Review
from services.vectors import prepare
from services.workbench import Workbench

_DEMO = Path(__file__).parent.parent / "data" / "demo"
_SENTENCES = 4
# Words that a sentence has at least.
_FEWEST = 5


def rows(*, quick: bool) -> Iterator[Row]:
    """One line: staging, review and adding, against the model asked for the same passages in one call."""
    count = 60 if quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        workspaces.copy(_DEMO, root)
        with Workbench(root) as workbench:
            workbench.refresh()
            workbench.warm()
            files = _files(workbench.catalogue, count)
            scripts: list[Script] = []
            embedder = workbench.embedder()

            # Ours first, once: bare embeds what became of it.
            ours = seconds(lambda: scripts.extend(_uploaded(workbench, files)))
            texts = [text for script in scripts for text in prepare(script, embedder).texts]
            pairs = Pairs([ours], [seconds(lambda: embedder.embed_documents(texts))])
        yield paired(
            f"upload, {count:,} short texts",
            f"{count:,} text files of {_SENTENCES} sentences read, reviewed (section, focus areas, near-duplicates), "
            "and added, index included, against the model embedding the same passages in one call.",
            pairs,
            1.5,
        )


def _uploaded(workbench: Workbench, files: list[tuple[str, bytes]]) -> list[Script]:
    with workbench.stage(files) as staged:
        review: Review = workbench.review_upload(staged)
    added = workbench.add_upload(review, {row.number for row in review.rows})
    return [workbench.catalogue.records[script_id].script for script_id in added.created]


def _files(catalogue: Catalogue, count: int) -> list[tuple[str, bytes]]:
    """Short texts of the demo's own sentences, seeded."""
    texts = [record.script.text for record in catalogue.records.values()]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?])\s+", text) if len(s.split()) > _FEWEST]
    random = np.random.default_rng(SEED + 7)
    drawn = random.integers(0, len(sentences), (count, _SENTENCES))
    return [
        (f"text-{number:04d}.txt", f"Short text {number}\n\n{' '.join(sentences[i] for i in row)}".encode())
        for number, row in enumerate(drawn)
    ]
