"""What the saved questionnaires are as vectors, kept for as long as the process lives: nobody pays for one twice."""

import threading
from collections.abc import Sequence

from services.domain.scripts import Vectors
from services.ground.progress import Report
from services.ports import Embedder
from services.vectors import embed_questions

_AT_A_TIME = 8


class Heard:
    """Questions by the model that read them. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By the digest of the model, then by text.
        self._kept: dict[str, dict[str, Vectors]] = {}

    def costs(self, texts: Sequence[str], embedder: Embedder) -> bool:
        """Whether asking these would send something to a server."""
        known = self._kept.get(embedder.identity.digest, {})
        return not embedder.local and any(text not in known for text in texts)

    def of(self, texts: Sequence[str], embedder: Embedder, report: Report) -> list[Vectors]:
        """``float32[d]`` of each, embedded where that was not done before; others of this model are forgotten.

        Raises:
            EmbedderFailed, Cancelled: what was embedded until then is kept.
        """
        digest = embedder.identity.digest
        known = self._kept.get(digest, {})
        new = [text for text in dict.fromkeys(texts) if text not in known]
        for start in range(0, len(new), _AT_A_TIME):
            report("Reading the saved questionnaires", start, len(new))
            some = new[start : start + _AT_A_TIME]
            known = known | dict(zip(some, embed_questions(some, embedder), strict=True))
            self._keep(digest, known)
        self._keep(digest, {text: known[text] for text in texts})
        return [known[text] for text in texts]

    def _keep(self, digest: str, known: dict[str, Vectors]) -> None:
        with self._lock:
            self._kept[digest] = known
