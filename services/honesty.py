"""Index honesty: of the scripts that are really nearest, how many the stored index's own search brings back.

The exact ranking comes from the records, every passage compared; the index walks its graph, and may miss some, or hold
something else than the records say. By section, and by the filters that people use: a filter leaves the walk fewer
scripts to find. The workbench itself answers from the graph in very large sections only; others who open the store have
nothing else.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.domain.measures import Interval
from services.domain.methods import Method
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Found
from services.domain.scripts import Record, Status, Vectors
from services.domain.settings import Settings
from services.domain.statistics import bootstrap
from services.domain.trust import Trust
from services.errors import InvalidQuestionnaire
from services.ground.progress import Report
from services.ports import Catalogue, Embedder, VectorIndex
from services.ranking import Ground
from services.sync import wanted
from services.vectors import embed_questions, recipe_of

# Distances that differ by less are the same one, computed in another order.
_SAME = 1e-5
# Beyond the last one wanted, scripts that may be as near as it.
_TIED = 20
_AT_A_TIME = 16
# Of the focus areas, those with the most scripts.
AREAS = 5
# Passages asked for at first, for each script wanted: a script has several that may crowd the front.
_PASSAGES_A_SCRIPT = 8


@dataclass(frozen=True)
class Filter:
    """Which scripts of a section may be found."""

    statuses: tuple[Status, ...] = (Status.APPROVED,)
    area: str = ""

    def admits(self, record: Record) -> bool:
        """Whether a script may be."""
        return record.script.status in self.statuses and (not self.area or self.area in record.script.focus_areas)


@dataclass(frozen=True)
class Honesty:
    """One section under one filter."""

    section: str
    filter: Filter
    # Scripts that it lets through.
    scripts: int
    # recall@k against the exact ranking.
    recall: Interval
    # Questionnaires for which something was missing.
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Measured:
    """What the index was found to bring back."""

    index: str
    k: int
    rows: tuple[Honesty, ...]
    # Sections that are not asked, because what they return would be random.
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Asking:
    """What is measured, and by which questionnaires."""

    settings: Settings
    catalogue: Catalogue
    index: VectorIndex
    embedder: Embedder
    questionnaires: Mapping[str, Questionnaire]
    known: Mapping[str, Trust] = field(default_factory=dict)


def honesty(asking: Asking, report: Report) -> Measured:
    """Ask each questionnaire of the index and of all passages. Asks the model once a questionnaire.

    Raises:
        EmbedderFailed: the questions could not be embedded.
        IndexBroken: the index cannot be read.
        Cancelled: somebody said stop.
    """
    refused = tuple(section for section in asking.settings.sections if _is_refused(asking, section))
    asked = _asked(asking, report)
    rows = [
        row
        for section in asking.settings.sections
        if asked and section not in refused
        for row in _rows(asking, asked, section, report)
    ]
    return Measured(asking.index.name, asking.settings.top_k, tuple(rows), refused)


def _is_refused(asking: Asking, section: str) -> bool:
    trust, held = asking.known.get(section), _held(asking, section)
    return (trust is not None and trust.random) or any(
        record.vectors is not None and record.vectors.values.shape[1] != asking.embedder.identity.dimensions
        for record in held[:1]
    )


def _held(asking: Asking, section: str) -> list[Record]:
    """The records that the section's collection should hold."""
    return list(wanted(asking.catalogue, section, Stamp.of(recipe_of(asking.embedder))).records.values())


def _asked(asking: Asking, report: Report) -> Mapping[str, Vectors]:
    """The vector of each question, by questionnaire."""
    texts: dict[str, str] = {}
    for questionnaire in asking.questionnaires.values():
        try:
            texts[questionnaire.id] = questionnaire.query_text(asking.settings.query_template)
        except InvalidQuestionnaire:
            # It asks nothing, of anything.
            continue
    vectors: list[Vectors] = []
    for start in range(0, len(texts), _AT_A_TIME):
        report("Embedding the questions", start, len(texts))
        vectors += embed_questions(list(texts.values())[start : start + _AT_A_TIME], asking.embedder)
    return dict(zip(texts, vectors, strict=True))


def _filters(records: Sequence[Record]) -> list[Filter]:
    approved = [record.script for record in records if record.script.status is Status.APPROVED]
    areas = Counter(area for script in approved for area in script.focus_areas)
    common = sorted(areas, key=lambda area: (-areas[area], area))[:AREAS]
    every = [Filter(tuple(Status))] if len(approved) < len(records) else []
    return [Filter(), *every, *(Filter(area=area) for area in common)]


def _rows(asking: Asking, asked: Mapping[str, Vectors], section: str, report: Report) -> Iterator[Honesty]:
    records, k = _held(asking, section), asking.settings.top_k
    walks = _Walks(asking.index, section, asked, k)
    for chosen in _filters(records):
        admitted = [record for record in records if chosen.admits(record)]
        if admitted:
            recalls = _recalls(section, asked, admitted, walks, k, report)
            (mean,) = bootstrap(np.array(list(recalls.values()), np.float64).reshape(-1, 1))
            missed = tuple(name for name, recall in recalls.items() if recall < 1)
            yield Honesty(section, chosen, len(admitted), mean, missed)


def _recalls(  # noqa: PLR0913, PLR0917  what is asked, of whom, and who is told
    section: str, asked: Mapping[str, Vectors], admitted: Sequence[Record], walks: "_Walks", k: int, report: Report
) -> dict[str, float]:
    """Of each questionnaire."""
    held = {record.script.id: record.vectors for record in admitted if record.vectors is not None}
    ground = Ground.of(section, admitted, held)
    exact = ground.ranked([""] * len(asked), np.stack(list(asked.values())), Method(), depth=k + _TIED)
    found = {}
    for done, (name, ranking) in enumerate(zip(asked, exact, strict=True)):
        report(f"Comparing {section}", done, len(asked))
        found[name] = _recall(ranking, walks.first(name, held), k)
    return found


def _recall(exact: Found, walked: Sequence[str], k: int) -> float:
    """Of the nearest k, the share that came; one that is as near as the last of them is as good."""
    near = [distance for distance in exact.distances if distance is not None]
    wanted_count = min(k, len(near))
    furthest = near[wanted_count - 1] + _SAME
    nearest = {script for script, distance in zip(exact.scripts, near, strict=True) if distance <= furthest}
    return min(1.0, len(nearest.intersection(walked)) / wanted_count)


class _Walks:
    """What the index's own search finds in one section, each question asked as far as it is needed and no further."""

    def __init__(self, index: VectorIndex, section: str, asked: Mapping[str, Vectors], k: int) -> None:
        self._index, self._section, self._asked, self._k = index, section, asked, k
        self._total = index.count(section)
        # By questionnaire: how many passages were asked for, and the scripts that came, nearest first.
        self._found: dict[str, tuple[int, list[str]]] = {}

    def first(self, questionnaire: str, admitted: Container[str]) -> list[str]:
        """The first k scripts that a filter admits, asking for more passages until there are enough."""
        while True:
            passages, scripts = self._found.get(questionnaire, (0, []))
            some = [script for script in scripts if script in admitted]
            if len(some) >= self._k or passages >= self._total:
                return some[: self._k]
            self._ask(questionnaire, min(self._total, passages * 4 or self._k * _PASSAGES_A_SCRIPT))

    def _ask(self, questionnaire: str, passages: int) -> None:
        hits = self._index.walk(self._section, self._asked[questionnaire], passages)
        self._found[questionnaire] = passages, list(dict.fromkeys(hit.script for hit in hits))
