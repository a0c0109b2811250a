"""A corpus in memory that can be checked hundreds of times a minute: the real checks, with nothing written to disk.

Embedders here keep their name whatever they answer: what a provider does that changes what a name means.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from services.domain.canaries import Canaries
from services.domain.checks import Health
from services.domain.model_digest import ModelIdentity, Stamp
from services.domain.questionnaires import Questionnaire, make_questionnaire
from services.domain.results import Retrieval
from services.domain.scripts import BrokenRecord, Record, Script, Vectors, VectorSet
from services.domain.settings import Settings
from services.domain.trust import Measurement, Trust
from services.ground.progress import silent
from services.health import Facts, health, trusts
from services.health.checkups import Checkups
from services.health.measure import Subject
from services.indexes.exact import ExactIndex
from services.ports import Catalogue, Embedder
from services.retrieve import Options, retrieve
from services.sync import wanted
from services.vectors import embed, recipe_of
from tests.contracts import openai_vectors
from tests.doubles import SECTIONS, script

Change = Callable[[Vectors], Vectors]
WORDS = re.findall(
    r"\w+",
    """
    breath slow warm quiet settle shoulders heavy light stair river stone morning window open hand rest notice drift
    listen floor chair again count down easy deep soft evening garden path follow voice carry weight leave return calm
    harbour meadow attic oak exam heights anger grief night lamp snow bread copper orchard swallow tide ember kettle
    needle saddle thimble verandah walnut yeast zephyr anchor beacon cinder dune fern gravel heather inkwell juniper
    """,
)


@dataclass(frozen=True)
class Spoken:
    """Dense vectors from words, as the server of the tests makes them; ``model`` is what it is, ``claims`` its name."""

    model: str = "words"
    dimensions: int = 256
    claims: str = ""
    # What it does to its vectors before it answers.
    change: Change | None = None
    name: str = "spoken"
    window: int = 256
    local: bool = True
    price: None = None

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.claims or self.model, "1", self.dimensions, "sum", True, "", "", "float32")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_documents(self, texts: Sequence[str], progress: object = None) -> Vectors:
        rows = [_said(self.model, text, self.dimensions) for text in texts]
        values = np.array(rows, np.float32).reshape(len(texts), self.dimensions)
        return self.change(values) if self.change else values

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_documents([text])[0]
        return vector


class Changed:
    """Any embedder under its own name, with vectors that are changed before anybody sees them."""

    def __init__(self, embedder: Embedder, change: Change) -> None:
        self._embedder, self._change = embedder, change
        self.name, self.window, self.local = embedder.name, embedder.window, embedder.local
        self.identity, self.price = embedder.identity, embedder.price
        self.count_tokens = embedder.count_tokens

    def embed_documents(self, texts: Sequence[str], progress: object = None) -> Vectors:
        return self._change(self._embedder.embed_documents(texts)).astype(np.float32)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_documents([text])[0]
        return vector


class Renamed(Changed):
    """The same vectors under another model's name."""

    def __init__(self, embedder: Embedder, name: str) -> None:
        super().__init__(embedder, lambda values: values)
        self.identity = replace(embedder.identity, name=name)


@lru_cache(maxsize=100_000)
def _said(model: str, text: str, dimensions: int) -> tuple[float, ...]:
    return tuple(openai_vectors.embed(model, text, dimensions))


def rotated(seed: int = 1) -> Change:
    """All angles between vectors stay, and none to what was."""

    def change(values: Vectors) -> Vectors:
        return values @ _rotation(values.shape[1], seed)

    return change


@lru_cache
def _rotation(dimensions: int, seed: int) -> Vectors:
    made = np.linalg.qr(np.random.default_rng(seed).standard_normal((dimensions, dimensions)))[0]
    return made.astype(np.float32)


def permuted(seed: int = 1) -> Change:
    return lambda values: values[:, np.random.default_rng(seed).permutation(values.shape[1])]


def negated(values: Vectors) -> Vectors:
    return -values


def noisy(cosine: float = 0.9999, seed: int = 1) -> Change:
    """Two answers to one text have this cosine to each other, on average."""
    random = np.random.default_rng(seed)

    def change(values: Vectors) -> Vectors:
        noise = random.standard_normal(values.shape)
        across = noise - np.vecdot(noise, values)[:, np.newaxis] * values
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        return (np.sqrt(cosine) * values + np.sqrt(1 - cosine) * across).astype(np.float32)

    return change


def scripts_of(count: int, seed: int, sections: Sequence[str] = SECTIONS[:1], *, topics: int = 1) -> list[Script]:
    """Seeded texts of two paragraphs, none like another; those of two topics share no word."""
    random = np.random.default_rng((count, seed, topics))

    def said(topic: int, words: int) -> str:
        ending = str(topic) if topic else ""
        return " ".join(WORDS[i] + ending for i in random.integers(0, len(WORDS), words)).capitalize() + "."

    def one(number: int, topic: int) -> Script:
        return script(
            f"s{number:04d}",
            sections[number % len(sections)],
            text=f"{said(topic, 24)} {said(topic, 18)}\n\n{said(topic, 30)}",
            title=said(topic, 3).rstrip("."),
            situation=said(topic, 8),
            focus_areas=(said(topic, 1).rstrip("."),),
        )

    return [one(number, number % topics) for number in range(count)]


def records_of(scripts: Sequence[Script], embedder: Embedder) -> list[Record]:
    """The records as if they had been stored: each has a digest."""
    sets = embed(scripts, embedder)
    return [_stored(made, vectors) for made, vectors in zip(scripts, sets, strict=True)]


def with_vectors(records: Sequence[Record], others: Mapping[int, Vectors]) -> list[Record]:
    """The same records with the vectors of some exchanged under an unchanged stamp."""
    found = list(records)
    for position, values in others.items():
        kept = found[position].vectors
        found[position] = _stored(found[position].script, VectorSet(kept.stamp, kept.passages, values))
    return found


def _stored(made: Script, vectors: VectorSet) -> Record:
    digest = f"{made.digest}-{vectors.stamp.recipe_digest}-{hash(vectors.values.tobytes())}"
    return Record(made, vectors, "", digest)


def questionnaires_of(scripts: Sequence[Script], count: int) -> dict[str, Questionnaire]:
    """What somebody asks who has read some of the scripts."""
    some = scripts[:: max(1, len(scripts) // count)][:count]
    return {
        f"q{i}": make_questionnaire(id=f"q{i}", focus_area=made.title, challenge_context=made.text[:80])
        for i, made in enumerate(some)
    }


class Unstamped(ExactIndex):
    """A store that carries no identity."""

    def stamp(self, section: str) -> None:
        return None


class MemoryCanaries:
    def __init__(self) -> None:
        self.kept: dict[str, Canaries] = {}

    def all(self) -> tuple[Mapping[str, Canaries], tuple[BrokenRecord, ...]]:
        return dict(self.kept), ()

    def put(self, canaries: Canaries) -> None:
        self.kept[canaries.model_digest] = canaries


class MemoryLog:
    def __init__(self) -> None:
        self.kept: list[Measurement] = []

    def all(self) -> Sequence[Measurement]:
        return self.kept

    def append(self, measurement: Measurement) -> None:
        self.kept.append(measurement)


class MemoryStore:
    """As much of a record store as a check needs: its lock."""

    writable = True
    lagging = ""

    def __init__(self) -> None:
        self.refusal: Exception | None = None

    @contextmanager
    def writing(self, purpose: str, *, wait: bool = True) -> Iterator[None]:
        if self.refusal:
            raise self.refusal
        yield


@dataclass
class Corpus:
    """Records in an index, asked with an embedder, and every check of them."""

    records: Iterable[Record]
    embedder: Embedder
    index: ExactIndex = field(default_factory=ExactIndex)
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    settings: Settings = field(default_factory=lambda: Settings(sections=SECTIONS))

    def __post_init__(self) -> None:
        self.store, self.canaries, self.log = MemoryStore(), MemoryCanaries(), MemoryLog()
        self.checkups = Checkups(self.store, self.canaries, self.log)
        self.put(self.records)

    def put(self, records: Iterable[Record]) -> None:
        """These records instead, in a new index of the same kind."""
        self.catalogue = Catalogue({record.script.id: record for record in records})
        self.index = type(self.index)()
        for section in self.settings.sections:
            want = wanted(self.catalogue, section, self.query)
            if want.records:
                self.index.apply(section, want.stamp, list(want.records.values()), ())

    @property
    def query(self) -> Stamp:
        return Stamp.of(recipe_of(self.embedder))

    @property
    def facts(self) -> Facts:
        known = self.canaries.kept.get(self.query.model_digest)
        return Facts(
            settings=self.settings,
            catalogue=self.catalogue,
            index=self.index,
            query=self.query,
            normalised=self.embedder.identity.normalised,
            kept=self.checkups.kept(self.query),
            canaries_recorded=known.recorded if known else "",
        )

    def health(self) -> Health:
        return health(self.facts)

    def check(self) -> Health:
        subject = Subject(
            self.settings, self.catalogue, self.index, self.embedder, self.canaries.kept, self.questionnaires
        )
        self.checkups.check(subject, silent)
        return self.health()

    def trusts(self) -> Mapping[str, Trust]:
        return trusts(self.facts)

    def retrieve(self, text: str = "calm river", *, allow_mismatch: bool = False) -> Retrieval:
        return retrieve(
            make_questionnaire(query=text),
            options=Options(statuses=(), allow_mismatch=allow_mismatch),
            settings=self.settings,
            catalogue=self.catalogue,
            index=self.index,
            embedder=self.embedder,
            known=self.trusts(),
        )
