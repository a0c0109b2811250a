"""The silent bug, reproduced: scripts embedded by one model, asked by another with as many dimensions.

Everything happens in memory, on copies of the scripts: nothing real is touched, and it is gone when it is let go of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from services.domain.canaries import Canaries
from services.domain.checks import Health
from services.domain.methods import Method
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.results import Retrieval
from services.domain.scripts import Record, VectorSet
from services.domain.settings import Settings
from services.ground.progress import Report
from services.health import Facts, Kept, health
from services.health.measure import Subject, measure
from services.ports import Catalogue, Embedder, VectorIndex
from services.retrieve import Asked, Options, rank, retrieve
from services.sync import sync
from services.vectors import embed, embed_canaries, embed_questions, recipe_of

# Scripts of a section that take part: enough for the point, and embedded within seconds.
_MOST = 60
# Scripts embedded at a time, and so the grain of the progress shown.
_BATCH = 16
_TOP = 5
# The highest grade: just right.
_JUST_RIGHT = 3


@dataclass(frozen=True)
class Found:
    """Over all questionnaires: where the scripts came that a practitioner calls just right."""

    just_right: int
    in_top: int
    # The middle of their ranks; None where no questionnaire names any.
    median_rank: float | None


@dataclass(frozen=True, eq=False)
class Scene:
    """The scripts embedded by one model, and what the other makes of them."""

    embedded_by: str
    catalogue: Catalogue
    index: VectorIndex
    found: Found
    # What health says where the truth is recorded, and where the stamp claims the model that asks.
    told: Health
    claimed: Health


@dataclass(frozen=True, eq=False)
class SilentBug:
    """Before and after the repair; both are asked by the same model."""

    before: Scene
    after: Scene
    settings: Settings
    asker: Embedder
    questionnaires: Mapping[str, Questionnaire]

    def ask(self, questionnaire: Questionnaire) -> tuple[Retrieval, Retrieval]:
        """The same question, before and after. Raises ``EmbedderFailed``."""
        return self._ask(questionnaire, self.before), self._ask(questionnaire, self.after)

    def _ask(self, questionnaire: Questionnaire, scene: Scene) -> Retrieval:
        # Nothing stood in the way of the silent bug, and nothing does here.
        return retrieve(
            questionnaire,
            options=Options(top_k=_TOP, allow_mismatch=True),
            # By plain distances, whatever the workspace retrieves by: they are what the bug is about.
            settings=replace(self.settings, method=Method()),
            catalogue=scene.catalogue,
            index=scene.index,
            embedder=self.asker,
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """What the reproduction is made of: real parts, and an index that is not stored."""

    settings: Settings
    catalogue: Catalogue
    questionnaires: Mapping[str, Questionnaire]
    new_index: Callable[[], VectorIndex]
    # The model that asks, and the other one that embedded the scripts.
    asker: Embedder
    other: Embedder


def reproduce(stage: Stage, time: str, report: Report) -> SilentBug:
    """Embed copies of the scripts with the other model, ask, and embed them with the one that asks.

    Raises:
        EmbedderFailed: a model is not there, or answers wrongly.
        Cancelled: somebody said stop.
    """
    make = _Maker(stage, time, report)
    return SilentBug(
        make.scene(stage.other), make.scene(stage.asker), stage.settings, stage.asker, stage.questionnaires
    )


@dataclass(frozen=True, eq=False)
class _Maker:
    stage: Stage
    time: str
    report: Report

    def scene(self, embedder: Embedder) -> Scene:
        """The scripts embedded by this model, and what the one that asks makes of them."""
        records = self._embedded(embedder)
        catalogue = _catalogue(records)
        index = self._filled(catalogue, embedder)
        made = embed_canaries(embedder, self.time)
        told = self._health(catalogue, index, made)
        claim = Stamp.of(recipe_of(self.stage.asker))
        pretended = _catalogue([_claiming(record, claim) for record in records])
        claimed = replace(made, model_name=claim.model_name, model_digest=claim.model_digest)
        return Scene(
            embedded_by=embedder.identity.name,
            catalogue=catalogue,
            index=index,
            found=self._found(catalogue, index),
            told=told,
            # Where the one that asks has embedded them, the claim is the truth.
            claimed=told
            if embedder is self.stage.asker
            else self._health(pretended, self._filled(pretended, self.stage.asker), claimed),
        )

    def _embedded(self, embedder: Embedder) -> list[Record]:
        """Copies of the records with vectors by this embedder: those that they carry where it made them."""
        sections, catalogue = self.stage.settings.sections, self.stage.catalogue
        records = [record for section in sections for record in catalogue.section(section)[:_MOST]]
        stamp = Stamp.of(recipe_of(embedder))
        made = {r.script.id: r.vectors for r in records if r.vectors is not None and r.vectors.stamp == stamp}
        todo = [record.script for record in records if record.script.id not in made]
        for start in range(0, len(todo), _BATCH):
            self.report(f"Embedding the scripts with {embedder.identity.name}", start, len(todo))
            batch = todo[start : start + _BATCH]
            made |= {script.id: vectors for script, vectors in zip(batch, embed(batch, embedder), strict=True)}
        return [replace(record, vectors=made[record.script.id], digest=record.script.digest) for record in records]

    def _filled(self, catalogue: Catalogue, embedder: Embedder) -> VectorIndex:
        index = self.stage.new_index()
        sync(catalogue, index, self.stage.settings.sections, Stamp.of(recipe_of(embedder)))
        return index

    def _health(self, catalogue: Catalogue, index: VectorIndex, canaries: Canaries) -> Health:
        """What the health check of a workspace would say of it: the same code, asked about this copy."""
        stage = self.stage
        recorded = {canaries.model_digest: canaries}
        subject = Subject(stage.settings, catalogue, index, stage.asker, recorded, stage.questionnaires)
        found, _ = measure(subject, self.time, self.report)
        query, normalised = Stamp.of(recipe_of(stage.asker)), stage.asker.identity.normalised
        known = recorded.get(query.model_digest)
        facts = Facts(stage.settings, catalogue, index, query, normalised, Kept(found), known.recorded if known else "")
        return health(facts)

    def _found(self, catalogue: Catalogue, index: VectorIndex) -> Found:
        """Ask every questionnaire that names a script which is just right, and see where it came."""
        stage = self.stage
        some = [q for q in stage.questionnaires.values() if any(e.grade == _JUST_RIGHT for e in q.expected)]
        vectors = embed_questions([q.query_text(stage.settings.query_template) for q in some], stage.asker)
        stamp, options = Stamp.of(recipe_of(stage.asker)), Options(top_k=_TOP, allow_mismatch=True)
        ranks: list[int] = []
        for questionnaire, vector in zip(some, vectors, strict=True):
            asked = Asked(questionnaire, vector, stage.asker.name, stamp, options, catalogue, index)
            for section in stage.settings.sections:
                ranks += [
                    e.rank for e in rank(asked, section).expected if e.grade == _JUST_RIGHT and e.rank is not None
                ]
        return Found(len(ranks), sum(r <= _TOP for r in ranks), median(ranks) if ranks else None)


def _catalogue(records: Sequence[Record]) -> Catalogue:
    return Catalogue({record.script.id: record for record in records})


def _claiming(record: Record, stamp: Stamp) -> Record:
    """The same vectors under the name of the model that asks: what a store does that records no more than a class."""
    vectors = record.vectors
    assert vectors is not None  # noqa: S101  they were all embedded just now
    return replace(record, vectors=VectorSet(stamp, vectors.passages, vectors.values))
