"""An evaluation of many questionnaires over large sections, against bare Chroma queries and ``ir_measures``."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from threadpoolctl import threadpool_limits

from benchmarks import corpus
from benchmarks.table import Row, paired
from benchmarks.timing import interleave
from benchmarks.workspaces import add, client, rows_by_section
from services.domain import judged
from services.domain.measures import measures
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Expected, Questionnaire
from services.domain.runs import DEPTH, Outcome
from services.domain.scripts import Vectors
from services.domain.settings import DEFAULT_SECTIONS, Settings
from services.embedders.around import Around
from services.embedders.kept import KeptEmbeddings
from services.embedders.minilm import MiniLM
from services.evaluate import Subject, evaluate
from services.ground.progress import silent
from services.ports import Catalogue, Embedder
from services.vectors import recipe_of

_WORDS = 20
_JUDGED_A_SECTION = 4
_EMBEDDED = 100


class _Given(Around):
    """The model, whose answers to these questions are there already."""

    def __init__(self, embedder: Embedder, known: Mapping[str, Vectors]) -> None:
        super().__init__(embedder)
        self._known = known

    def embed_query(self, text: str) -> Vectors:
        return self._known[text]


@dataclass
class _Laid:
    """A workspace's parts, the same vectors in Chroma, and the same judgements as ``ir_measures`` takes them."""

    subject: Subject
    collections: Mapping[str, Collection]
    texts: Mapping[str, str]
    passages: int

    def first(self, count: int) -> "_Laid":
        """The same with fewer questionnaires."""
        asked = dict(list(self.subject.questionnaires.items())[:count])
        texts = {name: self.texts[name] for name in asked}
        grades = {name: graded for name, graded in self.subject.grades.items() if name in asked}
        subject = Subject(**{**vars(self.subject), "questionnaires": asked, "grades": grades})
        return _Laid(subject, self.collections, texts, self.passages)

    def ours(self, embedder: Embedder) -> None:
        run = evaluate(Subject(**{**vars(self.subject), "embedder": embedder}), silent)
        assert run.outcomes[Outcome.ANSWERED] == len(self.texts)
        assert run.figures.overall["nDCG@10"].low is not None

    def bare(self, embedder: Embedder) -> None:
        """One question at a time to each collection, the first scripts of what comes, and all measures of them."""
        rankings: dict[str, dict[str, dict[str, float]]] = {section: {} for section in self.collections}
        for name, text in self.texts.items():
            vector = embedder.embed_query(text)
            for section, collection in self.collections.items():
                found = collection.query(
                    query_embeddings=vector[np.newaxis], n_results=self.passages, include=["distances"]
                )
                rankings[section][name] = _scripts(found["ids"][0], (found["distances"] or [[]])[0])
        chosen = [ir_measures.parse_measure(one.ir) for one in measures(self.subject.settings.top_k)]
        for section, ranking in rankings.items():
            qrels = {name: dict(graded[section]) for name, graded in self.subject.grades.items() if section in graded}
            assert list(ir_measures.iter_calc(chosen, qrels, ranking))


def rows(*, quick: bool) -> Iterator[Row]:
    questionnaires, scripts = (60, 200) if quick else (1_000, 10_000)
    rounds = 2 if quick else 3
    with tempfile.TemporaryDirectory() as folder, client(Path(folder) / "chroma") as opened:
        model = MiniLM(Path(folder))
        laid, given = _lay_out(opened, Path(folder), model, questionnaires, scripts)
        size = f"{questionnaires:,} questionnaires, three sections of {scripts:,} scripts"
        meaning = (
            f"All measures of all sections, with intervals, of scripts of {corpus.PASSAGES_A_SCRIPT} passages, against "
            f"a loop of bare Chroma queries for {laid.passages} passages each, the first {DEPTH} scripts of them, and "
            "the same measures by ir_measures, without intervals."
        )
        # A question to Chroma takes one thread; on a busy machine two of NumPy's would wait for each other.
        with threadpool_limits(1):
            pairs = interleave(lambda _: laid.ours(given), lambda _: laid.bare(given), rounds)
        yield paired(
            f"evaluate, {size}", f"{meaning} Neither side embeds the questions, and both have one thread.", pairs, 0.3
        )
        few = laid.first(_EMBEDDED)
        pairs = interleave(lambda _: few.ours(model), lambda _: few.bare(model), 2, warm=False)
        yield paired(
            f"evaluate, {len(few.texts):,} questionnaires with the questions embedded, sections of {scripts:,} scripts",
            "The first of them, where MiniLM embeds each question afresh on both sides: nearly all of it is the model.",
            pairs,
        )


def _lay_out(
    opened: ClientAPI, folder: Path, model: MiniLM, questionnaires: int, scripts: int
) -> tuple[_Laid, Embedder]:
    passages = scripts * len(DEFAULT_SECTIONS) * corpus.PASSAGES_A_SCRIPT
    records = {r.script.id: r for r in corpus.records(passages, Stamp.of(recipe_of(model)), _WORDS)}
    catalogue, random = Catalogue(records), np.random.default_rng(corpus.SEED + 3)
    near = corpus.questions(np.concatenate([r.vectors.values for r in records.values() if r.vectors]), questionnaires)
    asked = {q.id: q for q in _questionnaires(catalogue, random, questionnaires)}
    collections = {section: add(opened, section, rows) for section, rows in rows_by_section(catalogue).items()}
    subject = Subject(
        settings=Settings(),
        catalogue=catalogue,
        questionnaires=asked,
        judgements={},
        grades=judged.by_section(asked, {}, records),
        embedder=model,
        cache=KeptEmbeddings(folder / "embeddings"),
    )
    texts = {name: questionnaire.query for name, questionnaire in asked.items()}
    laid = _Laid(subject, collections, texts, DEPTH * corpus.PASSAGES_A_SCRIPT)
    return laid, _Given(model, dict(zip(texts.values(), near, strict=True)))


def _questionnaires(catalogue: Catalogue, random: np.random.Generator, count: int) -> Iterator[Questionnaire]:
    by_section = [[r.script.id for r in catalogue.section(section)] for section in DEFAULT_SECTIONS]
    for number in range(count):
        expected = [
            Expected(ids[position], int(random.integers(1, 4)))
            for ids in by_section
            for position in random.choice(len(ids), _JUDGED_A_SECTION, replace=False)
        ]
        words = corpus.sentence(random, 20)
        yield Questionnaire(id=f"question-{number:04d}", query=f"{number} {words}", expected=tuple(expected))


def _scripts(rows: Sequence[str], distances: Sequence[float]) -> dict[str, float]:
    """The score of each of the first scripts: that of its nearest passage, which comes first."""
    found: dict[str, float] = {}
    for row, distance in zip(rows, distances, strict=True):
        found.setdefault(row.partition("#")[0], 1 - distance)
        if len(found) == DEPTH:
            break
    return found
