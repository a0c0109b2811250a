"""Whether the answers can be trusted, measured and kept."""

from collections.abc import Sequence

from services import health as health_check
from services.domain.checks import Health
from services.domain.trust import Measurement
from services.ground.progress import Report, silent
from services.health.measure import Subject
from services.ports import Catalogue, VectorIndex
from services.workbench.asking import Asking


class Checking(Asking):
    """What is measured about an open workspace, and kept."""

    def health(self) -> Health:
        """Compare every collection with the records and with the model that asks, by what was measured last.

        Asks no model, so that a page may call it. Raises ``IndexBroken``.
        """
        note = tuple(filter(None, (self.note if not self._index.problem else "", self.checkups.note)))
        return self._ask(
            lambda index, catalogue: health_check.health(
                self._facts(index, catalogue),
                generation=self._index.generation,
                broken=(
                    *self.questionnaires.all()[1],
                    *self.judgements.all()[1],
                    *self.runs.summaries()[1],
                    *self.checkups.broken,
                ),
                problems=tuple(filter(None, (self.models.problem, self._index.problem, self.records.lagging))),
                notes=note,
            )
        )

    def check(self, report: Report | None = None) -> Health:
        """Ask the model for its canaries and for stored passages once more, keep what it says, and weigh it all.

        Raises:
            IndexBroken: the index cannot be read.
        """
        self._ask(lambda index, catalogue: self.checkups.check(self._subject(index, catalogue), report or silent))
        return self.health()

    def check_due(self) -> bool:
        """Whether something has come that no check has looked at yet. Asks no model. Raises ``IndexBroken``."""
        return self._ask(lambda index, catalogue: self.checkups.due(self._facts(index, catalogue)))

    def checks(self) -> Sequence[Measurement]:
        """Every check that was kept, the oldest first."""
        return self.checkups.all()

    def accept_baseline(self) -> None:
        """Compare later checks with the last one. Raises ``NotFound``, ``WorkspaceBusy``, ``StorageFailed``."""
        self.checkups.accept(self._stamp(), self.settings.embedder.base_url)

    def _subject(self, index: VectorIndex, catalogue: Catalogue) -> Subject:
        asked = self.all_questionnaires
        return Subject(self.settings, catalogue, index, self.embedder(), self.checkups.canaries, asked)
