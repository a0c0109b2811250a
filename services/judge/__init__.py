"""Judging: which scripts somebody looks at for a questionnaire, and what they say of them.

Candidates come from several methods, so that no method is measured by what it has found itself alone; in an order that
is each judge's own, so that no place sways anybody (Zobel, How Reliable Are the Results of Large-Scale Information
Retrieval Experiments, SIGIR 1998).
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from services.domain import given
from services.domain.judgements import Judgement, make_judgement
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades
from services.domain.settings import Settings
from services.errors import Conflict, NotFound
from services.ground import digests, text
from services.ground.clock import now
from services.ports import JudgementStore, RecordStore


@dataclass(frozen=True)
class Candidate:
    """A script to be judged. Nothing here says where it was found, or how near it is."""

    script: str
    # What this judge has said of it; None where nothing yet.
    judgement: Judgement | None = None


@dataclass(frozen=True)
class Pool:
    """What one judge looks at for one questionnaire and section, in the judge's own order."""

    questionnaire: str
    section: str
    judge: str
    candidates: tuple[Candidate, ...]
    # Why candidates do not come from every method, as a sentence; empty if they do.
    note: str = ""

    @property
    def judged(self) -> int:
        """How many of them this judge has judged."""
        return sum(candidate.judgement is not None for candidate in self.candidates)

    @property
    def next(self) -> str:
        """The first that this judge has not judged; empty where all are."""
        return next((candidate.script for candidate in self.candidates if candidate.judgement is None), "")


@dataclass(frozen=True)
class Progress:
    """How many scripts of a pool are judged."""

    judged: int
    pool: int

    @property
    def done(self) -> bool:
        """Whether all are."""
        return self.judged >= self.pool


def members(
    found: Collection[str],
    questionnaire: Questionnaire,
    judgements: Sequence[Judgement],
    section: AbstractSet[str],
) -> set[str]:
    """Who is in a pool: what the methods found, what is expected, and what anybody has judged.

    Of the scripts of the section that there are; a second judge sees all that the first one saw.
    """
    named = {*(e.script for e in questionnaire.expected), *(judgement.script for judgement in judgements)}
    return {script for script in (*found, *named) if script in section}


def pool(  # noqa: PLR0913, PLR0917  a pool is of this many parts
    scripts: Collection[str],
    questionnaire: str,
    section: str,
    judge: str,
    judgements: Sequence[Judgement],
    note: str = "",
) -> Pool:
    """These scripts in the order of this judge: always the same, and no other judge's."""
    said = {judgement.script: judgement for judgement in judgements if judgement.judge == judge}
    # By digest: a script that joins later moves no other.
    order = sorted(scripts, key=lambda script: digests.of_value([questionnaire, section, judge, script]))
    candidates = tuple(Candidate(script, said.get(script)) for script in order)
    return Pool(questionnaire, section, judge, candidates, note)


def progress(scripts: Collection[str], judgements: Sequence[Judgement], judge: str) -> Progress:
    """How many of these one judge has judged."""
    said = {judgement.script for judgement in judgements if judgement.judge == judge}
    return Progress(len(said.intersection(scripts)), len(scripts))


def graded(scripts: Collection[str], grades: Grades, questionnaire: str, section: str) -> Progress:
    """How many of these have a grade from anybody: a judge, or who said that the questionnaire expects them."""
    judged = grades.get(questionnaire, {}).get(section, {})
    return Progress(sum(script in judged for script in scripts), len(scripts))


def judge(
    questionnaire: str,
    judgement: Judgement,
    *,
    known: tuple[Mapping[str, Questionnaire], Collection[str]],
    store: RecordStore,
    judgements: JudgementStore,
) -> Judgement | None:
    """Keep what somebody says of a script; what the same person said of it before is answered, for an undo.

    ``known`` are the questionnaires and the scripts that there are.

    Raises:
        NotFound: the questionnaire or the script was deleted.
        InvalidInput: it is no judgement, or what was judged before cannot be read.
        WorkspaceBusy, StorageFailed: nothing was stored.
    """
    said = make_judgement(
        **{**vars(judgement), "note": text.normalise(judgement.note), "time": judgement.time or now()}
    )
    questionnaires, scripts = known
    if questionnaire not in questionnaires:
        raise NotFound("This questionnaire was deleted.", "Choose another one to judge for.")
    if said.script not in scripts:
        raise NotFound(f"'{said.script}' was deleted.", "Reload the page: there is nothing to judge any more.")
    with store.locked("judging"):
        before = _said(judgements, questionnaire, said.script, said.judge)
        judgements.put(questionnaire, said)
    return before


def take_back(
    questionnaire: str, script: str, judge: str, *, store: RecordStore, judgements: JudgementStore
) -> Judgement | None:
    """Let a judge have said nothing of a script; what it was is answered. Raises as ``judge``, but ``NotFound``."""
    with store.locked("taking back a judgement"):
        before = _said(judgements, questionnaire, script, judge)
        judgements.remove(questionnaire, [(script, judge)])
    return before


def with_guideline(settings: Settings, section: str, guideline: str, base: str | None) -> Settings:
    """The settings with what people who judge scripts of a section go by.

    ``base`` is what was there when it was edited; None: whatever is there goes.

    Raises:
        NotFound: there is no such section.
        InvalidSettings: it is endless.
        Conflict: it is not as it was when it was edited.
    """
    present = settings.guidelines.get(settings.check_section(section), "")
    if base is not None and base != present:
        raise Conflict(
            "Somebody else has changed this guideline meanwhile.",
            "Copy what you wrote, reload, and put the two together.",
        )
    kept = {**settings.guidelines, section: text.normalise(guideline).strip()}
    changed = {name: kept[name] for name in settings.sections if name in kept}
    return replace(settings, guidelines=given.guidelines(changed, settings.sections))


def _said(judgements: JudgementStore, questionnaire: str, script: str, judge: str) -> Judgement | None:
    present = judgements.all()[0].get(questionnaire, ())
    return next((one for one in present if (one.script, one.judge) == (script, judge)), None)
