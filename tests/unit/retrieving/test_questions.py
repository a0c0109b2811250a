"""The whole way of a question: its words, its sections, a template or a method of its own, and the answer as JSON."""

import pytest

from services.domain.methods import Method, Mode, Passages
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.settings import Settings
from services.errors import InvalidQuestionnaire, NotFound
from services.retrieve import Options, retrieve
from tests.doubles import stamp
from tests.unit.retrieving.bearings import SECTIONS, TWO, WORDED, East, answer, by, world


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


def test_another_template_is_filled_and_its_answers_are_compared() -> None:
    found, embedder = answer(
        make_questionnaire(focus_area="sleep", desired_feeling="calm"), query_template="{desired_feeling} now"
    )
    assert (found.query, embedder.asked) == ("calm now", ["calm now"])


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
