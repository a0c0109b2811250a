"""An evaluation: what every questionnaire was answered with, by which method, over which corpus. Frozen, and kept.

A run holds rankings, not only figures: judged further, it can be measured again, and two runs be compared by the same
judgements.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.domain.measures import Figures
from services.domain.methods import Method

# Scripts of a ranking that are kept and measured. Beyond it only the ranks of the judged ones are.
DEPTH = 100

# The grade of each judged script: by questionnaire, then by section, then by script.
Grades = Mapping[str, Mapping[str, Mapping[str, int]]]


class Outcome(StrEnum):
    """What became of a questionnaire."""

    ANSWERED = "answered"
    NOTHING_FOUND = "nothing_found"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Found:
    """The ranking of one section, best first, cut to ``DEPTH``."""

    scripts: tuple[str, ...]
    # What they were ranked by. Each is less than the one before, also as float32: no tool can order them otherwise.
    scores: tuple[float, ...]
    # Cosine distances; None where the script has no vectors of the model that asked.
    distances: tuple[float | None, ...]
    # How many scripts were ranked.
    ranked: int
    # The rank of each judged script, from 1 on, of the whole section; those that were not ranked are not there.
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One questionnaire of a run. ``cause`` and ``next_step`` say why it was not answered, where it was not."""

    questionnaire: str
    outcome: Outcome
    query: str = ""
    sections: Mapping[str, Found] = field(default_factory=dict)
    cause: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Setup:
    """What asked, and how."""

    method: Method
    query_template: str
    top_k: int
    embedder: str
    model_name: str
    model_digest: str
    recipe_digest: str
    # Scripts of these statuses could be found.
    statuses: tuple[str, ...] = ("approved",)


@dataclass(frozen=True)
class Provenance:
    """What it was run on, as digests, and with what."""

    corpus: str
    questionnaires: str
    judgements: str
    settings: str
    # Of the libraries whose results a run depends on, by name.
    versions: Mapping[str, str] = field(default_factory=dict)
    # The git commit of the workspace; empty where it is not kept by git.
    commit: str = ""


@dataclass(frozen=True, eq=False)
class Run:
    """One evaluation."""

    id: str
    time: str
    setup: Setup
    provenance: Provenance
    answers: tuple[Answer, ...]
    # The judgements that there were then.
    grades: Grades
    figures: Figures
    # Who ran it, and what they called it.
    by: str = ""
    name: str = ""
    seconds: float = 0.0
    # By questionnaire: scripts that are expected or judged and that the corpus does not have.
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Sections that held no script that could be found.
    without_scripts: tuple[str, ...] = ()
    # Sections that were not asked, and why.
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many questionnaires ended how; all four are there."""
        found = Counter(answer.outcome for answer in self.answers)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def asked(self) -> Sequence[str]:
        """The sections that were asked, those that held nothing to be found among them; figures are of these only."""
        answered = [section for answer in self.answers for section in answer.sections]
        return tuple(dict.fromkeys([*answered, *self.without_scripts]))

    @property
    def any_asked(self) -> bool:
        """Whether any questionnaire could be asked; else there is nothing to keep: it says nothing of the scripts."""
        return any(answer.outcome in (Outcome.ANSWERED, Outcome.NOTHING_FOUND) for answer in self.answers)

    @property
    def complete(self) -> bool:
        """Whether every questionnaire was asked."""
        return not self.outcomes[Outcome.NOT_RUN]
