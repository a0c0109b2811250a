"""An upload of many short texts, from the files to scripts that can be retrieved, against the model's part of it."""

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
from streamlit.testing.v1 import AppTest

from benchmarks.corpus import SEED, sentence
from benchmarks.table import Row, limited, paired
from benchmarks.timing import Pairs, seconds, typical
from services import workspaces
from services.domain.scripts import Vectors
from services.ground.progress import Progress
from services.ports import Catalogue, Embedder
from services.upload import Edit
from services.workbench import Workbench

_DEMO = Path(__file__).parent.parent / "data" / "demo"
_APP = Path(__file__).parent.parent / "app.py"
_EDIT_LIMIT = 100
_SENTENCES = 4
# Words that a sentence has at least.
_FEWEST = 5


def rows(*, quick: bool) -> Iterator[Row]:
    """Staging, review and adding, timed within one run: on a busy machine two runs could not be compared."""
    count = 60 if quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        workspaces.copy(_DEMO, root)
        with Workbench(root) as workbench:
            workbench.refresh()
            workbench.warm()
            files = _files(workbench.catalogue, count)
            known = sum(len(r.vectors.passages) for r in workbench.catalogue.records.values() if r.vectors)
            with _timed(workbench.embedder()) as inside:
                ours = seconds(lambda: _uploaded(workbench, files))
            passages = sum(len(r.vectors.passages) for r in workbench.catalogue.records.values() if r.vectors) - known
        yield paired(
            f"upload, {count:,} short texts",
            f"{count:,} text files of {_SENTENCES} sentences read, reviewed (section, focus areas, near-duplicates), "
            "and added, index and history included, against the part of that time that the model took.",
            Pairs([ours], [sum(inside.seconds)]),
            1.5,
        )
        yield Row(
            "texts embedded in this upload",
            "Each passage once, from the review to the record.",
            f"{inside.texts:,}",
            target=f"{passages:,}",
            held=inside.texts == passages,
        )


def edits(root: Path, scripts: int, *, quick: bool) -> Iterator[Row]:
    """An edit in a review of a hundred texts, beside a library of many: a whole run of the page on the server."""
    count = 20 if quick else 100
    with Workbench(root) as workbench:
        workbench.check()
    with mock.patch.dict(os.environ, {workspaces.ENVIRONMENT: str(root)}):
        app = AppTest.from_file(_APP, default_timeout=600)
        app.run().switch_page("pages/upload.py").run()
        random = np.random.default_rng(SEED + 8)
        files = [(f"{n:03d}.txt", sentence(random, 300).encode(), "text/plain") for n in range(count)]
        app.get("file_uploader")[0].set_value(files)
        app.run()
        next(button for button in app.button if button.key == "upload_read").click().run()
        waited = seconds(lambda: _until(app, lambda: bool(app.dataframe)))
        times = []
        for number in range(5 if quick else 15):
            app.session_state["upload_edits"] = {number: Edit(title=f"Another title {number}")}
            times.append(seconds(app.run))
    yield limited(
        Row(
            f"edit in a review of {count:,}, {scripts:,} records",
            "A title changed in the table: every row planned anew against the library, and the page drawn.",
            f"{typical(times)} (slowest {typical([max(times)])}; the review took {waited:.0f} s)",
        ),
        _EDIT_LIMIT,
        times,
    )


def _until(app: AppTest, done: Callable[[], bool]) -> None:
    while not done():
        time.sleep(0.5)
        app.run()


@dataclass
class _Inside:
    """What the model was asked, and how long it took."""

    seconds: list[float] = field(default_factory=list)
    texts: int = 0


@contextlib.contextmanager
def _timed(embedder: Embedder) -> Iterator[_Inside]:
    inside, original = _Inside(), embedder.embed_documents

    def timed(texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        started = time.perf_counter()
        vectors = original(texts, progress)
        inside.seconds.append(time.perf_counter() - started)
        inside.texts += len(texts)
        return vectors

    embedder.embed_documents = timed  # type: ignore[method-assign]
    try:
        yield inside
    finally:
        embedder.embed_documents = original  # type: ignore[method-assign]


def _uploaded(workbench: Workbench, files: list[tuple[str, bytes]]) -> None:
    with workbench.stage(files) as staged:
        review = workbench.review_upload(staged)
    workbench.add_upload(review, {row.number for row in review.rows})


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
