"""What needs a practitioner's attention: what to settle, to approve, to write or to mend in the corpus."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.results import Ranking
from services.domain.scripts import Status
from services.domain.separation import Verdict
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.errors import InvalidQuestionnaire
from services.ground import digests
from services.ground.progress import Report
from services.nearness import Nearness, Twin
from services.ports import Catalogue, Embedder, VectorIndex
from services.retrieve import Asked, Options, rank
from services.vectors import embed_questions

# A section with fewer approved scripts than this share of the largest one is out of balance.
BALANCE = 0.5


@dataclass(frozen=True)
class Far:
    """A questionnaire that finds nothing near in a section: an unrelated question would come as near."""

    questionnaire: str
    title: str
    section: str
    # Cosine distance of the nearest approved script.
    distance: float


@dataclass(frozen=True)
class Attention:
    """What was found, worst first. Scripts and questionnaires by id."""

    # What it was computed from: another value means that something has changed since.
    basis: str
    twins: tuple[tuple[str, Twin], ...] = ()
    drafts: tuple[str, ...] = ()
    # Approved scripts that are among the first ``top_k`` hits of no saved questionnaire.
    unused: tuple[str, ...] = ()
    far: tuple[Far, ...] = ()
    # Share of the words that stand in no passage the model reads whole, by script.
    unread: tuple[tuple[str, float], ...] = ()
    # Approved scripts by section, and the sections that have few beside the largest.
    sizes: Mapping[str, int] = field(default_factory=dict)
    thin: tuple[str, ...] = ()
    # Questionnaires that were asked, and sections that were not because their answers are random.
    asked: int = 0
    top_k: int = 0
    not_asked: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nothing needs attention."""
        return not (self.twins or self.drafts or self.unused or self.far or self.unread or self.thin)


@dataclass(frozen=True, eq=False)
class Attended:
    """What is looked at. ``unread`` is what the last check found, by script."""

    settings: Settings
    catalogue: Catalogue
    index: VectorIndex
    questionnaires: Mapping[str, Questionnaire]
    embedder: Embedder
    stamp: Stamp
    known: Mapping[str, Trust]
    nearness: Nearness
    unread: Mapping[str, float]

    def questions(self) -> list[tuple[Questionnaire, str]]:
        """The saved questionnaires that ask something, each with its query."""
        found = []
        for questionnaire in self.questionnaires.values():
            # One that answers nothing the template asks for has no ranking.
            with contextlib.suppress(InvalidQuestionnaire):
                found.append((questionnaire, questionnaire.query_text(self.settings.query_template)))
        return found

    def random(self) -> tuple[str, ...]:
        """The sections whose answers would mean nothing."""
        return tuple(s for s in self.settings.sections if s in self.known and self.known[s].random)

    def basis(self) -> str:
        """A digest over everything that the findings depend on. Asks no model."""
        records = [[record.script.id, record.digest] for record in self.catalogue.records.values()]
        questions = [[questionnaire.id, questionnaire.title, text] for questionnaire, text in self.questions()]
        settings = [self.settings.top_k, *self.settings.sections, self.stamp.recipe_digest]
        return digests.of_value([records, questions, list(self.random()), settings, sorted(self.unread)])


def attend(corpus: Attended, report: Report) -> Attention:
    """Look at the corpus and ask all saved questionnaires.

    Raises:
        EmbedderFailed: the questions could not be embedded.
        IndexBroken: the index cannot be read.
        Cancelled: somebody said stop.
    """
    scripts = [record.script for record in corpus.catalogue.records.values()]
    approved = [script for script in scripts if script.status is Status.APPROVED]
    sizes = Counter(script.section for script in approved)
    largest = max(sizes.values(), default=0)
    report("Looking for near-duplicates", 0, 0)
    twins = tuple(corpus.nearness.all_twins())
    questions, random = corpus.questions(), corpus.random()
    answered = [(q, r) for q, r in _rankings(corpus, questions, report) if r.answered and not r.random]
    retrieved = {hit.script.id for _, ranking in answered for hit in ranking.hits}
    unused = [s.id for s in approved if questions and s.section not in random and s.id not in retrieved]
    return Attention(
        basis=corpus.basis(),
        twins=twins,
        drafts=tuple(script.id for script in scripts if script.status is Status.DRAFT),
        unused=tuple(unused),
        far=_far(answered),
        unread=tuple(sorted(corpus.unread.items(), key=lambda item: (-item[1], item[0]))),
        sizes={section: sizes.get(section, 0) for section in corpus.settings.sections},
        thin=tuple(section for section in corpus.settings.sections if sizes.get(section, 0) < BALANCE * largest),
        asked=len(questions),
        top_k=corpus.settings.top_k,
        not_asked=random,
    )


def _rankings(
    corpus: Attended, questions: Sequence[tuple[Questionnaire, str]], report: Report
) -> list[tuple[Questionnaire, Ranking]]:
    """The ranking of each section for each question."""
    report("Asking the saved questionnaires", 0, len(questions))
    vectors = embed_questions([text for _, text in questions], corpus.embedder)
    options, name = Options(top_k=corpus.settings.top_k), corpus.embedder.name
    found = []
    for number, ((questionnaire, _), vector) in enumerate(zip(questions, vectors, strict=True), start=1):
        asked = Asked(questionnaire, vector, name, corpus.stamp, options, corpus.catalogue, corpus.index, corpus.known)
        found += [(questionnaire, rank(asked, section)) for section in corpus.settings.sections]
        report("Asking the saved questionnaires", number, len(questions))
    return found


def _far(answered: Sequence[tuple[Questionnaire, Ranking]]) -> tuple[Far, ...]:
    found = [
        Far(questionnaire.id, questionnaire.title, ranking.section, ranking.hits[0].distance)
        for questionnaire, ranking in answered
        if ranking.hits and ranking.separation.verdict is Verdict.NO_INFORMATION
    ]
    return tuple(sorted(found, key=lambda far: (-far.distance, far.questionnaire, far.section)))
