"""By meaning: who comes nearest, whom the filters leave, and where the expected scripts came."""

import numpy as np
import pytest

from services.domain.model_digest import State
from services.domain.questionnaires import Expected
from services.domain.scripts import Record, Status
from services.ports import Catalogue
from tests.doubles import bare_record, script
from tests.unit.retrieving.bearings import FIVE, HERE, NEAR, ranked, ranked_in, told, world


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


@pytest.mark.parametrize("whole", [True, False])
def test_an_empty_section_is_an_empty_answer(*, whole: bool) -> None:
    ranking = ranked_in(*world(), whole_section=whole)
    assert (ranking.hits, ranking.scored, ranking.state, ranking.answered) == ((), (), State.UNVERIFIED, True)


@pytest.mark.parametrize("whole", [True, False])
def test_rows_that_the_records_no_longer_have_are_passed_over(*, whole: bool) -> None:
    _, index = world(*FIVE)
    fewer = Catalogue({r.script.id: r for r in FIVE if r.script.id != "here"})
    ranking = ranked_in(fewer, index, whole_section=whole)
    assert [hit.script.id for hit in ranking.hits] == ["near", "far"]
