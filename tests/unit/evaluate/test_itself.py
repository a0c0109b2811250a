"""A query that is a document of its collection too is no answer to itself."""

from dataclasses import replace

import pytest

from services.domain.judgements import Judgement
from services.domain.runs import DEPTH
from tests.doubles import bare_record
from tests.unit.evaluate.compass import POINTS, SCRIPTS, Compass, asks, evaluated, order


def test_a_query_of_a_collection_does_not_find_its_own_document():
    itself = bare_record("north-self", [POINTS["north"]])
    itself = replace(itself, script=replace(itself.script, text="North it is.", source_id="N 1"))
    model = Compass(points={**POINTS, "North it is.": POINTS["north"]})
    question = replace(asks("n-1", "North it is.", east_one=1), source_id="N 1")
    run = evaluated(question, records=(*SCRIPTS, itself), embedder=model)
    (found,) = [run.answers[0].sections["induction"]]

    assert found.scripts == ("north-one", "between-one", "east-one")
    assert (found.ranked, found.ranks) == (3, {"east-one": 3})

    # A questionnaire that a script is only called like is answered by it.
    other = evaluated(replace(asks("n-1", "north"), source_id="N 1"), records=(*SCRIPTS, itself), embedder=model)
    assert "north-self" in order(other, "n-1")


@pytest.mark.parametrize("grade", [2, 0])
def test_what_somebody_expects_or_judges_is_an_answer(grade):
    itself = bare_record("self", [POINTS["north"]])
    itself = replace(itself, script=replace(itself.script, text="north"))
    said = {"self": [Judgement("self", "Ann", grade)]}
    run = evaluated(asks("self", "north", self=1, east_one=1), records=(*SCRIPTS[1:], itself), judgements=said)

    assert order(run, "self")[0] == "self"
    assert run.figures.of("self", "success@1") == (grade >= 1)


def test_what_is_left_is_as_long_as_any_ranking():
    others = [bare_record(f"s-{i:03}", [(i / 1000, 1)]) for i in range(DEPTH + 5)]
    itself = replace(others[7], script=replace(others[7].script, text="north"))
    run = evaluated(asks("s-007", "north"), asks("b", "north"), records=(*others[:7], itself, *others[8:]))

    found = run.answers[1].sections["induction"].scripts
    assert (len(found), found[-1], "s-007" in found) == (DEPTH, f"s-{DEPTH:03}", False)
    assert len(order(run, "b")) == DEPTH
    assert order(run, "b")[7] == "s-007"
