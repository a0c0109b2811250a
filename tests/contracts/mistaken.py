"""Corpora in memory that one model made, and those of which another made a part."""

from services.domain.checks import Check, Health
from services.domain.model_digest import State
from services.domain.scripts import Record
from services.domain.trust import Trust
from services.embedders.hashing import Hashing
from services.ports import Embedder
from tests.checking import Corpus, records_of, scripts_of, with_vectors

TEXTS = scripts_of(6, 1)
IDS = tuple(made.id for made in TEXTS)
SHARED = Hashing()


def trust(corpus: Corpus, section: str = "induction") -> Trust:
    return corpus.trusts()[section]


def state(found: Health, check: Check) -> State | None:
    cell = found.collections[0].cell(check)
    assert cell is not None
    return cell.state


def foreign_in(records: list[Record], positions: list[int], other: Embedder) -> list[Record]:
    made = records_of([records[p].script for p in positions], other)
    return with_vectors(records, {p: r.vectors.values for p, r in zip(positions, made, strict=True)})
