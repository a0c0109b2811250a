"""Any embedder, with a short memory for questions: a page that is drawn again does not pay for its question again."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from services.domain.scripts import Vectors
from services.embedders.around import Around
from services.ports import Embedder

# Long enough for somebody who opens a script or moves a slider, too short to hide a model that changed behind its
# address. One that runs in this process cannot change: all questionnaires, asked again, cost the editor a second.
SECONDS = 60.0
QUESTIONS = 256


class Remembering(Around):
    """Answers ``embed_query`` from memory, for a minute if the model is elsewhere; all else is the embedder's own."""

    def __init__(self, embedder: Embedder, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(embedder)
        self._clock = clock
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, tuple[float, Vectors]] = OrderedDict()

    def embed_query(self, text: str) -> Vectors:
        """``float32[d]``, as it was embedded before. Raises as the embedder does."""
        with self._lock:
            known = self._vectors.get(text)
        if known is not None and (self.local or self._clock() - known[0] < SECONDS):
            return known[1]
        vector = super().embed_query(text)
        with self._lock:
            self._vectors[text] = (self._clock(), vector)
            self._vectors.move_to_end(text)
            while len(self._vectors) > QUESTIONS:
                self._vectors.popitem(last=False)
        return vector
