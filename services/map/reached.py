"""How far something is from the scripts, as retrieval tells it: passage by passage, of those that may be retrieved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.domain import fusion
from services.domain.directions import unit
from services.domain.maps import NONE, Numbers, Points
from services.domain.methods import Method
from services.domain.passages import Passage
from services.domain.scripts import Record, Status, Vectors
from services.ground.progress import Progress

# Numbers of passages, and products of them, that are held at once: 64 MB each.
_AT_ONCE = 16_000_000
# So many passages say how far one usually is from another script.
_MOST = 1_000
_SEED = 20_261_122


@dataclass(frozen=True, eq=False)
class Reachable:
    """The approved scripts of a side in the order of its points, passage by passage, and what their distance is of."""

    scripts: tuple[str, ...]
    passages: tuple[tuple[Passage, ...], ...]
    # Of each script ``float32[p, d]``, as they are kept.
    values: tuple[Vectors, ...]
    method: Method

    @classmethod
    def of(cls, points: Points, records: Mapping[str, Record], method: Method) -> "Reachable":
        """Those of the points that a question would find, unless it asks for others."""
        placed = [records[script] for script in points.scripts]
        kept = [(r.script.id, r.vectors) for r in placed if r.script.status is Status.APPROVED and r.vectors]
        return cls(
            tuple(script for script, _ in kept),
            tuple(vectors.passages for _, vectors in kept),
            tuple(vectors.values for _, vectors in kept),
            method,
        )

    def nearest(
        self, asked: Vectors, *, own: Numbers | None = None, progress: Progress | None = None
    ) -> tuple[Numbers, Vectors]:
        """Of each of ``asked``, ``float32[q, d]`` of unit length, the place of its nearest script and how far that is.

        -1 and inf where there is none. ``own`` is the place of the script that each is of, which is no answer.
        """
        which, far = np.full(len(asked), NONE, np.int64), np.full(len(asked), np.inf, np.float32)
        for some in self._blocks(len(asked)):
            if progress:
                progress(some.start, len(self.scripts))
            found = self._distances(asked, some)
            if own is not None:
                rows = np.flatnonzero((own >= some.start) & (own < some.stop))
                found[rows, own[rows] - some.start] = np.inf
            best = found.argmin(axis=1)
            least = np.take_along_axis(found, best[:, np.newaxis], axis=1)[:, 0]
            closer = least < far
            which[closer], far[closer] = best[closer] + some.start, least[closer]
        return which, far

    def usual(self, progress: Progress | None = None) -> float | None:
        """The median distance of a passage from the nearest other script, of 1,000 at most; None where there is none.

        A passage is one vector, as a question is: so the two compare.
        """
        pairs = [
            (place, ordinal)
            for place, passages in enumerate(self.passages)
            for ordinal in np.flatnonzero(fusion.counted(self.method.passages, _cards(passages))).tolist()
        ]
        if len(pairs) > _MOST:
            chosen = np.random.default_rng(_SEED).choice(len(pairs), _MOST, replace=False)
            pairs = [pairs[number] for number in np.sort(chosen).tolist()]
        if not pairs:
            return None
        own = np.array([place for place, _ in pairs], np.int64)
        vectors = unit(np.stack([self.values[place][ordinal] for place, ordinal in pairs]))
        far = self.nearest(vectors, own=own, progress=progress)[1]
        return float(np.median(far)) if np.isfinite(far).all() else None

    def _distances(self, asked: Vectors, some: slice) -> Vectors:
        """``float32[q, s]``, of these scripts."""
        sizes = [len(values) for values in self.values[some]]
        starts = np.cumsum([0, *sizes])[:-1].astype(np.int64)
        cards = np.concatenate([_cards(passages) for passages in self.passages[some]])
        cosines = asked @ unit(np.concatenate(self.values[some])).T
        far = np.maximum(0.0, 1.0 - cosines).astype(np.float32, copy=False)
        return fusion.script_distances(far, starts, cards, self.method.passages, self.method.nearest)

    def _blocks(self, asked: int) -> Iterator[slice]:
        """Runs of scripts that are not too much at once."""
        if not self.scripts:
            return
        most = _AT_ONCE // max(asked, self.values[0].shape[1], 1)
        start, held = 0, 0
        for place, values in enumerate(self.values):
            if held and held + len(values) > most:
                yield slice(start, place)
                start, held = place, 0
            held += len(values)
        yield slice(start, len(self.scripts))


def _cards(passages: Sequence[Passage]) -> fusion.Mask:
    return np.array([passage.kind == "card" for passage in passages], bool)
