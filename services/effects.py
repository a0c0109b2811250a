"""What an edit would change: which questionnaires retrieve the script now, which would afterwards, and what it is near.

Exact over the whole section, and nothing is stored: the distances that the index gives are kept, and the one of this
script is replaced by that of its vectors as typed. By a method that looks at more, the section is ranked twice.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.domain.directions import unit
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.results import Scores
from services.domain.scripts import Record, Script, Status, Vectors, VectorSet
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.ground.progress import Report, silent
from services.nearness import Nearness, Neighbour, Twin
from services.ports import Catalogue, Embedder, VectorIndex
from services.ranking import Edited, Lexicons, by_nearest_passage
from services.vectors import embed, embed_questions, recipe_of, still_fit

_AT_A_TIME = 8

_OfQuestions = Callable[[Sequence[str], Sequence[Vectors]], Sequence[tuple[int | None, int | None]]]


@dataclass(frozen=True)
class Effect:
    """One questionnaire: the script's rank among the approved ones of its section now, and after this edit.

    None where the script is not retrieved at all: it is new, it is not approved, or it is in another section.
    """

    questionnaire: Questionnaire
    before: int | None
    after: int | None
    # The grade that a practitioner expects the script with; 0 where none does.
    expected: int = 0

    def matters(self, top: int) -> bool:
        """Whether the script is or would be among the first ``top``, or is expected."""
        return bool(self.expected) or any(rank is not None and rank <= top for rank in (self.before, self.after))

    @property
    def moved(self) -> bool:
        """Whether the edit changes the rank."""
        return self.before != self.after


@dataclass(frozen=True, eq=False)
class Effects:
    """What was found for one version of a script."""

    script: Script
    vectors: VectorSet
    # Words of the body in no passage that the model reads, and how many there are in all.
    unread: int
    words: int
    neighbours: Mapping[str, Sequence[Neighbour]]
    twins: Sequence[Twin]
    # Of the questionnaires for which it matters, those that it is retrieved for first.
    effects: Sequence[Effect]
    asked: int
    # Why questionnaires could not be asked; empty where they were.
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a script as typed is put among."""

    settings: Settings
    catalogue: Catalogue
    index: VectorIndex
    embedder: Embedder
    questionnaires: Mapping[str, Questionnaire]
    nearness: Nearness
    known: Mapping[str, Trust]
    lexicons: Lexicons = field(default_factory=Lexicons)


def effects(script: Script, around: Surroundings, report: Report = silent) -> Effects:
    """Embed a script as it is typed, unless its record has these very vectors, and see what it would change.

    Raises:
        EmbedderFailed: it or a questionnaire could not be embedded.
        IndexBroken: the index cannot be read.
    """
    present = around.catalogue.records.get(script.id)
    report("Reading the script", 0, 0)
    vectors = _vectors(script, present, around.embedder)
    refusal = _refusal(script, present, around.known)
    asked = [] if refusal else _askable(around)
    found = _effects(script, vectors, present, asked, around, report)
    return Effects(
        script=script,
        vectors=vectors,
        unread=unread_words(script, vectors),
        words=script.words,
        neighbours=around.nearness.neighbours(vectors, without=script.id, most=3),
        twins=around.nearness.twins(script, vectors),
        effects=sorted((e for e in found if e.matters(around.settings.top_k)), key=_order),
        asked=len(asked),
        refusal=refusal,
    )


def _vectors(script: Script, present: Record | None, embedder: Embedder) -> VectorSet:
    stamp = Stamp.of(recipe_of(embedder))
    if present is not None and present.vectors is not None and still_fit(present, script, stamp):
        return present.vectors
    return embed([script], embedder)[0]


def _refusal(script: Script, present: Record | None, known: Mapping[str, Trust]) -> str:
    """Why ranks in the sections that matter here would mean nothing."""
    sections = {script.section, present.script.section if present else script.section}
    return " ".join(known[section].reason for section in sorted(sections) if section in known and known[section].random)


def _askable(around: Surroundings) -> list[Questionnaire]:
    """The questionnaires that ask something which the workspace's template takes up."""
    template = around.settings.query_template
    named = [n for n in ("focus_area", "challenge_context", "desired_feeling") if f"{{{n}}}" in template]
    return [q for q in around.questionnaires.values() if q.query or any(getattr(q, name) for name in named)]


def _effects(  # noqa: PLR0913, PLR0917  what is asked, of what, among what
    script: Script,
    vectors: VectorSet,
    present: Record | None,
    asked: list[Questionnaire],
    around: Surroundings,
    report: Report,
) -> list[Effect]:
    report("Asking the questionnaires", 0, len(asked))
    texts = [questionnaire.query_text(around.settings.query_template) for questionnaire in asked]
    worded = [questionnaire.words_text(around.settings.query_template) for questionnaire in asked]
    ranks, found = _ranks(script, vectors, present, around), []
    for start in range(0, len(texts), _AT_A_TIME):
        report("Asking the questionnaires", start, len(asked))
        vectors_of = embed_questions(texts[start : start + _AT_A_TIME], around.embedder)
        of_these = ranks(worded[start : start + _AT_A_TIME], vectors_of)
        for questionnaire, (before, after) in zip(asked[start:], of_these, strict=False):
            expected = {e.script: e.grade for e in questionnaire.expected}
            found.append(Effect(questionnaire, before, after, expected.get(script.id, 0)))
    return found


def _ranks(script: Script, vectors: VectorSet, present: Record | None, around: Surroundings) -> _OfQuestions:
    """What tells the rank of the script now and after the edit, by the words and the vectors of questions."""
    method, digest = around.settings.method, vectors.stamp.model_digest
    if by_nearest_passage(method, digest):
        plain = _Ranks(script, vectors, present, around)
        return lambda _, asked: [plain.of(vector) for vector in asked]
    edited, cut_off = Edited.of(script, vectors, around.catalogue, method, around.lexicons), method.cut_off(digest)
    return lambda texts, asked: edited.ranks(texts, np.stack(asked), method, cut_off)


class _Ranks:
    """The ranks of one script as it is kept, and as it is typed."""

    def __init__(self, script: Script, vectors: VectorSet, present: Record | None, around: Surroundings) -> None:
        self._script, self._vectors, self._around = script, vectors, around
        kept = present is not None and present.vectors is not None and present.script.status is Status.APPROVED
        self._before = present.script.section if present is not None and kept else ""
        self._after = script.section if script.status is Status.APPROVED else ""
        self._others: dict[str, tuple[tuple[str, ...], npt.NDArray[np.bool_], int]] = {}

    def of(self, vector: Vectors) -> tuple[int | None, int | None]:
        """The rank now and after the edit, for a question's ``float32[d]``."""
        index, own = self._around.index, self._script.id
        scores = {section: index.score(section, vector) for section in {self._before, self._after} - {""}}
        before = after = None
        if self._before and own in scores[self._before].scripts:
            place = scores[self._before].scripts.index(own)
            before = self._rank(self._before, float(scores[self._before].distances[place]), scores[self._before])
        if self._after:
            after = self._rank(self._after, _distance(self._vectors.values, vector), scores[self._after])
        return before, after

    def _rank(self, section: str, own: float, scores: Scores) -> int:
        """One more than approved scripts stand before it; of equal distances the smaller id, as in retrieval."""
        others, smaller = self._competitors(section, scores.scripts)
        nearer = (scores.distances < own) & others
        level = (scores.distances == own) & others
        return 1 + int(nearer.sum()) + int(level[:smaller].sum())

    def _competitors(self, section: str, scripts: tuple[str, ...]) -> tuple[npt.NDArray[np.bool_], int]:
        """Which of the section's scripts stand beside this one, and where it would stand among their ids."""
        if section not in self._others or self._others[section][0] is not scripts:
            records, own = self._around.catalogue.records, self._script.id
            beside = [i != own and i in records and records[i].script.status is Status.APPROVED for i in scripts]
            self._others[section] = (scripts, np.array(beside, bool), bisect_left(scripts, own))
        return self._others[section][1:]


def _distance(values: Vectors, vector: Vectors) -> float:
    """The cosine distance of the nearest passage, to the last bit as an index computes it."""
    return float(np.maximum(0.0, 1.0 - np.vecdot(unit(values), unit(vector[np.newaxis])[0])).astype(np.float32).min())


def unread_words(script: Script, vectors: VectorSet) -> int:
    """Words of the body that stand in no passage: the model never reads them."""
    words, end = 0, 0
    for passage in (p for p in vectors.passages if p.kind == "body"):
        words += len(script.text[max(end, passage.start) : passage.end].split())
        end = max(end, passage.end)
    return max(0, script.words - words)


def _order(effect: Effect) -> tuple[int, int, str]:
    ranks = [rank for rank in (effect.before, effect.after) if rank is not None]
    return (effect.after or 10**9, min(ranks, default=10**9), effect.questionnaire.title)
