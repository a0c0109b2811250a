"""From a question to ranks: who is asked, who is refused, and where everybody came."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.model_digest import Stamp, State
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.results import Ranking
from services.domain.scripts import Record, Status
from services.domain.settings import Settings
from services.errors import InvalidQuestionnaire, NotFound
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


def world(*records: Record, preferred: Stamp = TWO) -> tuple[Catalogue, ExactIndex]:
    catalogue, index = Catalogue({r.script.id: r for r in records}), ExactIndex()
    sync(catalogue, index, SECTIONS, preferred)
    return catalogue, index


class East(TinyEmbedder):
    """Asks to the east, whatever is said."""

    def embed_query(self, text: str) -> np.ndarray:
        return np.eye(self.dimensions, dtype=np.float32)[0]


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


def test_approved_scripts_come_nearest_first() -> None:
    ranking = ranked()
    assert told(ranking) == [(1, "here", 0), (2, "near", 0.2), (3, "far", 0.4)]
    assert ranking.scored == ("here", "near", "far")
    assert ranking.distances.tolist() == pytest.approx([0, 0.2, 0.4], abs=1e-6)
    assert ranking.state is State.MATCH


def test_a_hit_shows_the_passage_that_came_nearest() -> None:
    hit = ranked().hits[0]
    assert (hit.passage.kind, hit.passage.start, hit.passage.end) == ("body", 0, 1)
    assert hit.passage_text == "Y"
    assert ranked().hits[1].passage.kind == "card"
    assert ranked().hits[1].passage_text.startswith("Near. ")


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"top_k": 1}, ["here"]),
        ({"top_k": 50}, ["here", "near", "far"]),
        ({"statuses": ()}, ["here", "near", "far", "side", "back"]),
        ({"statuses": (Status.DRAFT, Status.RETIRED)}, ["side", "back"]),
        ({"focus_areas": ("sleep",)}, ["here", "far"]),
        ({"focus_areas": ("sleep", "anger")}, ["here", "near", "far"]),
        ({"focus_areas": ("money",)}, []),
    ],
)
@pytest.mark.parametrize("whole", [True, False], ids=["whole-section", "front-only"])
def test_filters_and_top_k(options: dict[str, object], ids: list[str], *, whole: bool) -> None:
    assert [hit.script.id for hit in ranked(**{"top_k": 5, **options}, whole_section=whole).hits] == ids


@pytest.mark.parametrize("top_k", [1, 3, 10, 50])
def test_the_front_alone_gives_the_hits_of_the_whole_section(top_k: int) -> None:
    rng = np.random.default_rng(11)
    many = [
        bare_record(f"s{i}", rng.normal(size=(1 + i % 12, 2)).tolist(), status=("draft", "approved")[i % 2])
        for i in range(40)
    ]
    whole = ranked(*many, top_k=top_k)
    assert told(ranked(*many, top_k=top_k, whole_section=False)) == told(whole)
    assert [h.passage for h in ranked(*many, top_k=top_k, whole_section=False).hits] == [h.passage for h in whole.hits]


def test_a_script_with_many_near_passages_does_not_crowd_the_others_out() -> None:
    crowd = bare_record("crowd", [HERE] * 60)
    assert [hit.script.id for hit in ranked(crowd, *FIVE, top_k=3, whole_section=False).hits] == [
        "crowd",
        "here",
        "near",
    ]


def test_equal_distances_come_in_the_order_of_ids() -> None:
    same = [bare_record(name, [NEAR, HERE]) for name in ("c", "a", "d", "b")]
    assert ranked(*same).scored == ("a", "b", "c", "d")


def test_expected_scripts_have_their_ranks_down_to_the_last_place() -> None:
    ranking = ranked(top_k=1, expected=(Expected("far", 1), Expected("side", 2), Expected("here", 3)))
    found = [(e.script, e.grade, e.rank, e.reason) for e in ranking.expected]
    assert found == [("here", 3, 1, ""), ("far", 1, 3, ""), ("side", 2, None, "filtered out")]
    assert ranking.expected[1].distance == pytest.approx(0.4)
    assert ranking.expected[1].title == "Far"
    assert ranking.expected[2].distance is None


def test_an_expected_script_that_is_not_indexed_says_so() -> None:
    bare = Record(script("bare"), None, "It has no vectors yet.", "d")
    ranking = ranked(*FIVE, bare, expected=(Expected("bare", 1),))
    assert [(e.rank, e.reason) for e in ranking.expected] == [(None, "not in the index")]


def test_the_last_of_many_has_its_rank() -> None:
    many = [bare_record(f"s{i:02}", [(30 - i, i)]) for i in range(31)]
    assert ranked(*many, top_k=5, expected=(Expected("s30", 2),)).expected[0].rank == 31


# Refusals.


def test_another_model_is_refused_naming_both_and_the_command() -> None:
    other = stamp("ada", 2)
    ranking = ranked(query=East("ada", 2))
    assert not ranking.answered
    assert ranking.state is State.MISMATCH
    assert ranking.hits == ()
    assert ranking.refusal == (
        f"'induction' was embedded by tiny ({TWO.model_digest[:12]}), the question by ada ({other.model_digest[:12]}): "
        "what it returned would be random."
    )
    assert "python -m services rebuild --embedder ada" in ranking.next_step


def test_another_model_answers_where_the_person_says_so_and_is_marked() -> None:
    ranking = ranked(query=East("ada", 2), allow_mismatch=True)
    assert ranking.answered
    assert ranking.state is State.MISMATCH
    assert len(ranking.hits) == 3


@pytest.mark.parametrize("allow", [True, False])
def test_another_dimension_is_always_refused(*, allow: bool) -> None:
    ranking = ranked(query=East("ada", 3), allow_mismatch=allow)
    assert "numbers (2 and 3)" in ranking.refusal
    assert "python -m services rebuild --embedder ada" in ranking.next_step


def test_another_preparation_answers_and_is_marked_stale() -> None:
    ranking = ranked(query=East("tiny", 2, window=3))
    assert ranking.state is State.STALE
    assert len(ranking.hits) == 3


@pytest.mark.parametrize("whole", [True, False])
def test_an_empty_section_is_an_empty_answer(*, whole: bool) -> None:
    ranking = ranked_in(*world(), whole_section=whole)
    assert (ranking.hits, ranking.scored, ranking.state, ranking.answered) == ((), (), State.UNVERIFIED, True)


@pytest.mark.parametrize("whole", [True, False])
def test_a_section_emptied_under_another_model_refuses_nothing(*, whole: bool) -> None:
    _, index = world(*FIVE)
    sync(Catalogue({}), index, SECTIONS, TWO)
    ranking = ranked_in(Catalogue({}), index, East("ada", 2), whole_section=whole)
    assert (ranking.answered, ranking.hits) == (True, ())


@pytest.mark.parametrize("whole", [True, False])
def test_rows_that_the_records_no_longer_have_are_passed_over(*, whole: bool) -> None:
    _, index = world(*FIVE)
    fewer = Catalogue({r.script.id: r for r in FIVE if r.script.id != "here"})
    ranking = ranked_in(fewer, index, whole_section=whole)
    assert [hit.script.id for hit in ranking.hits] == ["near", "far"]


# The whole way.

SETTINGS = Settings(sections=SECTIONS, query_template="for {focus_area}")


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


def test_the_template_is_filled_and_embedded_once_for_all_sections() -> None:
    found, embedder = answer(make_questionnaire(focus_area="sleep"))
    assert found.query == "for sleep"
    assert embedder.asked == ["for sleep"]
    assert list(found.sections) == ["induction", "awakening"]
    assert found.stamp == stamp()
    assert not found.refused


def test_one_section_may_be_asked_alone() -> None:
    found, _ = answer(make_questionnaire(query="x"), sections=("awakening",))
    assert list(found.sections) == ["awakening"]
    assert [hit.script.id for hit in found.sections["awakening"].hits] == ["three"]


def test_expected_scripts_that_do_not_exist_are_named() -> None:
    found, _ = answer(make_questionnaire(query="x", expected=(Expected("one", 1), Expected("gone", 3))))
    assert found.unknown_expected == ("gone",)
    assert [e.script for e in found.sections["induction"].expected] == ["one"]
    assert found.sections["awakening"].expected == ()


def test_a_section_that_does_not_exist_is_refused_before_anything_is_embedded() -> None:
    with pytest.raises(NotFound, match="no section 'sleep'"):
        answer(make_questionnaire(query="x"), sections=("sleep",))
    with pytest.raises(InvalidQuestionnaire):
        answer(make_questionnaire())
