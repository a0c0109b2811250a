"""Settling what is nearly the same."""

from collections.abc import Mapping, Sequence

from services import settling
from services.domain.settled import Meant, Pair, holding
from services.workbench.opened import Opened


class Settling(Opened):
    """What people settle about the scripts of an open workspace."""

    def settle(self, bases: Mapping[str, str]) -> Meant:
        """Take two scripts as both meant. Raises as ``services.settling.settle`` does."""
        return settling.settle(bases, by=self.past.signer, store=self.records, settled=self.settled)

    def take_back(self, pair: Pair) -> None:
        """Let two near-duplicates come up again. Raises as ``services.settling.take_back`` does."""
        settling.take_back(pair, store=self.records, settled=self.settled)

    def meant(self) -> Sequence[Meant]:
        """The near-duplicates that are both meant, for as long as both texts are what they were."""
        return holding(self.settled.all()[0], self.catalogue.records)
