"""What was found that needs attention, and what of it is still so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.domain.scripts import Status
from services.domain.settled import Meant, Pair, holding
from services.nearness.repeated import Repeated
from services.ports import Catalogue


@dataclass(frozen=True)
class Far:
    """A questionnaire that finds nothing near in a section: an unrelated question would come as near."""

    questionnaire: str
    title: str
    section: str
    # Cosine distance of the nearest approved script.
    distance: float


def damaged(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """The files of scripts that cannot be used: path, and the id that each would have."""
    return tuple((broken.path, script_id) for script_id, found in catalogue.damaged.items() for broken in found)


@dataclass(frozen=True)
class Attention:
    """What was found, worst first. Scripts and questionnaires by id."""

    # What it was computed from: another value means that something has changed since.
    basis: str
    # Files of scripts that cannot be used, by path, each with the id that it would have.
    damaged: tuple[tuple[str, str], ...] = ()
    twins: Repeated = field(default_factory=Repeated)
    drafts: tuple[str, ...] = ()
    # Approved scripts that are among the first ``top_k`` hits of no saved questionnaire.
    unused: tuple[str, ...] = ()
    far: tuple[Far, ...] = ()
    # Share of the words that stand in no passage, by script.
    unread: tuple[tuple[str, float], ...] = ()
    # Approved scripts that cannot be retrieved, with the reason.
    left_out: tuple[tuple[str, str], ...] = ()
    # Scripts that can be retrieved by section, and the sections that have few beside the largest.
    sizes: Mapping[str, int] = field(default_factory=dict)
    thin: tuple[str, ...] = ()
    # Questionnaires that were asked, and sections that were not because their answers are random.
    asked: int = 0
    top_k: int = 0
    not_asked: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many things need attention."""
        found = (self.damaged, self.drafts, self.unused, self.far, self.unread, self.left_out, self.thin)
        return len(self.twins) + sum(map(len, found))

    @property
    def run_out(self) -> bool:
        """Whether all near-duplicates that are told of are settled, and there are more: another look finds those."""
        return self.twins.more and not self.twins.near

    def still(self, catalogue: Catalogue, settled: Mapping[Pair, Meant]) -> "Attention":
        """The same without what has been settled since, by this catalogue. Looks for nothing new."""
        records = catalogue.records
        unreadable = damaged(catalogue)

        def is_(script_id: str, *statuses: Status) -> bool:
            return script_id in records and records[script_id].script.status in statuses

        return replace(
            self,
            damaged=tuple(one for one in self.damaged if one in unreadable),
            twins=self.twins.still(records, [meant.pair for meant in holding(settled, records)]),
            drafts=tuple(i for i in self.drafts if is_(i, Status.DRAFT)),
            unused=tuple(i for i in self.unused if is_(i, Status.APPROVED)),
            unread=tuple(one for one in self.unread if is_(one[0], Status.APPROVED, Status.DRAFT)),
            left_out=tuple(one for one in self.left_out if is_(one[0], Status.APPROVED)),
        )
