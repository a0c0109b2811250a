"""The scripts of one section in one vector space, and many questions ranked over them at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain import fusion
from services.domain.directions import unit
from services.domain.fusion import Mask, Positions
from services.domain.methods import Method, Mode, Passages
from services.domain.runs import DEPTH, Found
from services.domain.scripts import Record, Script, Vectors, VectorSet
from services.errors import InvalidInput
from services.ranking.lexical import Lexicon
from services.ranking.ordering import Order, mean_directions, order
from services.ranking.weighing import needs_words

# Numbers of a tile of distances: large enough for the product to be fast, small enough for the processor's cache.
_TILE = 4_000_000
_MOST_QUESTIONS = 256


@dataclass(frozen=True, eq=False)
class Rows:
    """Passages of some scripts as unit vectors, each different one once.

    ``values`` is ``float32[u, d]``; passage i is row ``row_of[i]``, ``int64[n]``, so that the same vector has the same
    distance to the last bit. Those of script ``owners[j]`` begin at ``starts[j]``; ``cards`` is ``bool[n]``.
    """

    values: Vectors
    row_of: Positions
    owners: Positions
    starts: Positions
    cards: Mask

    @cached_property
    def all_differ(self) -> bool:
        """Whether no vector is there twice."""
        return len(self.values) == len(self.row_of)


@dataclass(frozen=True, eq=False)
class Ground:
    """The scripts of a section, in the order of ids; ``sets`` are the vectors of those that have some."""

    section: str
    scripts: tuple[Script, ...]
    sets: Mapping[str, VectorSet]

    @classmethod
    def of(cls, section: str, records: Sequence[Record], vectors: Mapping[str, VectorSet] | None = None) -> "Ground":
        """The scripts of these records that are of the section, all in one space.

        ``vectors`` by script, all of one model: those of the records or others. None: asked by words only.
        """
        scripts = sorted((r.script for r in records if r.script.section == section), key=lambda s: s.id)
        held = vectors or {}
        return cls(section, tuple(scripts), {s.id: held[s.id] for s in scripts if s.id in held})

    @property
    def ids(self) -> tuple[str, ...]:
        """The scripts, each at its position."""
        return self._ids

    def ranked(  # noqa: PLR0913  what is asked, and what of the answer is wanted
        self,
        questions: Sequence[str],
        vectors: Vectors | None,
        method: Method,
        *,
        cut_off: float | None = None,
        wanted: Sequence[Collection[str]] = (),
        depth: int = DEPTH,
    ) -> list[Found]:
        """The ranking for each question, best first, cut to ``depth``.

        ``questions`` are the texts whose words are compared (``Questionnaire.words_text``); ``vectors`` are theirs,
        ``float32[q, d]``; a lexical method does without, and then there are no distances and no cut-off. ``wanted``:
        the scripts whose ranks in the whole section are to be told, by question. Where no script has vectors nothing is
        known to be alike, and the order is not varied.

        Raises:
            InvalidInput: a method that needs vectors, without any.
        """
        if vectors is None and method.mode is not Mode.LEXICAL:
            raise InvalidInput("Without vectors, scripts can only be found by words.", "Choose the mode 'lexical'.")
        if vectors is None and cut_off is not None:
            raise InvalidInput("Without vectors there are no distances to cut off at.", "Leave the cut-off out.")
        method = method if self.sets else replace(method, variety=0.0)
        found: list[Found] = []
        for tile in self._tiles(len(questions)):
            distances = self._distances(tile, vectors, method)
            shared = self._lexicon.scores(questions[tile]) if needs_words(method) else None
            ordered = order(
                distances,
                shared,
                method,
                cut_off=cut_off,
                directions=lambda pool: self._directions[pool],
                depth=depth,
            )
            found += self._told(ordered, distances, wanted[tile] or [()] * len(distances), depth)
        return found

    def lexicon_of(self, lexicon: Lexicon) -> "Ground":
        """The same ground, which takes the words from a lexicon of these very scripts instead of reading them."""
        if lexicon.holds(self.scripts):
            self.__dict__["_lexicon"] = lexicon
        return self

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return tuple(script.id for script in self.scripts)

    @cached_property
    def _names(self) -> npt.NDArray[np.object_]:
        return np.array(self._ids, object)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {script: position for position, script in enumerate(self._ids)}

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.of(self.scripts)

    @cached_property
    def _rows(self) -> Rows:
        owned = [(position, self.sets[i]) for position, i in enumerate(self._ids) if i in self.sets]
        counts = np.array([len(held.values) for _, held in owned], np.int64)
        if not owned:
            none = np.zeros(0, np.int64)
            return Rows(np.zeros((0, 0), np.float32), none, none, none, np.zeros(0, bool))
        stacked = unit(np.concatenate([held.values for _, held in owned]))
        kinds = np.array([passage.kind == "card" for _, held in owned for passage in held.passages], bool)
        first: dict[bytes, int] = {}
        row_of = np.array([first.setdefault(row.tobytes(), len(first)) for row in stacked], np.int64)
        kept = np.unique(row_of, return_index=True)[1]
        values = stacked if len(kept) == len(stacked) else stacked[kept]
        owners = np.array([position for position, _ in owned], np.int64)
        return Rows(values, row_of, owners, np.cumsum(counts) - counts, kinds)

    @cached_property
    def _directions(self) -> Vectors:
        """``float32[s, d]``: where each script points; 0 where it has no vectors."""
        return mean_directions([self.sets.get(script) for script in self._ids])

    def _tiles(self, count: int) -> Iterator[slice]:
        width = max(len(self.scripts), len(self._rows.row_of), 1)
        size = max(1, min(_MOST_QUESTIONS, _TILE // width))
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def _distances(self, tile: slice, vectors: Vectors | None, method: Method) -> Vectors:
        """``float32[q, s]``: cosine distances by the method's passages; inf where a script has none."""
        count, rows = tile.stop - tile.start, self._rows
        found = np.full((count, len(self.scripts)), np.inf, np.float32)
        if vectors is None or not len(rows.owners):
            return found
        near = unit(vectors[tile]) @ rows.values.T
        np.maximum(np.subtract(1.0, near, out=near), 0.0, out=near)
        passages = near if rows.all_differ else near[:, rows.row_of]
        if len(rows.starts) == len(rows.row_of) and method.passages in {Passages.BOTH, Passages.START}:
            of_scripts = passages
        else:
            of_scripts = fusion.script_distances(passages, rows.starts, rows.cards, method.passages, method.nearest)
        if len(rows.owners) == len(self.scripts):
            return of_scripts
        found[:, rows.owners] = of_scripts
        return found

    def _told(
        self, ordered: Order, distances: Vectors, wanted: Sequence[Collection[str]], depth: int
    ) -> Iterator[Found]:
        """What is told of each question."""
        scores = fusion.falling(ordered.scores)
        near = np.take_along_axis(distances, ordered.places, axis=1)
        for row, (places, ranked) in enumerate(zip(ordered.places, ordered.ranked, strict=True)):
            kept = min(depth, ranked)
            names, far = self._names[places[:kept]], near[row, :kept]
            yield _told(names, scores[row, :kept], far, ranked, self._ranks(ordered, row, wanted[row]))

    def _ranks(self, ordered: Order, row: int, wanted: Collection[str]) -> dict[str, int]:
        """The rank of each wanted script that is ranked."""
        here = {script: self._position[script] for script in wanted if script in self._position}
        ranks = {script: ordered.rank(row, position) for script, position in here.items()}
        return {script: rank for script, rank in ranks.items() if rank is not None}


def _told(
    scripts: npt.NDArray[np.object_], scores: Vectors, distances: Vectors, ranked: int, ranks: Mapping[str, int]
) -> Found:
    near = distances.tolist()
    # inf stands for none.
    told = tuple(near) if np.isfinite(distances).all() else tuple(None if d > 2.5 else d for d in near)  # noqa: PLR2004
    return Found(tuple(scripts.tolist()), tuple(scores.tolist()), told, ranked, ranks)
