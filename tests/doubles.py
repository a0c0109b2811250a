"""Real parts, made small: an embedder that anybody can work out by hand, and workspaces that hold a few scripts."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from services import workspaces
from services.domain.maps import NONE, Drawn, Map, Positions
from services.domain.model_change import Price
from services.domain.model_digest import ModelIdentity, Recipe, Stamp
from services.domain.neighbours import quality
from services.domain.passages import Passage, PassagePolicy
from services.domain.scripts import Record, Script, Vectors, VectorSet, make_script
from services.domain.settings import EmbedderSettings, Paths, Settings
from services.errors import EmbedderUnavailable
from services.ground.progress import Progress, Report
from services.ports import Embedder
from services.ports.maps import Fitted
from services.records.yaml_files import YamlRecordStore
from services.vectors import embed, recipe_of
from services.workbench import Workbench

SECTIONS = ("induction", "affirmations", "awakening")
DIMENSIONS = 8


@dataclass
class TinyEmbedder:
    """A text becomes how often each letter stands in it, letter by letter modulo the dimensions, plus one everywhere.

    ``name`` tells one space from another. ``left`` is how many texts it embeds before it fails, None for no end.
    """

    name: str = "tiny"
    dimensions: int = DIMENSIONS
    window: int = 6
    local: bool = True
    price: Price | None = None
    left: int | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.name, "1", self.dimensions, "sum", False, "", "", "float32")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if self.left is not None:
            if self.left < len(texts):
                raise EmbedderUnavailable(f"The model '{self.name}' cannot be reached.", "Try again later.")
            self.left -= len(texts)
        self.asked += texts
        return np.array([self._vector(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_documents([text])[0]
        return vector

    def _vector(self, text: str) -> list[float]:
        counts = [1.0] * self.dimensions
        for letter in text.lower():
            counts[ord(letter) % self.dimensions] += 1
        return counts


@dataclass
class FlatFitter:
    """Fits no UMAP, which takes half a minute to load: points stay where they begin, in clusters left and right of 0.

    ``began`` is where it was asked to begin, fit by fit.
    """

    began: list[Positions] = field(default_factory=list)

    def fit(self, vectors: Vectors, start: Positions, report: Report, *, settled: bool = False) -> Fitted:
        report("Placing the scripts", 0, 1)
        self.began.append(start)
        sides = (start[:, 0] > 0).astype(np.int64)
        clusters = sides if 2 * sides.sum() <= len(sides) else 1 - sides
        return Fitted(start, clusters, quality(vectors, start))

    def several(self) -> AbstractContextManager["FlatFitter"]:
        """This one: there is nothing to load."""
        return nullcontext(self)


class TinyWorkbench(Workbench):
    """The real workbench with tiny embedders, each made under the name that is asked for, where none was given.

    Its maps are fitted without UMAP.
    """

    def __init__(self, root: Path, embedders: Mapping[str, Embedder] | None = None) -> None:
        self.made = dict(embedders or {})
        self.fitter = FlatFitter()
        super().__init__(root)

    def _make_embedder(self, chosen: EmbedderSettings) -> Embedder:
        return self.made.setdefault(chosen.name, TinyEmbedder(chosen.name))

    def _make_fitter(self) -> FlatFitter:
        return self.fitter


def stamp(name: str = "tiny", dimensions: int = DIMENSIONS, *, window: int = 6) -> Stamp:
    return Stamp.of(recipe_of(TinyEmbedder(name, dimensions, window)))


def other_preparation(present: Stamp) -> Stamp:
    """The same space, documents cut in another way."""
    changed = Recipe(TinyEmbedder(present.model_name).identity, PassagePolicy(max_tokens=3, version=2))
    return Stamp(present.model_name, present.model_digest, changed.digest, present.dimensions)


def script(script_id: str, section: str = "induction", text: str = "", **more: str | tuple[str, ...]) -> Script:
    given = {"title": script_id.replace("-", " ").capitalize(), **more}
    body = text or f"You are {script_id}. Breathe out and let it go now.\n\nThe night is calm here."
    return make_script(id=script_id, section=section, text=body, **given)  # type: ignore[arg-type]


def record(made: Script, embedder: Embedder | None = None) -> Record:
    return Record(made, embed([made], embedder or TinyEmbedder())[0])


def bare_record(script_id: str, values: Sequence[Sequence[float]], section: str = "induction", **more: str) -> Record:
    """A record with these very vectors, one passage each, known under a digest as if it had been stored."""
    made = script(script_id, section, **more)
    passages = (Passage("card"), *(Passage("body", i, i + 1) for i in range(len(values) - 1)))
    vectors = np.array(values, np.float32)
    stamped = stamp(dimensions=vectors.shape[1])
    return Record(made, VectorSet(stamped, passages, vectors), "", f"digest-of-{made.digest}-{vectors.tobytes().hex()}")


def make_workspace(root: Path, scripts: Sequence[Script] = (), embedder: str = "tiny") -> Path:
    """A workspace with these scripts, embedded by the named tiny embedder."""
    workspaces.create(root, Settings(name="Test", sections=SECTIONS, embedder=EmbedderSettings(name=embedder)))
    if scripts:
        store = store_of(root)
        sets = embed(scripts, TinyEmbedder(embedder))
        with store.writing("filling"):
            store.put([Record(s, v) for s, v in zip(scripts, sets, strict=True)])
    return root


def store_of(root: Path, sections: tuple[str, ...] = SECTIONS) -> YamlRecordStore:
    return YamlRecordStore(Paths(root), sections)


def hand_map(clusters: Sequence[int] = (), **places: tuple[float, float]) -> Map:
    """A map with these scripts at these places, in these clusters or in none."""
    numbers = clusters or [NONE] * len(places)
    return Map(
        key="by-hand",
        drawn=Drawn.UMAP,
        scripts=tuple(places),
        positions=np.array(list(places.values()), np.float32).reshape(-1, 2),
        digests=("",) * len(places),
        fitted=np.ones(len(places), bool),
        clusters=np.array(numbers, np.int64),
        model_digest="",
        model_name="",
    )
