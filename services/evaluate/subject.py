"""What is evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.domain.judgements import Judgement
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades
from services.domain.scripts import Record, Status
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.ports import Catalogue, Embedder, EmbeddingCache
from services.vectors import recipe_of


@dataclass(frozen=True, eq=False)
class Subject:
    """What is evaluated. A trial of the laboratory is the same with other settings, or another embedder."""

    settings: Settings
    catalogue: Catalogue
    questionnaires: Mapping[str, Questionnaire]
    judgements: Mapping[str, Sequence[Judgement]]
    grades: Grades
    # The model itself: a vector that was kept from before cannot show that the model has changed since.
    embedder: Embedder
    cache: EmbeddingCache
    # By questionnaire: judged scripts that the corpus does not have.
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # What is known of the sections besides what is recorded with their vectors.
    known: Mapping[str, Trust] = field(default_factory=dict)
    # Whether the model is tried beside the workspace's own: scripts are embedded by it, where their records do not all
    # carry its vectors. Else a section is asked as it is, or refused.
    anew: bool = False
    statuses: tuple[Status, ...] = (Status.APPROVED,)
    # Who runs it, what they call it, and the commit of the workspace.
    by: str = ""
    name: str = ""
    commit: str = ""

    @property
    def stamp(self) -> Stamp:
        """The identity of the vectors that are asked."""
        return Stamp.of(recipe_of(self.embedder))

    def section(self, section: str) -> list[Record]:
        """The scripts of a section that can be found."""
        return [r for r in self.catalogue.section(section) if r.script.status in self.statuses]
