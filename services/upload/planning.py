"""Who decides what adding a draft would do: the planner of an import, kept while the library stays as it is."""

from services.domain.model_digest import Stamp
from services.domain.settings import Settings
from services.importing.plan import Planner
from services.ports import Catalogue, Embedder
from services.upload.suggesting import Corpus
from services.vectors import recipe_of


class Plans:
    """Planners of one review: a person edits many times, and the library behind it hardly ever changes meanwhile."""

    def __init__(self) -> None:
        self._kept: tuple[Catalogue, Settings, Stamp, Planner] | None = None

    def of(self, corpus: Corpus, embedder: Embedder) -> Planner:
        """The planner for the library as it is now."""
        stamp = Stamp.of(recipe_of(embedder))
        if self._kept is not None:
            catalogue, settings, kept_stamp, planner = self._kept
            if catalogue is corpus.catalogue and (settings, kept_stamp) == (corpus.settings, stamp):
                return planner
        planner = Planner(corpus.catalogue, corpus.settings, "", stamp)
        self._kept = corpus.catalogue, corpus.settings, stamp, planner
        return planner
