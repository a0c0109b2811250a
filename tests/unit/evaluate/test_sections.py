"""Sections that cannot be asked are left out of every figure, and named."""

from dataclasses import replace

import ir_measures
import pytest

from services.compare import compare
from services.domain.judgements import Judgement
from services.domain.model_digest import Stamp, State
from services.domain.runs import Outcome
from services.domain.scripts import Status
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.evaluate import evaluate
from services.exporting.trec import qrels_of_run, trec_run
from services.ground.progress import silent
from services.vectors import recipe_of
from tests.doubles import bare_record, other_preparation
from tests.unit.evaluate.compass import POINTS, SCRIPTS, Compass, asks, evaluated, order, subject

WANTED = asks("a", "north", north_one=3, north_two=3)
RANDOM = Trust(State.MISMATCH, True, "Another model embedded these scripts.")


def test_a_section_whose_answers_would_be_random_is_refused():
    run = evaluated(WANTED, known={"awakening": RANDOM})

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


def test_a_section_without_scripts_is_named_and_counts_0_where_something_is_judged():
    three = Settings(sections=("induction", "affirmations", "awakening"))
    draft = bare_record("draft-one", [POINTS["north"]], "affirmations")
    draft = replace(draft, script=replace(draft.script, status=Status.DRAFT))
    wanted = (asks("a", "north", draft_one=3, north_one=3), asks("b", "north", north_one=3))
    run = evaluated(*wanted, records=(*SCRIPTS, draft), settings=three)

    assert run.without_scripts == ("affirmations",)
    assert (run.figures.sections["affirmations"]["recall@5"].value, run.figures.of("b", "recall@5")) == (0, 1)
    # The mean of (1 + 0) / 2 and 1.
    assert run.figures.overall["recall@5"].value == 0.75


def test_a_run_has_one_figure_also_where_a_section_was_emptied():
    """As it says itself, as it compares, and as other tools have it."""
    full = evaluated(WANTED)
    records = [replace(r, script=replace(r.script, status=Status.RETIRED)) if r == SCRIPTS[3] else r for r in SCRIPTS]
    made = subject([WANTED], records)
    run = evaluate(made, silent)

    # North-two is found no more: half of what it was.
    assert [one.figures.overall["recall@5"].value for one in (full, run)] == [1, 0.5]
    found = compare(full, run).tests["recall@5"]
    assert (found.before.value, found.after.value) == (1, 0.5)
    assert exported(run, made) == 0.5


def test_what_was_refused_is_in_no_figure_of_other_tools_either():
    made = replace(subject([WANTED, asks("b", "refused", north_one=1)]), known={"awakening": RANDOM})
    run = evaluate(made, silent)

    assert (run.figures.overall["recall@5"].value, exported(run, made)) == (1, 1)


def exported(run, made):
    """Recall@5, as ``ir_measures`` has it of the two files."""
    given = (run, made.catalogue, made.questionnaires, made.grades)
    lines, qrels = trec_run(*given).decode(), qrels_of_run(*given).decode()
    metric = ir_measures.parse_measure("R@5")
    read = (list(ir_measures.read_trec_qrels(qrels)), list(ir_measures.read_trec_run(lines)))
    return ir_measures.calc_aggregate([metric], *read)[metric]


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
