"""Stored vectors beside those that an embedder makes of the same documents, and what follows from that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.domain.canaries import cosines
from services.domain.inspection import Comparison, Origin, StoredRows
from services.domain.scripts import Vectors
from services.domain.settings import Thresholds
from services.domain.words import model
from services.errors import EmbedderFailed
from services.ground.progress import Report
from services.inspect.sample import choose, spread
from services.ports import Embedder

# Texts that one model reads in two ways (cut elsewhere, with a title or a prefix in front) stay above this cosine, and
# those of two models, whose spaces have nothing to do with each other, below.
RELATED = 0.5
# Rows that are compared once they do not agree, to state a share.
WIDE = 200


@dataclass(frozen=True, eq=False)
class Tried:
    """What came of comparing a collection with one embedder: ``found[i]`` is the cosine of row ``positions[i]``."""

    name: str
    embedder: Embedder
    positions: tuple[int, ...]
    found: Vectors
    # Whether the model reads these documents to their end.
    whole: bool = True
    # Why nothing was compared.
    reason: str = ""
    # Whether another time it might be: a server that is down, not a model of other dimensions.
    failed: bool = False

    @property
    def model(self) -> str:
        """The model's name, with its precision where that is not the usual one."""
        return model(self.embedder.identity)

    @property
    def lowest(self) -> float:
        """The smallest cosine."""
        return float(self.found.min())

    @property
    def median(self) -> float:
        """The middle one."""
        return float(np.median(self.found))

    def same(self, thresholds: Thresholds) -> set[int]:
        """Rows whose vectors this model makes today."""
        return {
            p for p, cosine in zip(self.positions, self.found, strict=True) if cosine >= thresholds.cosine_attention
        }

    def near(self, thresholds: Thresholds) -> set[int]:
        """Rows whose vectors are at least close to that."""
        return {p for p, cosine in zip(self.positions, self.found, strict=True) if cosine >= thresholds.cosine_broken}

    def comparison(self, thresholds: Thresholds) -> Comparison:
        """As it is reported."""
        if not self.positions:
            return Comparison(self.name, self.model, reason=self.reason)
        counts = len(self.positions), len(self.same(thresholds))
        return Comparison(self.name, self.model, *counts, self.lowest, self.median)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Who made a collection's vectors: ``best`` made most of what was compared, if any did.

    Of a mixture ``best`` is the model that the store claims, where that made some of it.
    """

    origin: Origin
    tried: tuple[Tried, ...]
    best: Tried | None = None
    share: float | None = None
    # Rows that ``best`` did not make, of a mixture.
    strangers: tuple[int, ...] = ()
    # How many rows, spread evenly, were compared to state ``share``, and how many of them are strangers.
    compared: int = 0
    missed: int = 0
    # How many of the strangers other models made, by their names; and the one that made all, where one did.
    others: Mapping[str, int] = field(default_factory=dict)
    other: str = ""


class Comparer:
    """Compares collection after collection with the same embedders."""

    def __init__(self, embedders: Mapping[str, Embedder], thresholds: Thresholds, report: Report) -> None:
        self._embedders, self._thresholds, self._report = embedders, thresholds, report
        # A server that did not answer once is not asked again: each time takes its whole patience.
        self._down: dict[str, str] = {}

    def gather(
        self, name: str, rows: StoredRows, positions: Sequence[int], sample: int, claimed: Callable[[Tried], bool]
    ) -> Evidence:
        """Compare a sample of these rows with every embedder; more of them where they do not agree.

        ``claimed`` says whether the store names that model.
        """
        chosen = choose(rows, positions, sample)
        tried = tuple(self._try(name, key, rows, chosen) for key in self._embedders)
        evidence = judge(tried, self._thresholds)
        return self._widen(name, rows, positions, evidence, claimed) if evidence.origin is Origin.MIXED else evidence

    def _try(self, collection: str, key: str, rows: StoredRows, positions: Sequence[int]) -> Tried:
        embedder = self._embedders[key]
        dimensions, stored = embedder.identity.dimensions, rows.vectors.shape[1]
        nothing = np.zeros(0, np.float32)
        if dimensions != stored:
            reason = f"it makes {dimensions:,} numbers of a text, and here are {stored:,}."
            return Tried(key, embedder, (), nothing, reason=reason)
        if not positions:
            return Tried(key, embedder, (), nothing, reason="no row has both a text and a vector.")
        try:
            if key in self._down:
                raise EmbedderFailed(self._down[key])  # noqa: TRY301  as if it had been asked
            # A question first: it finds out within seconds where documents are tried for minutes.
            embedder.embed_query(rows.documents[positions[0]] or "")
            return self._compare(collection, key, rows, positions)
        except EmbedderFailed as error:
            self._down[key] = error.cause
            return Tried(key, embedder, (), nothing, reason=f"it could not be asked. {error.cause}", failed=True)

    def _compare(self, collection: str, key: str, rows: StoredRows, positions: Sequence[int]) -> Tried:
        embedder = self._embedders[key]
        tokens = embedder.count_tokens([rows.documents[p] or "" for p in positions])
        whole = [p for p, count in zip(positions, tokens, strict=True) if count <= embedder.window]
        used = whole or list(positions)
        stage = f"Embedding {collection} with {model(embedder.identity)}"
        fresh = embedder.embed_documents(
            [rows.documents[p] or "" for p in used], lambda done, total: self._report(stage, done, total)
        )
        return Tried(key, embedder, tuple(used), cosines(rows.vectors[used], fresh), whole=bool(whole))

    def _more(self, name: str, rows: StoredRows, positions: Sequence[int], tried: Tried) -> Tried:
        """Compared with these rows too, those that it was compared with before not once more."""
        new = sorted(set(positions) - set(tried.positions))
        added = self._compare(name, tried.name, rows, new) if new else tried
        known = {p: i for t in (added, tried) for p, i in zip(t.positions, t.found, strict=True)}
        wanted = sorted(set(positions) & known.keys())
        return replace(tried, positions=tuple(wanted), found=np.array([known[p] for p in wanted], np.float32))

    def _widen(
        self,
        name: str,
        rows: StoredRows,
        positions: Sequence[int],
        evidence: Evidence,
        claimed: Callable[[Tried], bool],
    ) -> Evidence:
        """The share and the strangers of a mixture, by up to ``WIDE`` of its rows."""
        wanted = spread(rows, positions, WIDE)
        widened = {
            t.name: self._more(name, rows, wanted, t)
            for t in evidence.tried
            if t is evidence.best or t.same(self._thresholds)
        }
        best = _base(evidence, widened, claimed, self._thresholds)
        wide = list(widened.values())
        missed = set(best.positions) - made_by(best, wide, self._thresholds)
        narrow = next(t for t in evidence.tried if t.name == best.name)
        strangers = missed | (set(narrow.positions) - made_by(narrow, evidence.tried, self._thresholds))
        # Strangers that only the suspects have shown are too few for a share of the sample.
        share = 1 - (len(missed) / len(best.positions) if missed else len(strangers) / len(positions))
        others = _others(strangers, [t for t in (*evidence.tried, *wide) if t.name != best.name], self._thresholds)
        return replace(
            evidence,
            tried=tuple(widened.get(t.name, t) for t in evidence.tried),
            best=best,
            share=share,
            strangers=tuple(sorted(strangers)),
            compared=len(best.positions),
            missed=len(missed),
            others=others,
            other=next((model for model, count in others.items() if count == len(strangers)), ""),
        )


def _others(strangers: set[int], compared: Sequence[Tried], thresholds: Thresholds) -> dict[str, int]:
    """How many of these rows each other model made, by its name, over all that it was compared with."""
    made: dict[str, set[int]] = {}
    for tried in compared:
        made.setdefault(tried.model, set()).update(tried.same(thresholds) & strangers)
    return {model: len(rows) for model, rows in made.items() if rows}


def _base(
    evidence: Evidence, widened: Mapping[str, Tried], claimed: Callable[[Tried], bool], thresholds: Thresholds
) -> Tried:
    """Which part of a mixture is held to be the rightful one: what the store claims, else the greater one."""
    named = [t for t in widened.values() if claimed(t) and t.same(thresholds)]
    if named:
        return max(named, key=lambda t: len(t.same(thresholds)))
    return next(t for t in widened.values() if evidence.best and t.name == evidence.best.name)


def made_by(best: Tried, compared: Sequence[Tried], thresholds: Thresholds) -> set[int]:
    """Rows that are at least close to what this model makes, and not exactly what only another one makes."""
    same = best.same(thresholds)
    by_others = set[int]().union(*(t.same(thresholds) for t in compared if t is not best)) - same
    return best.near(thresholds) - by_others if same else best.near(thresholds)


def judge(tried: Sequence[Tried], thresholds: Thresholds) -> Evidence:
    """Who made these vectors, by the cosines."""
    compared = [t for t in tried if t.positions]
    if not compared:
        return Evidence(Origin.UNKNOWN, tuple(tried))
    best = max(compared, key=lambda t: (len(t.same(thresholds)), len(t.near(thresholds)), t.median))
    return Evidence(_origin(tried, compared, best, thresholds), tuple(tried), best)


def _origin(tried: Sequence[Tried], compared: Sequence[Tried], best: Tried, thresholds: Thresholds) -> Origin:
    same, made, all_of_it = best.same(thresholds), made_by(best, compared, thresholds), set(best.positions)
    if same == all_of_it:
        return Origin.ONE
    if made == all_of_it:
        return Origin.NEAR
    rest = [float(cosine) for p, cosine in zip(best.positions, best.found, strict=True) if p not in made]
    if made and (same or max(rest) < RELATED):
        return Origin.MIXED
    if any(t.failed for t in tried) or any(not t.whole and t.median >= RELATED for t in compared):
        return Origin.UNKNOWN
    return Origin.NONE
