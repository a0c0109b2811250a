"""What the saved questionnaires are as vectors, kept for a while: nobody pays for one twice in a sitting."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.domain.scripts import Vectors
from services.ground.progress import Report
from services.ports import Embedder
from services.vectors import embed_questions

_AT_A_TIME = 8
# A model behind a server may become another one under its name. One of this machine cannot.
_KEPT_SECONDS = 3_600.0


@dataclass(frozen=True, eq=False)
class _Kept:
    vector: Vectors
    until: float


class Heard:
    """Questions by the model that read them. Safe to use from several threads, one of which asks at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._asking = threading.Lock()
        self._clock = clock
        # By the digest of the model and by text.
        self._kept: dict[tuple[str, str], _Kept] = {}

    def costs(self, texts: Sequence[str], embedder: Embedder) -> bool:
        """Whether asking these would send something to a server."""
        return not embedder.local and bool(self._new(texts, embedder))

    def of(self, texts: Sequence[str], embedder: Embedder, report: Report) -> list[Vectors]:
        """``float32[d]`` of each, embedded where that was not done within the hour.

        Raises:
            EmbedderFailed, Cancelled: what was embedded until then is kept.
        """
        with self._asking:
            digest = embedder.identity.digest
            new = self._new(texts, embedder)
            for start in range(0, len(new), _AT_A_TIME):
                report("Reading the saved questionnaires", start, len(new))
                some = new[start : start + _AT_A_TIME]
                until = self._clock() + _KEPT_SECONDS
                vectors = zip(some, embed_questions(some, embedder), strict=True)
                self._kept |= {(digest, text): _Kept(vector, until) for text, vector in vectors}
            found = [self._kept[digest, text].vector for text in texts]
            # What nobody has asked for in an hour is not kept for ever.
            self._kept = {key: one for key, one in self._kept.items() if one.until > self._clock()}
            return found

    def _new(self, texts: Sequence[str], embedder: Embedder) -> list[str]:
        digest, now, kept = embedder.identity.digest, self._clock(), self._kept
        return [text for text in dict.fromkeys(texts) if (one := kept.get((digest, text))) is None or one.until <= now]
