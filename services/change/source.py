"""Where the vectors of a change come from: what was paid for once, what records carried, and the model for the rest."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from services.domain.canaries import Canaries, cosines, min_cosine
from services.domain.model_change import SAME_SPACE
from services.domain.model_digest import Stamp
from services.domain.scripts import Record, Vectors, VectorSet
from services.errors import EmbedderFailed, StorageFailed
from services.ground.clock import now
from services.ground.progress import Report
from services.ports import CachedVectors, Embedder, EmbeddingCache
from services.vectors import Prepared, embed_canaries, prepare, recipe_of

# Passages asked for at a time, each batch kept before the next: what a kill may cost, and how soon a stop is heard.
BATCH_HERE = 32
# One request: never two answers on their way that a kill would lose together.
BATCH_SENT = 128
# Of the vectors that records carried, how many the model is asked for again before the rest is believed.
_SAMPLE = 5


class Source:
    """The vectors of one model for one change."""

    def __init__(  # noqa: PLR0913  each is a fact of the change
        self,
        embedder: Embedder,
        cache: EmbeddingCache,
        *,
        of_records: bool,
        believed: bool = False,
        doubted: bool = False,
        recorded: Canaries | None = None,
        stays: bool = False,
    ) -> None:
        """Nothing is asked of the model before ``fetch`` misses something.

        ``of_records``: take what records carried under this model before; ``believed``: without asking the model
        whether it still answers so, for whoever goes back; ``doubted``: what is kept of the model is compared first.
        ``recorded`` are the model's canaries; where vectors of the model stay in the workspace (``stays``), it must
        still answer as it did when they were recorded.
        """
        self.embedder = embedder
        self.stamp = Stamp.of(recipe_of(embedder))
        self.space: CachedVectors | None = None
        self._cache = cache
        self._carried = cache.of_records(self.stamp.model_digest) if of_records else None
        self._believed = believed
        self._doubted = doubted
        self._recorded = recorded if stays else None
        # Passages whose vectors the model was asked for.
        self.embedded = 0

    @property
    def of_records(self) -> bool:
        """Whether vectors that records carried are taken."""
        return self._carried is not None

    def get(self, texts: Sequence[str]) -> Mapping[str, Vectors]:
        """What is there, without asking the model."""
        carried = self._carried.get(texts) if self._carried else {}
        return {**carried, **(self.space.get(texts) if self.space else {})}

    def records(self, records: Sequence[Record], report: Report) -> dict[str, Record]:
        """Each record with this model's vectors, by the digest that it has now.

        Raises:
            EmbedderFailed: the model is not there, answers wrongly, or no longer as it did.
            StorageFailed: the cache cannot be written. What was kept stays kept.
            Whatever ``report`` raises to stop; likewise.
        """
        prepared = [prepare(record.script, self.embedder) for record in records]
        known = self.vectors([text for one in prepared for text in one.texts], report)
        return {
            record.digest: Record(record.script, vector_set(one, self.stamp, known))
            for record, one in zip(records, prepared, strict=True)
        }

    def vectors(self, texts: Sequence[str], report: Report) -> Mapping[str, Vectors]:
        """``float32[d]`` of each text. Raises as ``records`` does."""
        self._fetch(texts, report)
        known = self.get(texts)
        if any(text not in known for text in texts):
            raise StorageFailed("The cache of embeddings was deleted meanwhile.", "Start again; nothing has changed.")
        return known

    def _fetch(self, texts: Sequence[str], report: Report) -> None:
        if not texts or (self._believed and not self._missing(texts)):
            return
        self._open(texts, report)
        missing = self._missing(texts)
        self.embedded += sum(text in missing for text in texts)
        todo, total = list(missing), len(missing)
        size = BATCH_HERE if self.embedder.local else BATCH_SENT
        for start in range(0, total, size):
            report("Embedding", start, total)
            self._ask(todo[start : start + size])
        if total:
            report("Embedding", total, total)

    def _missing(self, texts: Sequence[str]) -> dict[str, None]:
        known = self.get(texts)
        return {text: None for text in texts if text not in known}

    def _open(self, texts: Sequence[str], report: Report) -> None:
        """Find the space that the model answers in now; what a provider has moved away from is not taken."""
        if self.space is not None:
            return
        report("Recognising the model", 0, 0)
        fresh = embed_canaries(self.embedder, now())
        if self._recorded is not None and min_cosine(self._recorded, fresh) < SAME_SPACE:
            name = self.embedder.name
            raise EmbedderFailed(
                f"{self.stamp.model_name} no longer answers as it did when the scripts were embedded.",
                f"Embed all of them anew, so that they stay in one space: rebuild --embedder {name} --all",
            )
        self.space = self._cache.space(fresh)
        # Canaries may stay where other texts move: whoever embeds everything anew doubts what is kept.
        if self._doubted and not self._agrees(self.space, texts):
            self.space = self._cache.anew(fresh)
        if self._carried is not None and not self._agrees(self._carried, texts):
            self._carried = None

    def _agrees(self, carried: CachedVectors, texts: Sequence[str]) -> bool:
        known = carried.get(texts)
        step = max(1, len(known) // _SAMPLE)
        sample = list(known)[::step][:_SAMPLE]
        if not sample:
            return True
        answered = self._ask(sample)
        return bool(cosines(np.stack([known[text] for text in sample]), answered).min() >= SAME_SPACE)

    def _ask(self, texts: list[str]) -> Vectors:
        assert self.space is not None  # noqa: S101  _open comes first
        vectors = self.embedder.embed_documents(texts)
        self.space.put(texts, vectors)
        return vectors


def vector_set(prepared: Prepared, stamp: Stamp, known: Mapping[str, Vectors]) -> VectorSet:
    """The vectors of a script, all of which are known."""
    return VectorSet(stamp, prepared.passages, np.stack([known[text] for text in prepared.texts]))


def carry(records: Iterable[Record], cache: EmbeddingCache, card: str) -> None:
    """Keep the vectors that records carry, by the model that made them. Raises ``StorageFailed``."""
    rows: dict[str, list[tuple[str, Vectors]]] = {}
    for record in records:
        if record.vectors is not None:
            texts = (record.script.passage_text(passage, card) for passage in record.vectors.passages)
            rows.setdefault(record.vectors.stamp.model_digest, []).extend(
                zip(texts, record.vectors.values, strict=True)
            )
    for digest, kept in rows.items():
        # Instead of those of an earlier time, which may be of what the model was before it changed.
        cache.of_records(digest).replace([text for text, _ in kept], np.stack([vector for _, vector in kept]))
