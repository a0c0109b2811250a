"""Scripts that lie in known directions of a plane, and questions that ask to the east."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.domain.methods import Method
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.results import Ranking
from services.domain.scripts import Record
from services.domain.settings import Settings
from services.errors import EmbedderUnavailable
from services.indexes.exact import ExactIndex
from services.ports import Catalogue
from services.retrieve import Options, retrieve
from services.sync import sync
from tests.doubles import TinyEmbedder, bare_record, record, script, stamp

SECTIONS = ("induction", "awakening")
TWO = stamp(dimensions=2)
# Distances from the east: 0, 1 - 0.8 = 0.2, 1 - 0.6 = 0.4, 1, 2.
HERE, NEAR, FAR, SIDE, BACK = (1, 0), (4, 3), (3, 4), (0, 1), (-1, 0)
FIVE = [
    bare_record("back", [BACK], status="draft"),
    bare_record("far", [FAR, BACK], focus_areas=("sleep",)),
    bare_record("here", [SIDE, HERE], focus_areas=("anger", "sleep")),
    bare_record("near", [NEAR], focus_areas=("anger",)),
    bare_record("side", [SIDE], status="retired"),
]
WORDED = [
    bare_record("back", [BACK], text="the harbour at night"),
    bare_record("far", [FAR, BACK], text="calm sleep"),
    bare_record("here", [SIDE, HERE], text="calm"),
    bare_record("near", [NEAR], text="a bird"),
]
SETTINGS = Settings(sections=SECTIONS, query_template="for {focus_area}")


def world(*records: Record, preferred: Stamp = TWO) -> tuple[Catalogue, ExactIndex]:
    catalogue, index = Catalogue({r.script.id: r for r in records}), ExactIndex()
    sync(catalogue, index, SECTIONS, preferred)
    return catalogue, index


class East(TinyEmbedder):
    """Asks to the east, whatever is said."""

    def embed_query(self, text: str) -> np.ndarray:
        return np.eye(self.dimensions, dtype=np.float32)[0]


class Away(East):
    """Cannot be reached."""

    def embed_query(self, text: str) -> np.ndarray:
        raise EmbedderUnavailable("The model cannot be reached.", "Try again.")


def ranked_in(
    catalogue: Catalogue,
    index: ExactIndex,
    query: TinyEmbedder = East(dimensions=2),  # noqa: B008  never changed
    expected: tuple[Expected, ...] = (),
    **options: object,
) -> Ranking:
    found = retrieve(
        make_questionnaire(query="x", expected=expected),
        options=Options(**options),
        settings=Settings(sections=SECTIONS),
        catalogue=catalogue,
        index=index,
        embedder=query,
    )
    return found.sections["induction"]


def ranked(*records: Record, **asked: object) -> Ranking:
    return ranked_in(*world(*(records or FIVE)), **asked)


def told(ranking: Ranking) -> list[tuple[int, str, float]]:
    return [(hit.rank, hit.script.id, round(hit.distance, 5)) for hit in ranking.hits]


def answer(questionnaire, **options: object):
    embedder = TinyEmbedder()
    texts = [script("one", text="a a a"), script("two", text="b b b"), script("three", "awakening", text="c")]
    catalogue, index = world(*(replace(record(s, embedder), digest=s.digest) for s in texts), preferred=stamp())
    embedder.asked.clear()
    found = retrieve(
        questionnaire,
        options=Options(**options),
        settings=SETTINGS,
        catalogue=catalogue,
        index=index,
        embedder=embedder,
    )
    return found, embedder


def by(method: Method, /, query: str = "sleep harbour", records: Sequence[Record] = WORDED, **asked: object) -> Ranking:
    expected = asked.pop("expected", ())
    embedder = asked.pop("query_by", East(dimensions=2))
    catalogue, index = world(*records)
    return retrieve(
        make_questionnaire(query=query, expected=expected),
        options=Options(**asked),
        settings=Settings(sections=SECTIONS, method=method),
        catalogue=catalogue,
        index=index,
        embedder=embedder,
    ).sections["induction"]
