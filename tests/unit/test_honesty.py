"""Whether the stored index brings back what is nearest by the records, by section and filter."""

from dataclasses import replace

from services.domain.model_digest import State
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Status
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.ground.progress import silent
from services.honesty import Asking, Filter, honesty
from services.indexes.chroma import ChromaIndex
from services.indexes.exact import ExactIndex
from services.ports import Catalogue
from services.sync import sync
from services.vectors import DEFAULT_POLICY
from tests.doubles import bare_record, stamp
from tests.unit.evaluate.compass import Compass

SETTINGS = Settings(sections=("induction", "awakening"), top_k=2)
QUESTIONS = {point: make_questionnaire(id=point, query=point) for point in ("north", "east")}
# The two nearest in the north: n-one, n-two; in the east: e-one, e-two. Of those for work: n-one and e-one for both.
PLACES = {"n-one": (0, 1), "n-two": (0.1, 1), "e-one": (1, 0), "e-two": (1, 0.1), "far": (-1, -1.1)}
AREAS = {"one": ("work",), "two": ("sleep",), "far": ("work", "sleep")}
RECORDS = [
    *(bare_record(name, [at], focus_areas=AREAS[name[-3:]]) for name, at in PLACES.items()),
    bare_record("a-draft", [(0, 2)], status=Status.DRAFT),
    *(bare_record(f"{name}-wake", [at], "awakening") for name, at in PLACES.items()),
]


class Maimed(ExactIndex):
    """Never finds one script, whose rows are there."""

    lost = ""

    def walk(self, section, vector, passages):
        return [hit for hit in super().walk(section, vector, passages) if hit.script != self.lost]


def measured(index, records=RECORDS, known=None):
    catalogue = Catalogue({r.script.id: r for r in records})
    sync(catalogue, index, SETTINGS.sections, stamp(dimensions=2))
    return honesty(Asking(SETTINGS, catalogue, index, Compass(), QUESTIONS, known or {}), silent)


def by_place(found):
    return {(row.section, row.filter): row for row in found.rows}


def test_a_small_corpus_is_brought_back_whole_by_chroma(tmp_path):
    index = ChromaIndex(tmp_path, DEFAULT_POLICY.card)
    found = measured(index)
    index.close()

    assert (found.index, found.k, found.refused) == ("chroma", 2, ())
    assert {row.recall.value for row in found.rows} == {1.0}
    assert {row.recall.n for row in found.rows} == {2}
    assert {place: row.scripts for place, row in by_place(found).items()} == {
        ("induction", Filter()): 5,
        ("induction", Filter(tuple(Status))): 6,
        ("induction", Filter(area="work")): 3,
        ("induction", Filter(area="sleep")): 3,
        ("awakening", Filter()): 5,
    }


def test_a_script_that_the_search_never_finds_is_missed_where_it_is_near():
    assert {row.recall.value for row in measured(ExactIndex()).rows} == {1.0}
    index = Maimed()
    index.lost = "n-one"
    found = by_place(measured(index))

    # In the north one of two is missing, in the east none; of those for work one of two is missing in both.
    assert {place: (row.recall.value, row.missed) for place, row in found.items()} == {
        ("induction", Filter()): (0.75, ("north",)),
        ("induction", Filter(tuple(Status))): (0.75, ("north",)),
        ("induction", Filter(area="work")): (0.5, ("north", "east")),
        ("induction", Filter(area="sleep")): (1.0, ()),
        ("awakening", Filter()): (1.0, ()),
    }


def test_rows_that_hold_other_vectors_than_the_records_are_found_out():
    index = ExactIndex()
    measured(index)
    by_id = {r.script.id: r for r in RECORDS}
    swapped = {"n-one-wake": by_id["far-wake"], "far-wake": by_id["n-one-wake"]}
    # The same digests, so that the index is in step by all that it is told.
    records = [replace(r, vectors=swapped.get(r.script.id, r).vectors) for r in RECORDS]
    found = by_place(measured(index, records))

    # Now far-wake is nearest in the north, and the index says n-one-wake.
    assert found["awakening", Filter()].missed == ("north",)
    assert found["induction", Filter()].missed == ()


def test_what_would_be_random_is_not_measured():
    found = measured(ExactIndex(), known={"awakening": Trust(State.MISMATCH, True, "")})

    assert found.refused == ("awakening",)
    assert {row.section for row in found.rows} == {"induction"}


def test_a_rare_area_is_walked_to_the_end():
    # Thirty are nearer than both that have it: the first sixteen passages hold none of them.
    crowd = [bare_record(f"crowd-{i:02}", [(i / 100, 1)], focus_areas=("common",)) for i in range(30)]
    rare = [bare_record(f"rare-{i}", [(1, -i)], focus_areas=("rare",)) for i in (1, 2)]
    row = by_place(measured(ExactIndex(), [*crowd, *rare]))["induction", Filter(area="rare")]

    assert (row.scripts, row.recall.value) == (2, 1.0)
