"""Where judgements and evaluations are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.domain.judgements import Judgement
from services.domain.measures import Figures
from services.domain.runs import Outcome, Provenance, Run, Setup
from services.domain.scripts import BrokenRecord


@dataclass(frozen=True, eq=False)
class RunSummary:
    """A kept run without its rankings: what a list of runs and a chart over time show."""

    id: str
    time: str
    setup: Setup
    provenance: Provenance
    # How many questionnaires ended how; all four are there.
    outcomes: Mapping[Outcome, int]
    # Overall and by section, with the coverage. What single questionnaires got is in the run only.
    figures: Figures
    by: str = ""
    name: str = ""
    seconds: float = 0.0
    without_scripts: tuple[str, ...] = ()
    # By section, why it could not be asked.
    refused: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "RunSummary":
        """That of a run."""
        return cls(
            run.id,
            run.time,
            run.setup,
            run.provenance,
            run.outcomes,
            Figures(run.figures.overall, run.figures.sections, coverage=run.figures.coverage),
            run.by,
            run.name,
            run.seconds,
            run.without_scripts,
            run.refused,
        )

    @property
    def complete(self) -> bool:
        """Whether every questionnaire was asked."""
        return not self.outcomes[Outcome.NOT_RUN]


class RunStore(Protocol):
    """Keeps evaluations. Canonical: what was answered then cannot be had again."""

    def summaries(self) -> tuple[Sequence[RunSummary], tuple[BrokenRecord, ...]]:
        """All that are kept, the newest first, and the files that are none. Cheap; reads no run whole.

        A run that is damaged further down than its summary is told by ``get``.
        """

    def get(self, run_id: str) -> Run:
        """One of them; the same object as before while its file is the same and few others were asked for.

        Raises:
            NotFound: there is none of this id.
            InvalidInput: its file is damaged.
        """

    def put(self, run: Run) -> None:
        """Keep one. Needs the store of records' ``writing``. Raises ``StorageFailed``."""

    def rename(self, run_id: str, name: str) -> None:
        """Call one otherwise. Needs ``writing``. Raises as ``get`` does, and ``StorageFailed``."""

    def delete(self, run_id: str) -> None:
        """Delete one, also one that is damaged; it is the baseline no longer. Needs ``writing``.

        Raises ``NotFound``, ``StorageFailed``.
        """

    @property
    def baseline(self) -> str:
        """The id of the run that others are compared with; empty where there is none.

        Also where it is named and cannot be had: then ``summaries`` names ``runs/baseline.yaml`` among what is broken.
        """

    def set_baseline(self, run_id: str) -> None:
        """Compare with this run from now on, with an empty id with none. Needs ``writing``.

        Raises ``NotFound``, ``InvalidInput``, ``StorageFailed``.
        """


class JudgementStore(Protocol):
    """Keeps what people say of scripts as answers to questionnaires. Canonical."""

    def all(self) -> tuple[Mapping[str, tuple[Judgement, ...]], tuple[BrokenRecord, ...]]:
        """Judgements by questionnaire, and the files that are none. The same object while nothing has changed."""

    def put(self, questionnaire: str, *judgements: Judgement) -> None:
        """Keep them, each instead of what this judge said of this script before; nothing else is touched.

        Needs the store of records' ``locked`` or ``writing``.

        Raises:
            InvalidYaml: what is there cannot be read, and would be lost.
            StorageFailed: nothing was stored.
        """

    def remove(self, questionnaire: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Take back what judges said: scripts, each with its judge. What is not there is passed over.

        Needs ``locked`` or ``writing``. Raises as ``put``.
        """
