"""What a workspace can be asked: nothing here writes."""

import contextlib
from collections.abc import Mapping

from services import health as health_check
from services import inspect as inspection
from services import retrieve as retrieval
from services import wiring
from services.attention import Attended, Attention, attend, random_sections
from services.domain.inspection import Inspection
from services.domain.questionnaires import Questionnaire
from services.domain.results import Retrieval
from services.domain.scripts import Script
from services.domain.settled import holding
from services.domain.trust import Trust
from services.effects import Effects, Surroundings, effects
from services.errors import IndexBroken
from services.ground.clock import now
from services.ground.progress import Report, silent
from services.ports import Catalogue, VectorIndex
from services.silent_bug import SilentBug, Stage, reproduce
from services.workbench.opened import Opened


class Asking(Opened):
    """What can be asked of an open workspace. Nothing here writes."""

    def retrieve(
        self, questionnaire: Questionnaire, options: retrieval.Options | None = None, embedder: str = ""
    ) -> Retrieval:
        """Rank the scripts of each section. Raises as ``services.retrieve.retrieve`` and ``refresh`` do."""
        return self._ask(
            lambda index, catalogue: retrieval.retrieve(
                questionnaire,
                options=options or retrieval.Options(top_k=self.settings.top_k),
                settings=self.settings,
                catalogue=catalogue,
                index=index,
                embedder=self._asking(embedder),
                known=health_check.trusts(self._facts(index, catalogue, embedder)),
                lexicons=self._lexicons,
            )
        )

    def trusts(self, *, as_seen: bool = False) -> Mapping[str, Trust]:
        """Whether each section's collection may be asked with the workspace's model, by what is recorded and measured.

        A section without passages has no entry. ``as_seen``: of the last refresh, without looking at the disk again.
        Raises ``IndexBroken``.
        """
        if as_seen and (seen := self._index.last):
            with contextlib.suppress(IndexBroken):  # closed by another thread meanwhile
                return health_check.trusts(self._facts(seen.index, seen.catalogue))
        return self._ask(lambda index, catalogue: health_check.trusts(self._facts(index, catalogue)))

    def effects(self, script: Script, report: Report | None = None) -> Effects:
        """What saving this version of a script would change. Stores nothing. Raises as ``services.effects.effects``."""
        return self._ask(
            lambda index, catalogue: effects(
                script,
                Surroundings(
                    self.settings,
                    catalogue,
                    index,
                    self._asking(),
                    self.all_questionnaires,
                    self.nearness(),
                    health_check.trusts(self._facts(index, catalogue)),
                    self._lexicons,
                ),
                report or silent,
            )
        )

    def attention(self, report: Report | None = None) -> Attention:
        """What needs a practitioner's attention. Asks the model for the saved questionnaires: not for a page run.

        Raises:
            EmbedderFailed: the questions could not be embedded.
            IndexBroken: the index cannot be read.
        """
        found = self._ask(lambda index, catalogue: attend(self._attended(index, catalogue), report or silent))
        self._remembered.found(found)
        return found

    @property
    def attention_last(self) -> Attention | None:
        """What was found last, without what has been settled since; None where nobody has looked yet. Cheap."""
        return self._remembered.still(self.catalogue, self.settled.all()[0])

    def attention_basis(self) -> str:
        """What ``attention`` would be computed from now, as of the last refresh. Cheap. Raises ``IndexBroken``."""
        random = random_sections(self.trusts(as_seen=True), self.settings)
        return self._remembered.basis(self.catalogue, self.all_questionnaires, self.settings, self._stamp(), random)

    def inspect(self, target: str, sample: int = inspection.SAMPLE, report: Report | None = None) -> Inspection:
        """Which models made the vectors of a store that somebody else built. Changes nothing, there or here.

        ``target`` is the path of a Chroma folder, or a connection string of PostgreSQL. Raises as
        ``services.inspect.inspect`` does.
        """
        self._reread_settings()
        asks_openai = wiring.key(self.secrets) or self.settings.embedder.name == "openai"
        names = [name for name in wiring.EMBEDDERS if name != "openai" or asks_openai]
        embedders = {name: self.embedder(name) for name in names}
        with contextlib.closing(wiring.stranger_store(target)) as store:
            return inspection.inspect(store, embedders, self.settings.thresholds, sample, report or silent)

    def silent_bug(self, report: Report | None = None) -> SilentBug:
        """Reproduce it on copies in memory: scripts embedded by hashing their words, asked by MiniLM.

        Raises ``EmbedderFailed``.
        """
        stage = Stage(
            settings=self.settings,
            catalogue=self.records.catalogue(),
            questionnaires=self.all_questionnaires,
            new_index=wiring.throwaway_index,
            asker=wiring.asking_once(self.embedder("minilm")),
            other=wiring.asking_once(self.embedder("hashing")),
        )
        return reproduce(stage, now(), report or silent)

    def _facts(self, index: VectorIndex, catalogue: Catalogue, embedder: str = "") -> health_check.Facts:
        identity, query = self.embedder(embedder).identity, self._stamp(embedder)
        canaries = self.checkups.canaries.get(identity.digest)
        return health_check.Facts(
            settings=self.settings,
            catalogue=catalogue,
            index=index,
            query=query,
            normalised=identity.normalised,
            kept=self.checkups.kept(query, self.settings.embedder.base_url),
            canaries_recorded=canaries.recorded if canaries else "",
        )

    def _attended(self, index: VectorIndex, catalogue: Catalogue) -> Attended:
        return Attended(
            settings=self.settings,
            catalogue=catalogue,
            index=index,
            questionnaires=self.all_questionnaires,
            embedder=self._asking(),
            stamp=self._stamp(),
            known=health_check.trusts(self._facts(index, catalogue)),
            nearness=self.nearness(),
            left_out=self.report.left_out,
            remembered=self._remembered,
            lexicons=self._lexicons,
            meant={one.pair for one in holding(self.settled.all()[0], catalogue.records)},
        )
