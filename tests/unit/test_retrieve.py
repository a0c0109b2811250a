"""From a question to ranks: who is asked, who is refused, and where everybody came."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.model_digest import Stamp, State
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.results import Ranking
from services.domain.scripts import Record, Status
from services.domain.settings import Settings
from services.errors import EmbedderUnavailable, InvalidQuestionnaire, NotFound
from services.indexes.exact import ExactIndex
from services.ports import Catalogue
from services.ranking import Ground
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


# By other methods.

WORDED = [
    bare_record("back", [BACK], text="the harbour at night"),
    bare_record("far", [FAR, BACK], text="calm sleep"),
    bare_record("here", [SIDE, HERE], text="calm"),
    bare_record("near", [NEAR], text="a bird"),
]


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


def test_words_answer_where_another_model_made_the_vectors_and_say_so() -> None:
    ranking = by(Method(), mode=Mode.LEXICAL, query_by=East("ada", 3))
    assert [(h.script.id, h.distance) for h in ranking.hits] == [("back", None), ("far", None)]
    assert (ranking.state, ranking.random, ranking.refusal) == (State.MISMATCH, False, "")
    assert ranking.without_distances == (
        "'induction' was embedded by tiny, the question by ada: there are no distances between them."
    )
    assert np.isnan(ranking.distances).all()
    assert not by(Method(), mode=Mode.HYBRID, query_by=East("ada", 3)).answered


def test_words_answer_where_the_model_cannot_be_reached_and_say_so() -> None:
    ranking = by(Method(), mode=Mode.LEXICAL, query_by=Away(dimensions=2))
    assert [h.script.id for h in ranking.hits] == ["back", "far"]
    assert ranking.without_distances == "The question has no vector. The model cannot be reached."
    with pytest.raises(EmbedderUnavailable):
        by(Method(), mode=Mode.HYBRID, query_by=Away(dimensions=2))


def test_another_method_than_the_workspaces_is_followed_as_a_whole() -> None:
    """The run of an evaluation is explained by its own: by cards here, of which that of 'here' is 1 away."""
    cards = Method(passages=Passages.CARD, cut_offs={TWO.model_digest: 1.5})
    plain, asked = by(Method()), by(Method(mode=Mode.HYBRID, variety=0.5), method=cards)
    assert (plain.hits[0].script.id, plain.hits[0].passage.kind) == ("here", "body")
    assert [(hit.script.id, hit.passage.kind) for hit in asked.hits] == [
        ("near", "card"),
        ("far", "card"),
        ("here", "card"),
    ]
    assert asked.hits[2].distance == pytest.approx(1)
    assert all(hit.score is None for hit in asked.hits)
    worded = by(Method(), method=cards, mode=Mode.LEXICAL)
    assert [hit.script.id for hit in worded.hits] == ["far"], "and 'back' is beyond its cut-off"


def test_another_template_is_filled_and_its_answers_are_compared() -> None:
    found, embedder = answer(
        make_questionnaire(focus_area="sleep", desired_feeling="calm"), query_template="{desired_feeling} now"
    )
    assert (found.query, embedder.asked) == ("calm now", ["calm now"])


def test_words_find_a_script_that_has_no_vectors() -> None:
    bare = Record(script("bare", text="sleep sleep"), None, "It has no vectors yet.", "d")
    assert ranked(*WORDED, bare).left_out == 1
    found = by(Method(mode=Mode.LEXICAL), records=[*WORDED, bare])
    hit = next(h for h in found.hits if h.script.id == "bare")
    assert (hit.distance, hit.passage_text, found.left_out) == (None, "sleep sleep", 0)


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


def test_the_answer_as_json_says_the_mode_and_what_was_ranked_by() -> None:
    catalogue, index = world(*WORDED)
    for mode, more in ((Mode.DENSE, set()), (Mode.LEXICAL, {"words"}), (Mode.HYBRID, {"words", "ranks"})):
        found = retrieve(
            make_questionnaire(query="sleep"),
            options=Options(mode=mode),
            settings=Settings(sections=SECTIONS),
            catalogue=catalogue,
            index=index,
            embedder=East(dimensions=2),
        ).as_json()
        hit = found["sections"]["induction"]["hits"][0]
        assert found["mode"] == mode.value
        assert set(hit) == {"rank", "id", "title", "status", "distance", "score", "passage"} | more
        assert (hit["score"] is None) is (mode is Mode.DENSE)
