"""Whether the separation verdict tells the right model from a wrong one, on two corpora, and what it costs.

The second corpus is the docstrings of installed packages: a section each, the body as the text of a script, the summary
line of some of them as raw queries. Nothing of it is kept.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpus
from benchmarks.table import Row, limited, paired
from benchmarks.timing import Pairs, interleave, seconds
from services.domain.scripts import Script, Vectors, make_script
from services.domain.separation import BACKGROUND, Counts, summarise
from services.domain.settings import DEFAULT_SECTIONS, Paths, Settings
from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.indexes.matrix import Rows, SectionMatrix
from services.ports import Embedder
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from services.vectors import embed

_DEMO = Path(__file__).parent.parent / "data" / "demo"
_PACKAGES = {"numpy": "numpy", "pandas": "pandas.DataFrame", "sklearn": "sklearn.metrics"}
_LONGEST = 2_000
_MEANING = (
    "Of the rankings of each question in each section, how many are flagged as no information; "
    "in brackets how many are clear and weak."
)
_RELATED = (
    "Not unrelated: the same network, its last layer pooled in another way, so that some rankings do say something."
)
_FOREIGN = "The right model, and questions about another package than the section's: little or nothing to find there."


@dataclass(frozen=True)
class _Corpus:
    name: str
    scripts: tuple[Script, ...]
    questions: tuple[str, ...]
    # The section that each question is about; empty where it is about all of them.
    about: tuple[str, ...] = ()

    def matrices(self, embedder: Embedder) -> dict[str, SectionMatrix]:
        found: dict[str, dict[str, Rows]] = {}
        for script, held in zip(self.scripts, embed(self.scripts, embedder), strict=True):
            found.setdefault(script.section, {})[script.id] = Rows("", held.values)
        return {section: SectionMatrix.of(rows) for section, rows in found.items()}


@dataclass(frozen=True)
class _Asked:
    """A corpus under one model, and its questions under several."""

    corpus: _Corpus
    by: str
    matrices: Mapping[str, SectionMatrix]
    questions: Mapping[str, Vectors]
    # By models that are neither this one nor unrelated to it.
    related: Mapping[str, Vectors]

    def rows(self, turns: int) -> Iterator[Row]:
        right = self.questions[self.by]
        # What is promised is promised of the demo corpus; of the other the figures are stated.
        promised = None if self.corpus.about else 0.05
        yield self._row(f"asked by {self.by}", self._counts(right, own=True), at_most=promised)
        if self.corpus.about:
            foreign = self._counts(right, own=False)
            yield self._row(f"asked by {self.by} about something else", foreign, note=_FOREIGN)
        for name in self.questions.keys() - {self.by}:
            yield self._row(f"asked by {name}", self._counts(self.questions[name]), at_least=0.95)
        random = np.random.default_rng(corpus.SEED)
        rotated = [self._counts(right @ _rotation(random, right.shape[1])) for _ in range(turns)]
        yield self._row(f"asked by the worst of {turns} rotations", _worst(rotated), at_least=0.95)
        permuted = [self._counts(random.permutation(right, axis=1)) for _ in range(turns)]
        yield self._row(f"asked by the worst of {turns} permutations", _worst(permuted), at_least=0.95)
        for name, asked in self.related.items():
            yield self._row(f"asked by {name}", self._counts(asked), note=_RELATED)

    def _counts(self, questions: Vectors, *, own: bool | None = None) -> Counts:
        """Of all rankings, or of those of sections that the question is about, or is not."""
        about = self.corpus.about or ("",) * len(questions)
        return summarise(
            matrix.score(question).separation(question)
            for section, matrix in self.matrices.items()
            for question, meant in zip(questions, about, strict=True)
            if own is None or own == (meant in {"", section})
        )

    def _row(
        self, how: str, found: Counts, *, at_most: float | None = None, at_least: float | None = None, note: str = ""
    ) -> Row:
        share = found.no_information / found.judged
        return Row(
            f"no information, {self.corpus.name} by {self.by}, {how}",
            f"{_MEANING} {note}".rstrip(),
            f"{share:.1%} of {found.judged} ({found.clear / found.judged:.0%}, {found.weak / found.judged:.0%})",
            target="-" if at_most is at_least else (f"<= {at_most:.0%}" if at_most else f">= {at_least:.0%}"),
            held=None if at_most is at_least else (share <= at_most if at_most else share >= (at_least or 0)),
        )


class _Pooled(MiniLM):
    """The same weights, of which the last layer becomes a vector in another way: what a wrong setting gives."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self._how = how

    def _forward(self, rows: list[list[int]]) -> Vectors:
        first, last = (self._tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
        states = [np.asarray(self._encoder().forward_batch([[first, *row, last]]).last_hidden_state)[0] for row in rows]
        pooled = np.stack([state[0] if self._how == "first" else state.max(axis=0) for state in states])
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def rows(*, quick: bool) -> Iterator[Row]:
    minilm, hashing = MiniLM(), Hashing()
    others = {"MiniLM, first token": _Pooled("first"), "MiniLM, largest": _Pooled("largest")}
    for told in (_demo(), _docstrings(12 if quick else 40)):
        asking = {"MiniLM": minilm, "hashing": hashing}
        questions = {name: _questions(told, embedder) for name, embedder in asking.items()}
        pooled = {name: _questions(told, embedder) for name, embedder in others.items()}
        for name, embedder in asking.items():
            related = pooled if embedder is minilm else {}
            yield from _Asked(told, name, told.matrices(embedder), questions, related).rows(3 if quick else 20)
    yield from _cost(600 if quick else 10_000)


def _cost(scripts: int) -> Iterator[Row]:
    vectors = corpus.clustered(scripts * corpus.PASSAGES_A_SCRIPT)
    by_script = vectors.reshape(scripts, corpus.PASSAGES_A_SCRIPT, -1)
    held = {f"{number:06d}": Rows("", values) for number, values in enumerate(by_script)}
    asked = corpus.questions(vectors, 1)[0]

    def first(number: int) -> float:  # noqa: ARG001  every round alike
        fresh = SectionMatrix.of(held)
        scores = fresh.score(asked)
        return seconds(lambda: scores.separation(asked))

    times = [first(number) for number in range(5)]
    measured = paired("x", "", Pairs(times, times))
    yield limited(
        Row(
            f"background of a section, {scripts:,} scripts",
            f"At most {BACKGROUND} random questions put to {len(vectors):,} vectors of 384, once for each state of a "
            "section.",
            measured.ours,
        ),
        150,
        times,
    )
    matrix = SectionMatrix.of(held)
    scores = matrix.score(asked)
    yield paired(
        f"separation of a ranking, {scripts:,} scripts",
        "Judging one ranking, once the background is there, against scoring the section.",
        interleave(lambda _: scores.separation(asked), lambda _: matrix.score(asked), 15),
    )


def _worst(found: Sequence[Counts]) -> Counts:
    return min(found, key=lambda counts: counts.no_information)


def _rotation(random: np.random.Generator, dimensions: int) -> Vectors:
    """A random turn of the whole space."""
    turned, triangle = np.linalg.qr(random.standard_normal((dimensions, dimensions)))
    uniform: Vectors = (turned * np.sign(np.diag(triangle))).astype(np.float32)
    return uniform


def _questions(told: _Corpus, embedder: Embedder) -> Vectors:
    return np.stack([embedder.embed_query(question) for question in told.questions])


def _demo() -> _Corpus:
    paths, template = Paths(_DEMO), Settings(name="Demo").query_template
    scripts = [r.script for r in YamlRecordStore(paths, DEFAULT_SECTIONS).catalogue().records.values()]
    questionnaires, _ = YamlQuestionnaireStore(paths.questionnaires).all()
    return _Corpus("demo", tuple(scripts), tuple(q.query_text(template) for q in questionnaires.values()))


def _docstrings(scripts: int) -> _Corpus:
    made, questions, about = [], [], []
    for section, where in _PACKAGES.items():
        told = _told(where)[:scripts]
        for number, (summary, body) in enumerate(told):
            made.append(make_script(id=f"{section}-{number}", section=section, title=f"Page {number}", text=body))
            if number % 5 == 0:
                questions.append(summary)
                about.append(section)
    return _Corpus("docstrings", tuple(made), tuple(questions), tuple(about))


def _told(where: str) -> list[tuple[str, str]]:
    """Summary and body of each documented function of a module or class, in the order of names."""
    found = {}
    for _, member in inspect.getmembers(_resolve(where), callable):
        summary, _, body = (inspect.getdoc(member) or "").partition("\n\n")
        if len(body) > 400 and len(summary.split()) > 3:
            found.setdefault(" ".join(summary.split()), body[:_LONGEST])
    return list(found.items())


def _resolve(where: str) -> Any:
    module, _, name = where.rpartition(".")
    return getattr(import_module(module), name) if name[:1].isupper() else import_module(where)
