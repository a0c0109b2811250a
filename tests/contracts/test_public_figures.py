"""Figures of public test collections come out as they are published, where the model reads the beginning of each text.

The collections are not shipped. ``SCRIPTORIUM_BEIR=/data/scifact pytest tests/contracts/test_public_figures.py`` takes
one that lies in such a folder, and embeds every document once, ten or more a second.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import ir_measures
import numpy as np
import platformdirs
import pytest

from services import workspaces
from services.domain.methods import Method, Mode, Passages
from services.domain.settings import EmbedderSettings, Settings
from services.embedders.minilm import MiniLM
from services.workbench import Workbench

# nDCG@10: of all-MiniLM-L6-v2, of BM25 as bm25s has it, and of both fused by reciprocal ranks; where it is published.
PUBLISHED = {
    "scifact": {Mode.DENSE: 0.645, Mode.LEXICAL: 0.687, Mode.HYBRID: 0.714},
    "nfcorpus": {Mode.DENSE: 0.316},
    "arguana": {Mode.DENSE: 0.502},
    "fiqa": {Mode.DENSE: 0.369},
}
WITHIN = {Mode.DENSE: 0.005, Mode.LEXICAL: 0.02, Mode.HYBRID: 0.02}
VARIABLE = "SCRIPTORIUM_BEIR"
GIVEN = os.environ.get(VARIABLE, "")


def figure(root: Path, mode: Mode, name: str = "nDCG@10") -> float | None:
    with Workbench(root) as workbench:
        method = Method(mode=mode, passages=Passages.START)
        run = workbench.try_out(trial=replace(workbench.settings, method=method), embedder="minilm")
    return run.figures.overall[name].value


def imported(folder: Path, root: Path) -> Path:
    """A workspace with the collection, whose own embedder costs nothing: MiniLM is tried beside it."""
    workspaces.create(root, Settings(sections=("documents",), embedder=EmbedderSettings(name="hashing")))
    with Workbench(root) as workbench:
        done = workbench.import_paths([folder], section="documents", format="beir", splits=("test",))
    assert done.created
    return root


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert Path(GIVEN).name in PUBLISHED, f"{VARIABLE} names no folder that is called {', '.join(PUBLISHED)}."
    return imported(Path(GIVEN), tmp_path_factory.mktemp("public") / "corpus")


@pytest.mark.skipif(not GIVEN, reason=f"set {VARIABLE} to a BEIR folder called {', '.join(PUBLISHED)} to measure it")
@pytest.mark.parametrize("mode", Mode)
def test_a_public_figure_is_met(mode: Mode, public: Path) -> None:
    published = PUBLISHED[Path(GIVEN).name].get(mode)
    if published is None:
        pytest.skip(f"no figure of {mode} is known for {Path(GIVEN).name}")
    assert figure(public, mode) == pytest.approx(published, abs=WITHIN[mode])


# The same way, without us, on a collection that anybody can read.

DOCUMENTS = {
    "1": ("Harbours", "Waves roll slowly into the harbour at night."),
    "2": ("Meadows", "Grass and bees hum in the warm meadow. " + "Nothing more is said of them. " * 80 + "A harbour."),
    "3": ("Beehives", "At night the bees sleep."),
    "4": ("", "I stand like an oak in the wind by the harbour at night."),
    "5": ("Oaks", "The old tree sheds its leaves."),
}
QUERIES = {"q1": "where ships are safe after dark", "q2": "insects", "q3": "a tree in autumn"}
QRELS = {"q1": {"1": 1, "4": 1}, "q2": {"2": 1, "3": 1}, "q3": {"5": 1, "4": 1}}


def test_the_figure_is_that_of_the_model_on_the_beginnings_alone(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    documents = [json.dumps({"_id": i, "title": title, "text": text}) for i, (title, text) in DOCUMENTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(documents))
    (folder / "queries.jsonl").write_text("\n".join(json.dumps({"_id": q, "text": t}) for q, t in QUERIES.items()))
    judged = [f"{q}\t{d}\t{grade}\n" for q, by in QRELS.items() for d, grade in by.items()]
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(judged))

    model = MiniLM(platformdirs.user_cache_path("scriptorium"))
    values = model.embed_documents([f"{title} {text}".strip() for title, text in DOCUMENTS.values()])
    near = {q: dict(zip(DOCUMENTS, (values @ model.embed_query(t)).tolist(), strict=True)) for q, t in QUERIES.items()}
    by_hand = ir_measures.calc_aggregate([ir_measures.nDCG @ 10, ir_measures.AP], QRELS, near)

    root = imported(folder, tmp_path / "corpus")
    assert figure(root, Mode.DENSE) == pytest.approx(by_hand[ir_measures.nDCG @ 10], abs=1e-6)
    assert figure(root, Mode.DENSE, "average_precision") == pytest.approx(by_hand[ir_measures.AP], abs=1e-6)
    assert np.mean([max(by, key=by.__getitem__) in QRELS[q] for q, by in near.items()]) > 0.5
