"""Sections too small, odd or broken for a verdict, and how verdicts are shown and counted."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from services.domain.results import Ranking, State
from services.domain.separation import Counts, Separation, Verdict, summarise
from services.indexes.matrix import SectionMatrix
from tests.unit.separation.made_up import directions, section


@pytest.mark.parametrize("count", [0, 1, 2, 5, 7])
def test_too_few_scripts_get_no_verdict(count):
    made = section(directions(count, 384)) if count else SectionMatrix.of({})
    question = directions(1, 384, seed=2)[0]
    found = made.score(question).separation(question)
    assert (found.verdict, found.value, found.margin) == (None, None, None)
    assert found.reason == "fewer than 8 scripts: too few to tell"


def test_few_dimensions_get_no_verdict():
    question = directions(1, 8, seed=2)[0]
    found = section(directions(20, 8)).score(question).separation(question)
    assert found == Separation(None, reason="vectors of fewer than 64 numbers: too few to tell")


def test_scripts_that_are_all_the_same_do_not_stand_apart():
    row = directions(1, 128)[0]
    found = section(np.tile(row, (10, 1))).score(row).separation(row)
    assert (found.verdict, found.margin) == (Verdict.WEAK, 0.0)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_vectors_that_are_no_directions_get_a_reason():
    rows = directions(10, 128)
    rows[3] = np.nan
    found = section(rows).score(rows[0]).separation(rows[0])
    assert found == Separation(None, reason="some distances are no numbers")


def test_a_ranking_that_was_not_scored_whole_says_so_in_json():
    shown = Ranking("induction", State.MATCH).separation.as_json()
    assert shown == {
        "verdict": None,
        "value": None,
        "margin": None,
        "reason": "the section was not scored as a whole",
    }


def test_json_is_rounded_and_plain():
    shown = Separation(Verdict.NO_INFORMATION, 1.23456, -0.98765).as_json()
    assert json.loads(json.dumps(shown)) == {
        "verdict": "no information",
        "value": 1.235,
        "margin": -0.988,
        "reason": "",
    }
    assert Separation(Verdict.WEAK, 4.5, 0.0).as_json()["margin"] == 0.0


def test_many_rankings_are_summarised():
    def some() -> Iterator[Separation]:
        yield from [Separation(Verdict.CLEAR, 5, 3)] * 3
        yield from [Separation(Verdict.NO_INFORMATION, 1, 3)] * 2
        yield Separation(Verdict.WEAK, 5, 1)
        yield Separation(None, reason="too few")

    counts = summarise(some())
    assert counts == Counts(clear=3, weak=1, no_information=2, untold=1)
    assert counts.judged == 6
    assert summarise([]) == Counts()
