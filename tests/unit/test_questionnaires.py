"""Questionnaires: what is asked, what is expected, and the template between them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.questionnaires import Expected, Questionnaire, check_template, make_questionnaire
from services.domain.settings import DEFAULT_TEMPLATE
from services.errors import InvalidInput, InvalidQuestionnaire, InvalidSettings, NotFound
from services.records.questionnaire_files import YamlQuestionnaireStore, decode, encode

ASKED = make_questionnaire(
    id="one", title="One", focus_area="sleep", challenge_context="a new job", expected=(Expected("iron", 3),)
)
ANSWERS = st.text(st.characters(codec=None), max_size=30)


def test_the_template_makes_the_query() -> None:
    assert ASKED.query_text(DEFAULT_TEMPLATE) == "A script that helps with sleep, the context is a new job"


def test_words_are_those_of_the_answers_that_the_template_asks_for() -> None:
    assert ASKED.words_text(DEFAULT_TEMPLATE) == "sleep a new job"
    assert ASKED.words_text("For {focus_area}, feeling {desired_feeling}") == "sleep"
    assert make_questionnaire(query="a script", focus_area="x").words_text(DEFAULT_TEMPLATE) == "a script"


def test_a_raw_query_is_asked_as_it_stands() -> None:
    assert make_questionnaire(query="{calm} sea", focus_area="x").query_text(DEFAULT_TEMPLATE) == "{calm} sea"


def test_braces_in_an_answer_are_only_braces() -> None:
    assert make_questionnaire(focus_area="{query}").query_text("for {focus_area}") == "for {query}"


def test_nothing_asked_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidQuestionnaire) as caught:
        make_questionnaire(title="Only a title").query_text(DEFAULT_TEMPLATE)
    assert str(caught.value) == "Nothing has been asked yet. Fill in the focus area or the challenge context."


@pytest.mark.parametrize("feeling", ["calm", "furious and awake"])
def test_what_the_template_does_not_ask_for_is_no_question(feeling: str) -> None:
    asked = make_questionnaire(desired_feeling=feeling)
    assert not asked.is_empty
    with pytest.raises(InvalidQuestionnaire, match="Nothing has been asked yet"):
        asked.query_text(DEFAULT_TEMPLATE)
    assert asked.query_text("To feel {desired_feeling}") == f"To feel {feeling}"


@pytest.mark.parametrize(
    ("given_fields", "told"),
    [
        ({"id": "No slug"}, "'No slug' cannot be an id"),
        ({"query": "x" * 20_001}, "An answer is too long"),
        ({"expected": (Expected("Iron", 1),)}, "'Iron' is not an id"),
        ({"expected": (Expected("iron", 1), Expected("iron", 2))}, "'iron' is expected twice"),
        ({"expected": (Expected("iron", 0),)}, "'iron' has the grade 0"),
        ({"expected": (Expected("iron", 4),)}, "'iron' has the grade 4"),
    ],
)
def test_refused(given_fields: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidQuestionnaire) as caught:
        make_questionnaire(**given_fields)
    assert told in caught.value.cause
    assert caught.value.next_step


@pytest.mark.parametrize(
    "template",
    [
        "{mood}",
        "{}",
        "{0}",
        "{focus_area",
        "focus_area}",
        "{focus_area!r}",
        "{focus_area:>99999999999}",
        "{focus_area.__class__}",
        "{focus_area[0]}",
        "no field at all",
        "only {{braces}}",
        "",
    ],
)
def test_a_template_names_plain_fields_only(template: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        check_template(template)
    assert "{focus_area}" in caught.value.next_step


def test_a_template_may_name_any_answer_and_braces() -> None:
    template = "{{now}} {desired_feeling}, {focus_area}; {challenge_context}"
    assert check_template(template) == template
    assert make_questionnaire(focus_area="a").query_text(template) == "{now} , a;"


@given(ANSWERS, ANSWERS, ANSWERS)
def test_any_questionnaire_comes_back_the_same(focus: str, context: str, query: str) -> None:
    made = make_questionnaire(id="one", title=query, focus_area=focus, challenge_context=context, query=query)
    assert decode(encode(made), source="one.yaml") == made
    assert encode(made) == encode(decode(encode(made), source="one.yaml"))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"title: x\n", "it has no 'id'"),
        (b"- id\n", "it has no 'id'"),
        (b"id: one\nmood: x\n", "unknown key 'mood'"),
        (b"id: one\ntitle: [x]\n", "'title' is not text"),
        (b"id: [one]\n", "'id' is not text"),
        (b"id: one\nexpected: x\n", "'expected' is not a list"),
        (b"id: one\nexpected: [{script: iron}]\n", "'expected' is not a list"),
        (b"id: one\nexpected: [{script: iron, grade: good}]\n", "'expected' is not a list"),
        (b"id: one\nexpected: [{script: [iron], grade: 1}]\n", "'expected' is not a list"),
        (b"id: one\nexpected: [{script: iron, grade: 9}]\n", "the grade 9"),
        (b"id: [\n", "not valid YAML"),
    ],
)
def test_a_file_that_is_none_says_why(data: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(data, source="questionnaires/one.yaml")
    assert told in caught.value.cause
    assert "questionnaires/one.yaml" in caught.value.cause
    assert caught.value.next_step


def test_the_store_keeps_what_is_good_and_reports_the_rest(tmp_path: Path) -> None:
    store = YamlQuestionnaireStore(tmp_path)
    store.put(ASKED)
    (tmp_path / "broken.yaml").write_text("id: [")
    (tmp_path / "other.yaml").write_bytes(encode(ASKED))
    (tmp_path / "nowhere.yaml").symlink_to(tmp_path / "gone")
    (tmp_path / "folder.yaml").mkdir()
    good, broken = store.all()
    assert good == {"one": ASKED}
    assert [b.path.removeprefix("questionnaires/") for b in broken] == [
        "broken.yaml",
        "folder.yaml",
        "nowhere.yaml",
        "other.yaml",
    ]
    assert all(b.cause and b.next_step for b in broken)


def test_a_folder_that_may_not_be_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = YamlQuestionnaireStore(tmp_path)
    store.put(ASKED)

    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        good, (broken,) = store.all()
    assert good == {}
    assert broken.path == "questionnaires"
    assert broken.cause == "The folder questionnaires cannot be read (Permission denied)."
    assert broken.next_step == "Check its permissions."
    assert store.all() == ({"one": ASKED}, ())


def test_a_folder_that_is_not_there_has_no_questionnaires(tmp_path: Path) -> None:
    assert YamlQuestionnaireStore(tmp_path / "questionnaires").all() == ({}, ())


def test_the_store_notices_changes_and_removals(tmp_path: Path) -> None:
    store = YamlQuestionnaireStore(tmp_path)
    store.put(ASKED)
    store.all()
    store.put(Questionnaire("one", "Changed", focus_area="x"))
    assert store.all()[0]["one"].title == "Changed"
    store.remove("one")
    assert store.all() == ({}, ())
    with pytest.raises(NotFound):
        store.remove("one")


def test_nothing_typed_becomes_a_path(tmp_path: Path) -> None:
    with pytest.raises(InvalidQuestionnaire):
        YamlQuestionnaireStore(tmp_path / "q").remove("../one")
