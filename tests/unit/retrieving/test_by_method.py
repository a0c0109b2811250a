"""By other methods than the nearest passage: by words, by both, by some passages, to a cut-off, in a varied order."""

import numpy as np
import pytest

from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.questionnaires import Expected
from services.domain.scripts import Record, Status
from services.ranking import Ground
from tests.doubles import bare_record, script
from tests.unit.retrieving.bearings import HERE, NEAR, SIDE, TWO, Away, East, by


def test_by_words_only_those_that_share_one_are_found_with_what_they_share() -> None:
    ranking = by(Method(mode=Mode.LEXICAL), expected=(Expected("near", 1), Expected("back", 2)))
    # Both texts have two words that count; of equal scores the smaller id comes first.
    assert [(h.script.id, h.words) for h in ranking.hits] == [("back", ("harbour",)), ("far", ("sleep",))]
    assert [h.distance for h in ranking.hits] == pytest.approx([2, 0.4])
    assert ranking.hits[0].score is not None
    assert ranking.hits[0].score >= (ranking.hits[1].score or 0) > 0
    assert [(e.script, e.rank, e.reason) for e in ranking.expected] == [
        ("back", 1, ""),
        ("near", None, "shares no word"),
    ]
    assert ranking.separation.verdict is None


def test_of_words_that_no_script_has_the_section_is_told_and_how_many_were_asked() -> None:
    ranking = by(Method(mode=Mode.LEXICAL), query="harbuor hrbour")
    assert (ranking.hits, ranking.scored, ranking.candidates) == ((), (), 4)
    assert [(u.word, u.meant) for u in ranking.unknown] == [("harbuor", "harbour"), ("hrbour", "harbour")]
    assert by(Method()).unknown == ()


def test_by_both_the_ranks_of_either_are_added() -> None:
    ranking = by(Method(mode=Mode.HYBRID))
    # By meaning here, near, far, back; by words back, far.
    told = {"back": 1 / 64 + 1 / 61, "far": 1 / 63 + 1 / 62, "here": 1 / 61, "near": 1 / 62}
    assert list(ranking.scored) == sorted(told, key=told.__getitem__, reverse=True)
    ranks = {"back": (4, 1), "far": (3, 2), "here": (1, None), "near": (2, None)}
    assert [(h.meaning_rank, h.words_rank) for h in ranking.hits] == [ranks[h.script.id] for h in ranking.hits]
    assert [h.score for h in ranking.hits] == pytest.approx(sorted(told.values(), reverse=True), rel=1e-6)
    assert ranking.distances.tolist() == pytest.approx(
        [0.4 if s == "far" else {"back": 2, "here": 0, "near": 0.2}[s] for s in ranking.scored], abs=1e-6
    )


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("method", "told"),
    [
        (Method(passages=Passages.CARD), [("near", 0.2), ("far", 0.4), ("here", 1), ("back", 2)]),
        (Method(passages=Passages.BODY), [("here", 0), ("far", 2)]),
        (Method(nearest=Nearest.MEAN), [("near", 0.2), ("here", 0.5), ("far", 1.2), ("back", 2)]),
        (Method(cut_offs={TWO.model_digest: 0.3}), [("here", 0), ("near", 0.2)]),
        (Method(cut_offs={"of another model": 0.3}), [("here", 0), ("near", 0.2), ("far", 0.4), ("back", 2)]),
    ],
)
def test_by_other_passages_and_to_a_cut_off(method: Method, told: list[tuple[str, float]], *, whole: bool) -> None:
    ranking = by(method, whole_section=whole, expected=(Expected("back", 1),))
    assert [h.script.id for h in ranking.hits] == [name for name, _ in told]
    assert [h.distance for h in ranking.hits] == pytest.approx([distance for _, distance in told], abs=1e-6)
    assert all(h.score is None and h.words == () for h in ranking.hits)


def test_an_expected_script_says_why_it_is_not_ranked() -> None:
    reasons = [
        by(method, expected=(Expected("near", 1),)).expected[0].reason
        for method in (Method(passages=Passages.BODY), Method(cut_offs={TWO.model_digest: 0.1}))
    ]
    assert reasons == ["no such passage", "beyond the cut-off"]


def test_the_passage_shown_is_the_nearest_that_is_looked_at() -> None:
    assert by(Method()).hits[0].passage.kind == "body"
    cards = by(Method(passages=Passages.CARD))
    assert {h.passage.kind for h in cards.hits} == {"card"}


def test_a_varied_order_says_what_it_was_chosen_by() -> None:
    records = [bare_record("a", [HERE]), bare_record("b", [(100, 1)]), bare_record("c", [NEAR])]
    ranking = by(Method(variety=0.8), records=records, expected=(Expected("b", 1),))
    assert ranking.scored == ("a", "c", "b")
    # 0.2 * 1, then 0.2 * 0.8 - 0.8 * 0.8
    assert [h.score for h in ranking.hits][:2] == pytest.approx([0.2, -0.48], abs=1e-6)
    assert ranking.expected[0].rank == 3


ALIKE = [
    bare_record("a", [HERE], text="sleep sleep sleep"),
    bare_record("b", [HERE], text="sleep sleep calm"),
    bare_record("c", [SIDE], text="sleep calm calm"),
]


def test_what_is_alike_is_told_by_vectors_of_the_collection_only() -> None:
    varied = Method(mode=Mode.LEXICAL, variety=0.8)
    assert by(varied, "sleep", ALIKE).scored == ("a", "c", "b")
    # The question needs no vector for that; vectors that cannot be trusted say nothing, as in an evaluation.
    away = by(varied, "sleep", ALIKE, query_by=Away(dimensions=2))
    assert (away.scored, away.varied) == (("a", "c", "b"), True)
    assert by(varied, "sleep", ALIKE, query_by=East("ada", 3)).scored == ("a", "b", "c")
    # One that another model embedded shares most words, and is like nothing that anybody knows.
    foreign = bare_record("z", [(0, 1, 0)], text="sleep sleep sleep sleep")
    assert by(varied, "sleep", [*ALIKE, foreign]).scored == ("z", "a", "c", "b")


def test_where_nothing_is_known_to_be_alike_no_order_is_varied_and_that_is_said() -> None:
    varied, plain = (Method(mode=Mode.LEXICAL, variety=variety) for variety in (0.8, 0.0))
    found, unvaried = (by(method, "sleep", ALIKE, query_by=East("ada", 3)) for method in (varied, plain))
    # The scores of BM25, and not where they lie between the first and the last.
    assert [h.score for h in found.hits] == [h.score for h in unvaried.hits]
    assert (found.varied, found.followed(varied)) == (False, plain)
    assert found.without_distances == f"{unvaried.without_distances} The order is not varied."
    ground = Ground.of("induction", ALIKE)
    assert ground.ranked(["sleep"], None, varied) == ground.ranked(["sleep"], None, plain)
    bare = [Record(script(name, text="sleep"), None, "It has no vectors yet.", "d") for name in "ab"]
    both = by(Method(mode=Mode.HYBRID, variety=0.8), "sleep", bare)
    assert both.without_distances == "No script of 'induction' has vectors. The order is not varied."


@pytest.mark.parametrize("mode", list(Mode))
def test_filters_and_stop_words(mode: Mode) -> None:
    assert by(Method(mode=mode), statuses=(Status.DRAFT,)).scored == ()
    asked = by(Method(mode=mode), query="the and of")
    assert len(asked.scored) == (0 if mode is Mode.LEXICAL else 4)
    assert by(Method(mode=mode), records=[]).scored == ()


@pytest.mark.parametrize("method", [Method(), Method(mode=Mode.LEXICAL), Method(mode=Mode.HYBRID), Method(variety=0.5)])
def test_a_live_answer_is_that_of_an_evaluation(method: Method) -> None:
    random = np.random.default_rng(13)
    said = np.array(["calm", "sleep", "harbour", "night", "door"])
    records = [
        bare_record(
            f"s{i:03}",
            random.normal(size=(1 + i % 3, 2)).tolist(),
            text=" ".join(random.choice(said, 3)),
            status=("approved", "draft")[i % 5 == 0],
        )
        for i in range(150)
    ]
    live = by(method, query="sleep harbour", records=records)
    approved = [r for r in records if r.script.status is Status.APPROVED]
    vectors = {r.script.id: r.vectors for r in approved if r.vectors}
    ground = Ground.of("induction", approved, vectors)
    [found] = ground.ranked(["sleep harbour"], np.array([[1, 0]], np.float32), method)
    assert found.scripts == live.scored[:100]
    assert found.ranked == len(live.scored)
