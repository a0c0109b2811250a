"""Rankings of a whole section at once: by each method, against the plainest way there is to work them out."""

from collections.abc import Sequence

import numpy as np
import pytest

from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.passages import Passage
from services.domain.scripts import Record, VectorSet
from services.errors import InvalidInput
from services.ranking import POOL, Ground
from tests.doubles import bare_record, script, stamp

# Cosine distances from the east: 0, 0.2, 0.4, 1 and 2.
HERE, NEAR, FAR, SIDE, BACK = (1, 0), (4, 3), (3, 4), (0, 1), (-1, 0)
EAST = np.array([[2, 0]], np.float32)
RECORDS = [
    bare_record("d-near", [NEAR, SIDE], text="sleep sleep harbour"),
    bare_record("a-here", [SIDE, HERE], text="the harbour"),
    bare_record("c-far", [FAR], text="calm sleep"),
    bare_record("b-back", [BACK, SIDE], text="calm"),
    bare_record("other", [HERE], section="awakening", text="sleep"),
]


def sets(records: Sequence[Record] = RECORDS) -> dict[str, VectorSet]:
    return {r.script.id: r.vectors for r in records if r.vectors is not None}


def ground(records: Sequence[Record] = RECORDS, *, without: Sequence[str] = ()) -> Ground:
    return Ground.of("induction", records, {i: v for i, v in sets(records).items() if i not in without})


def one(made: Ground, method: Method, question: str = "sleep", **more: object):
    [found] = made.ranked([question], EAST, method, **more)
    return found


def test_dense_by_the_nearest_passage() -> None:
    found = one(ground(), Method())
    assert found.scripts == ("a-here", "d-near", "c-far", "b-back")
    assert found.distances == pytest.approx((0, 0.2, 0.4, 1), abs=1e-6)
    assert found.scores == pytest.approx((1, 0.8, 0.6, 0), abs=1e-6)
    assert found.ranked == 4


@pytest.mark.parametrize(
    ("method", "told"),
    [
        (Method(passages=Passages.CARD), [("d-near", 0.2), ("c-far", 0.4), ("a-here", 1), ("b-back", 2)]),
        # c-far has a card alone.
        (Method(passages=Passages.BODY), [("a-here", 0), ("b-back", 1), ("d-near", 1)]),
        # Halves of 0 + 1, 0.2 + 1 and 2 + 1.
        (Method(nearest=Nearest.MEAN), [("c-far", 0.4), ("a-here", 0.5), ("d-near", 0.6), ("b-back", 1.5)]),
    ],
)
def test_dense_by_other_passages(method: Method, told: list[tuple[str, float]]) -> None:
    found = one(ground(), method)
    assert list(found.scripts) == [name for name, _ in told]
    assert found.distances == pytest.approx([distance for _, distance in told], abs=1e-6)
    assert found.ranked == len(told)


def test_lexical_ranks_only_those_that_share_a_word() -> None:
    found = one(ground(), Method(mode=Mode.LEXICAL))
    # Twice in the one; the other is short and has it once.
    assert found.scripts == ("d-near", "c-far")
    assert found.ranked == 2
    assert found.distances == pytest.approx((0.2, 0.4), abs=1e-6)
    assert found.scores[0] > found.scores[1] > 0


def test_lexical_needs_no_vectors_and_dense_does() -> None:
    made = Ground.of("induction", RECORDS)
    [found] = made.ranked(["sleep"], None, Method(mode=Mode.LEXICAL))
    assert (found.scripts, found.distances) == (("d-near", "c-far"), (None, None))
    for mode in (Mode.DENSE, Mode.HYBRID):
        with pytest.raises(InvalidInput, match="only be found by words"):
            made.ranked(["sleep"], None, Method(mode=mode))
    with pytest.raises(InvalidInput, match="no distances to cut off"):
        made.ranked(["sleep"], None, Method(mode=Mode.LEXICAL), cut_off=0.3)


def test_hybrid_adds_reciprocal_ranks_of_the_whole_section() -> None:
    found = one(ground(), Method(mode=Mode.HYBRID, lexical_weight=0.5), wanted=[("b-back", "d-near", "gone")])
    # By meaning a-here, d-near, c-far, b-back; by words d-near, c-far.
    told = {"d-near": 1 / 62 + 0.5 / 61, "c-far": 1 / 63 + 0.5 / 62, "a-here": 1 / 61, "b-back": 1 / 64}
    assert found.scripts == tuple(told)
    assert found.scores == pytest.approx(tuple(told.values()), rel=1e-6)
    assert found.ranks == {"b-back": 4, "d-near": 1}


def test_a_script_without_vectors_is_found_by_words_and_has_no_distance() -> None:
    found = one(ground(without=["d-near"]), Method(mode=Mode.HYBRID))
    assert found.scripts == ("c-far", "a-here", "d-near", "b-back")
    # 1/62 + 1/62, then 1/61 twice, of which d-near has the larger id.
    assert one(ground(without=["d-near"]), Method()).scripts == ("a-here", "c-far", "b-back")
    assert found.distances[found.scripts.index("d-near")] is None


@pytest.mark.parametrize(
    ("mode", "ids"),
    [(Mode.DENSE, ("a-here", "d-near")), (Mode.LEXICAL, ("d-near",)), (Mode.HYBRID, ("d-near", "a-here"))],
)
def test_nothing_beyond_the_cut_off_is_an_answer(mode: Mode, ids: tuple[str, ...]) -> None:
    found = one(ground(), Method(mode=mode), cut_off=0.3, wanted=[("c-far", *ids)])
    assert (found.scripts, found.ranked) == (ids, len(ids))
    assert found.ranks == {name: rank for rank, name in enumerate(ids, start=1)}
    assert one(ground(without=["d-near"]), Method(mode=Mode.LEXICAL), cut_off=0.3).scripts == ("d-near",)


def test_variety_puts_a_different_script_before_its_like() -> None:
    records = [
        bare_record("a", [HERE]),
        bare_record("b", [(100, 1)]),
        bare_record("c", [NEAR]),
    ]
    assert one(ground(records), Method()).scripts == ("a", "b", "c")
    found = one(ground(records), Method(variety=0.5), wanted=[("a", "b", "c")])
    # b: 0.5 - 0.5 * 1 = 0; c: 0.4 - 0.5 * 0.8 = 0: level, and b came first. With more variety c leads.
    assert found.ranks == {script: rank for rank, script in enumerate(found.scripts, start=1)}
    more = one(ground(records), Method(variety=0.8), wanted=[("a", "b", "c")])
    assert more.scripts == ("a", "c", "b")
    assert more.ranks == {"a": 1, "c": 2, "b": 3}
    assert more.distances == pytest.approx((0, 0.2, 0), abs=1e-3)
    assert all(np.diff(np.float32(more.scores)) < 0)


def test_the_same_vectors_are_level_to_the_last_bit_and_in_the_order_of_ids() -> None:
    random = np.random.default_rng(5)
    vectors = random.normal(size=(7, 3, 33))
    records = [bare_record(f"s{i:03}", vectors[i % 7].tolist()) for i in range(203)]
    asked = random.normal(size=(61, 33)).astype(np.float32)
    for found in ground(records).ranked([""] * 61, asked, Method(), depth=203):
        assert len(set(found.distances)) == 7
        assert all(sorted(found.scripts[i : i + 29]) == list(found.scripts[i : i + 29]) for i in range(0, 203, 29))


@pytest.mark.parametrize("mode", list(Mode))
def test_ranks_and_depth_agree_with_the_ranking_worked_out_to_its_end(mode: Mode) -> None:
    random = np.random.default_rng(7)
    said = np.array(["calm", "sleep", "harbour", "night", "door"])
    records = [
        bare_record(f"s{i:03}", random.normal(size=(1 + i % 3, 4)).tolist(), text=" ".join(random.choice(said, 3)))
        for i in range(POOL + 60)
    ]
    asked, made = random.normal(size=(5, 4)).astype(np.float32), ground(records)
    questions = ["calm", "sleep night", "door", "harbour calm", "the"]
    wanted = [made.ids] * 5
    for method in (Method(mode=mode), Method(mode=mode, variety=0.4)):
        whole = made.ranked(questions, asked, method, wanted=wanted, depth=1000)
        for found in whole:
            assert found.ranks == {name: rank for rank, name in enumerate(found.scripts, start=1)}
            assert len(found.scripts) == found.ranked
            assert (np.diff(np.float32(found.scores)) < 0).all()
        cut = made.ranked(questions, asked, method, wanted=wanted, depth=7)
        assert [f.scripts for f in cut] == [f.scripts[:7] for f in whole]
        assert [f.ranks for f in cut] == [f.ranks for f in whole]
    if mode is Mode.LEXICAL:
        assert whole[4].ranked == 0, "a question of stop words only"


def test_the_beginning_of_a_text_can_be_tried_with_vectors_of_its_own() -> None:
    values = {"a-here": BACK, "b-back": HERE, "c-far": NEAR, "d-near": SIDE}
    made = {
        i: VectorSet(stamp(dimensions=2), (Passage("body", 0, 1),), np.array([v], np.float32))
        for i, v in values.items()
    }
    found = one(Ground.of("induction", RECORDS, made), Method(passages=Passages.START))
    assert found.scripts == ("b-back", "c-far", "d-near", "a-here")


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("variety", [0.0, 0.5])
def test_a_section_without_scripts_and_no_questions_give_nothing(mode: Mode, variety: float) -> None:
    method = Method(mode=mode, variety=variety)
    empty = one(Ground.of("nowhere", RECORDS, sets()), method, wanted=[("a-here",)])
    assert (empty.scripts, empty.scores, empty.distances, empty.ranked, empty.ranks) == ((), (), (), 0, {})
    assert ground().ranked([], np.zeros((0, 2), np.float32), method) == []
    bare = Ground.of("induction", [Record(script("bare", text="the of and", title="It"))], {})
    assert one(bare, method).scripts == ()
