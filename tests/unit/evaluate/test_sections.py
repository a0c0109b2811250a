"""Sections that cannot be asked are left out of every figure, and named."""

from dataclasses import replace

import pytest

from services.domain.judgements import Judgement
from services.domain.model_digest import Stamp, State
from services.domain.runs import Outcome
from services.domain.scripts import Status
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.vectors import recipe_of
from tests.doubles import bare_record, other_preparation
from tests.unit.evaluate.compass import POINTS, SCRIPTS, Compass, asks, evaluated, order

WANTED = asks("a", "north", north_one=3, north_two=3)


def test_a_section_whose_answers_would_be_random_is_refused():
    run = evaluated(WANTED, known={"awakening": Trust(State.MISMATCH, True, "Another model embedded these scripts.")})

    assert run.refused == {
        "awakening": "What 'awakening' returned would be random. Another model embedded these scripts."
    }
    assert list(run.answers[0].sections) == list(run.figures.sections) == ["induction"]
    assert run.figures.overall["recall@5"].value == 1
    assert run.figures.overall["recall@5"].n == 1


def test_where_every_section_is_refused_every_questionnaire_fails():
    run = evaluated(WANTED, embedder=Compass("another"))

    assert run.refused["induction"] == "'induction' was embedded by tiny, and another asks."
    assert run.outcomes[Outcome.FAILED] == 1
    assert run.figures.overall["recall@5"].value is None


def test_what_checks_have_proved_is_asked_whatever_its_name():
    proved = Trust(State.STALE, False, "Recorded under another model's name, but the stored vectors are this model's.")
    run = evaluated(WANTED, embedder=Compass("renamed"), known=dict.fromkeys(("induction", "awakening"), proved))

    assert order(run, "a") == ("north-one", "between-one", "east-one")


def test_scripts_prepared_in_another_way_are_asked_as_they_are_live():
    stale = other_preparation(Stamp.of(recipe_of(Compass())))
    records = [replace(r, vectors=replace(r.vectors, stamp=stale)) for r in SCRIPTS]

    assert order(evaluated(WANTED, records=records), "a") == ("north-one", "between-one", "east-one")


def test_a_section_without_scripts_is_named_and_has_no_figures():
    three = Settings(sections=("induction", "affirmations", "awakening"))
    draft = bare_record("draft-one", [POINTS["north"]], "affirmations")
    draft = replace(draft, script=replace(draft.script, status=Status.DRAFT))
    run = evaluated(asks("a", "north", draft_one=3, north_one=3), records=(*SCRIPTS, draft), settings=three)

    assert run.without_scripts == ("affirmations",)
    assert list(run.figures.sections) == ["induction", "awakening"]
    assert run.figures.overall["recall@5"].value == 1


def test_an_expected_draft_is_a_miss_in_a_section_that_has_others():
    draft = bare_record("draft-one", [POINTS["north"]])
    draft = replace(draft, script=replace(draft.script, status=Status.DRAFT))
    run = evaluated(asks("a", "north", draft_one=3, north_one=3), records=(*SCRIPTS, draft))

    assert "draft-one" not in order(run, "a")
    assert run.figures.overall["recall@5"].value == pytest.approx(1 / 2)


def test_scripts_that_are_gone_are_named_and_judged_by_nobody():
    said = {"a": [Judgement("gone-two", "Ann", 2), Judgement("east-one", "Ann", 0)]}
    run = evaluated(asks("a", "north", gone_one=3, north_one=3), judgements=said)

    assert run.unknown == {"a": ("gone-one", "gone-two")}
    assert run.grades == {"a": {"induction": {"north-one": 3, "east-one": 0}}}
    assert run.figures.overall["recall@5"].value == 1
