"""A script: what somebody typed, normalised and checked."""

import pytest

from services.domain.passages import Passage
from services.domain.scripts import MAX_TEXT, MAX_TITLE, BrokenRecord, Script, Status, make_script
from services.errors import InvalidRecord
from tests.doubles import script


def refusal(**changed: object) -> InvalidRecord:
    fields = {"id": "one", "section": "induction", "title": "One", "text": "Breathe."}
    with pytest.raises(InvalidRecord) as caught:
        make_script(**{**fields, **changed})
    assert caught.value.cause.endswith(".")
    assert caught.value.next_step.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": "Not a slug"}, "'Not a slug' cannot be an id"),
        ({"id": "../up"}, "cannot be an id"),
        ({"title": " \n "}, "no title"),
        ({"title": "x" * (MAX_TITLE + 1)}, "The title has 201 characters"),
        ({"text": " \x00\n"}, "'One' has no text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "'One' has 5,000,001 characters"),
        ({"status": "archived"}, "'archived' is not a status"),
    ],
)
def test_refused(changed: dict[str, object], told: str) -> None:
    assert told in refusal(**changed).cause


def test_the_next_step_names_the_statuses() -> None:
    assert refusal(status="x").next_step == "Use one of: draft, approved, retired."


def test_fields_are_normalised_each_in_its_way() -> None:
    made = make_script(
        id="one",
        section="induction",
        title="  Cooling\niron ",
        text="\ufeffBreathe.\r\n\r\nNow.  ",
        situation="cafe\u0301",
        focus_areas=("Sleep", " sleep ", "", "Anger  now"),
        language="",
    )
    assert made.title == "Cooling iron"
    assert made.text == "Breathe.\n\nNow.  "
    assert made.situation == "caf\u00e9"
    assert made.focus_areas == ("sleep", "anger now")
    assert made.language == "en"
    assert made.status is Status.APPROVED


def test_every_field_is_in_the_digest() -> None:
    one = script("one")
    others = [
        script("two", title="One"),
        script("one", "awakening"),
        *(script("one", **{name: "other"}) for name in ("title", "text", "situation", "person", "author", "language")),
        script("one", source_id="other"),
        script("one", status="draft"),
        script("one", focus_areas=("x",)),
        script("one", techniques=("x",)),
    ]
    assert len({made.digest for made in (one, *others)}) == 1 + len(others)
    assert script("one").digest == one.digest


def test_what_its_passages_say() -> None:
    made = script("one", text="Breathe out. Now.", title="One", situation="At night", focus_areas=("sleep", "calm"))
    assert made.passage_text(Passage("body", 13, 17), "") == "Now."
    assert made.passage_text(Passage("card"), "{title}. {situation} {focus_areas}") == "One. At night sleep, calm"
    assert made.words == 3


def test_braces_in_a_title_are_only_braces() -> None:
    assert script("one", title="{situation} {0}").passage_text(Passage("card"), "{title}") == "{situation} {0}"


def test_a_broken_record_is_told_by_path_cause_and_next_step() -> None:
    broken = BrokenRecord("records/a/b.yaml", "Cause.", "Step.")
    assert (broken.path, broken.cause, broken.next_step) == ("records/a/b.yaml", "Cause.", "Step.")
    assert isinstance(script("one"), Script)
