"""What there is to understand of the map of an open workspace."""

import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from services import retrieve as retrieval
from services.attention import random_sections
from services.domain.landscape import AskedOnMap, Landscape
from services.domain.maps import Map
from services.domain.questionnaires import Questionnaire
from services.domain.trust import Trust
from services.ground.progress import Report, silent
from services.map.asking import on_map
from services.map.heard import Heard
from services.map.naming import Vocabulary
from services.map.understanding import Known, basis_of, random_of, understand
from services.ports import Catalogue, VectorIndex
from services.workbench.asking import Asking

# The stand-in and the full map, before and after an edit.
_KEPT = 4


class Understanding(Asking):
    """What can be told of a map. Nothing here is stored."""

    def __init__(self, root: Path, secrets: Mapping[str, str] | None = None) -> None:
        self._understanding = threading.Lock()
        self._vocabulary = Vocabulary()
        self._heard = Heard()
        # By what each was computed from, the last used last.
        self._landscapes: dict[str, Landscape] = {}
        super().__init__(root, secrets)

    def landscape(self, shown: Map, report: Report | None = None, *, send: bool = False) -> Landscape:
        """The clusters of a map by name, what stands alone or twice, and the gaps. Asks the model: not for a page run.

        Where the model is behind a server, questionnaires that it has not read yet are sent to it with ``send`` only.
        One that is known is not computed again, unless its questionnaires could not be asked or are to be now.

        Raises:
            IndexBroken: the index cannot be read.
            Cancelled: somebody said stop.
        """
        with self._understanding:
            known = self.landscape_shown(shown)
            if known is not None and not known.gaps_failed and not (send and known.gaps_unasked):
                return known
            found = self._ask(partial(self._understood, shown, report or silent, send))
            kept = {basis: landscape for basis, landscape in self._landscapes.items() if basis != found.basis}
            self._landscapes = dict([*kept.items(), (found.basis, found)][-_KEPT:])
            return found

    def landscape_shown(self, shown: Map) -> Landscape | None:
        """What ``landscape`` has found of this map and the corpus of now; None where nobody has looked.

        Cheap. Raises ``IndexBroken``.
        """
        if not self._landscapes:
            return None
        known, settings = self.trusts(as_seen=True), self.settings
        corpus = self._remembered.basis(
            self.catalogue, self.all_questionnaires, settings, self._stamp(), random_sections(known, settings)
        )
        return self._landscapes.get(self._basis(shown, corpus, known))

    def ask_map(
        self, shown: Map, questionnaire: Questionnaire, options: retrieval.Options | None = None, embedder: str = ""
    ) -> AskedOnMap:
        """Retrieve as everywhere, and tell where question and hits lie on a map. Raises as ``retrieve`` does."""
        return on_map(self.retrieve(questionnaire, options, embedder), shown)

    def _understood(
        self,
        shown: Map,
        report: Report,
        send: bool,  # noqa: FBT001  it is handed on
        index: VectorIndex,
        catalogue: Catalogue,
    ) -> Landscape:
        attended = self._attended(index, catalogue)
        basis = self._basis(shown, attended.basis(), attended.known)
        return understand(shown, attended, Known(basis, self._vocabulary, self._heard), report, send=send)

    def _basis(self, shown: Map, corpus: str, known: Mapping[str, Trust]) -> str:
        random = random_of(known, self.settings.sections)
        return basis_of(shown, corpus, random, self.settled.all()[0].values())
