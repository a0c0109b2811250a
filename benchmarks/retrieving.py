"""Questions to an open index, the embedding of the question left out."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import chromadb
import numpy as np
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings

from benchmarks import corpus
from benchmarks.table import Row, paired
from benchmarks.timing import interleave
from benchmarks.workspaces import Rows, add, client
from services import retrieve
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Expected, Questionnaire
from services.domain.scripts import Vectors
from services.domain.settings import DEFAULT_SECTIONS
from services.embedders.hashing import Hashing
from services.indexes import chroma
from services.indexes.chroma import ChromaIndex
from services.ports import Catalogue
from services.vectors import DEFAULT_POLICY, recipe_of

_WORDS = 150
_QUESTIONS = 20
_STAMP = Stamp.of(recipe_of(Hashing()))
_QUESTIONNAIRE = Questionnaire(
    focus_area="sleep", expected=(Expected("script-000003", 3), Expected("script-000004", 2))
)


@dataclass
class _Opened:
    """An index filled with a synthetic corpus, and the same collections without us."""

    index: ChromaIndex
    catalogue: Catalogue
    collections: list[Collection]
    matrices: list[Vectors]
    questions: Vectors

    def ours(self, number: int, *, whole: bool) -> None:
        options = retrieve.Options(whole_section=whole)
        for vector in self.asked(number):
            asked = retrieve.Asked(_QUESTIONNAIRE, vector, "hashing", _STAMP, options, self.catalogue, self.index)
            for section in DEFAULT_SECTIONS:
                retrieve.rank(asked, section)

    def bare(self, number: int) -> None:
        for vector in self.asked(number):
            for collection in self.collections:
                collection.query(query_embeddings=vector[np.newaxis], n_results=5)

    def score(self, number: int) -> None:
        for vector in self.asked(number):
            for section in DEFAULT_SECTIONS:
                self.index.score(section, vector)

    def product(self, number: int) -> None:
        for vector in self.asked(number):
            for matrix in self.matrices:
                matrix @ vector

    def asked(self, number: int) -> Vectors:
        start = number * _QUESTIONS % len(self.questions)
        return self.questions[start : start + _QUESTIONS]


def rows(*, quick: bool) -> Iterator[Row]:
    rounds = 6 if quick else 15
    for passages in (650, 2_000) if quick else (650, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            opened = _open(Path(folder), passages)
            yield _against_chroma(opened, f"retrieve, {passages:,} passages, whole sections", rounds, 1.0, whole=True)
            opened.index.close()
    passages = 6_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        opened = _open(Path(folder), passages)
        yield _against_chroma(opened, f"retrieve, {passages:,} passages, hits only", rounds, 1.2, whole=False)
        yield paired(
            f"distances of whole sections, {passages:,} passages",
            "Every script's exact distance in three sections, against the bare product of the same float32 "
            "matrices; NumPy's threads make that one slower on a busy machine.",
            interleave(opened.score, opened.product, rounds),
            3.0,
        )
        # Sections of this size are searched exactly; with the limit at 0 the graph answers, as in larger ones.
        with mock.patch.object(chroma, "EXACT_UP_TO", 0):
            yield _against_chroma(opened, f"retrieve, {passages:,} passages, by the graph", rounds, 1.2, whole=False)
            yield _recall(opened, passages)
        opened.index.close()
    yield _recall_of_isolated(passages // len(DEFAULT_SECTIONS))


def _against_chroma(opened: _Opened, name: str, rounds: int, at_most: float, *, whole: bool) -> Row:
    meaning = (
        f"{_QUESTIONS} questions over three sections, to hits with their scripts and passages"
        f"{', with the distance of every script' if whole else ''}, against three bare Chroma queries each."
    )
    pairs = interleave(lambda number: opened.ours(number, whole=whole), opened.bare, rounds)
    return paired(name, meaning, pairs, at_most)


def _recall(opened: _Opened, passages: int) -> Row:
    found = total = 0
    for section, matrix in zip(DEFAULT_SECTIONS, opened.matrices, strict=True):
        ids = [r.script.id for r in opened.catalogue.section(section)]
        for vector in opened.questions[:100]:
            exact = {divmod(int(row), corpus.PASSAGES_A_SCRIPT) for row in np.argsort(-(matrix @ vector))[:10]}
            wanted = {(ids[script], ordinal) for script, ordinal in exact}
            found += len(wanted & {(hit.script, hit.ordinal) for hit in opened.index.nearest(section, vector, 10)})
            total += 10
    meaning = (
        "Of the ten nearest passages by exact search, how many Chroma's graph finds: three sections, 100 questions."
    )
    share = found / total
    return Row(
        f"recall@10 of the graph, {passages:,} passages", meaning, f"{share:.4f}", target=">= 0.99", held=share >= 0.99
    )


def _recall_of_isolated(passages: int) -> Row:
    # Every third script, so that a section has a third of each topic.
    scripts = corpus.isolated(passages * len(DEFAULT_SECTIONS)).reshape(-1, corpus.PASSAGES_A_SCRIPT, corpus.DIMENSIONS)
    vectors = scripts[:: len(DEFAULT_SECTIONS)].reshape(-1, corpus.DIMENSIONS)
    asked = corpus.questions(vectors, 300)
    with tempfile.TemporaryDirectory() as folder, client(Path(folder)) as opened:
        rows = Rows([str(number) for number in range(len(vectors))], vectors, ["x"] * len(vectors))
        made = add(opened, "isolated", rows)
        answers = made.query(query_embeddings=asked, n_results=10, include=["distances"])["ids"]
    exact = [{str(row) for row in np.argsort(-(vectors @ vector))[:10]} for vector in asked]
    share = sum(len(wanted.intersection(ids)) for wanted, ids in zip(exact, answers, strict=True)) / (10 * len(asked))
    meaning = (
        "The same of bare Chroma for one section whose topics lie at right angles to each other, harder than any real "
        "model's: where the graph misses, it misses whole topics, and how many changes from build to build."
    )
    return Row(f"recall@10 of the graph, {passages:,} passages, isolated topics", meaning, f"{share:.4f}")


def _open(folder: Path, passages: int) -> _Opened:
    records = {r.script.id: r for r in corpus.records(passages, _STAMP, _WORDS)}
    catalogue = Catalogue(records)
    index = ChromaIndex(folder, DEFAULT_POLICY.card)
    for section in DEFAULT_SECTIONS:
        index.apply(section, _STAMP, catalogue.section(section), [])
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    names = sorted(
        (c.name for c in client.list_collections()), key=lambda n: DEFAULT_SECTIONS.index(n.partition("-")[2])
    )
    collections = [client.get_collection(name, embedding_function=None) for name in names]
    kept = [catalogue.section(section) for section in DEFAULT_SECTIONS]
    matrices = [np.concatenate([r.vectors.values for r in part if r.vectors is not None]) for part in kept]
    return _Opened(index, catalogue, collections, matrices, corpus.questions(np.concatenate(matrices), 300))
