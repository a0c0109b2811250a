"""How near scripts are: distances worked out by hand, and what is suggested by them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from services.domain.scripts import Record
from services.domain.section_guess import TellingApart
from services.nearness import Nearness, Suggestion
from services.ports import Catalogue
from tests.doubles import TinyWorkbench, bare_record, make_workspace, record, script, stamp
from tests.unit.nearness.plane import corpus, vectors


@pytest.fixture
def four():
    """Body passages at 0, 60, 90 and 180 degrees; all cards point the same way and must not count."""
    half = (0.5, math.sqrt(0.75))
    return corpus(
        bare_record("a-zero", [(0, 1), (3, 0)]),
        bare_record("b-sixty", [(0, 1), half, (0, -1)]),
        bare_record("c-ninety", [(0, 1), (0, 2)], "awakening"),
        bare_record("d-opposite", [(0, 1), (-1, 0)], "awakening"),
    )


def test_neighbours_are_those_of_the_nearest_body_passages(four):
    found = Nearness(four).neighbours(vectors((2.0, 0.0)))
    near = {section: [(n.id, round(n.distance, 6)) for n in scripts] for section, scripts in found.items()}
    assert near == {
        "induction": [("a-zero", 0.0), ("b-sixty", 0.5)],
        "awakening": [("c-ninety", 1.0), ("d-opposite", 2.0)],
    }


def test_without_and_most(four):
    found = Nearness(four).neighbours(vectors((2.0, 0.0)), without="a-zero", most=1)
    ids = {section: [n.id for n in near] for section, near in found.items()}
    assert ids == {"induction": ["b-sixty"], "awakening": ["c-ninety"]}


def test_a_script_of_another_model_is_near_to_nothing(four):
    other = replace(four.records["a-zero"].vectors, stamp=stamp("another", 2))
    nearness = Nearness(four)
    assert nearness.neighbours(other) == {}
    assert nearness.section(other) is None
    assert nearness.focus_areas(other) == ()


def test_records_of_another_model_or_without_vectors_are_left_out(four):
    stray = replace(four.records["a-zero"], vectors=replace(four.records["a-zero"].vectors, stamp=stamp("another", 2)))
    mixed = Catalogue({**four.records, "a-zero": stray, "b-sixty": replace(four.records["b-sixty"], vectors=None)})
    near = Nearness(mixed).neighbours(vectors((1.0, 0.0)))
    assert {n.id for found in near.values() for n in found} == {"c-ninety", "d-opposite"}


def test_an_empty_catalogue_answers():
    nearness = Nearness(Catalogue({}))
    made = record(script("a-one"))
    assert nearness.neighbours(made.vectors) == {}
    assert list(nearness.twins(made.script, made.vectors)) == []
    assert list(nearness.all_twins()) == []
    assert nearness.section(made.vectors) is None


def test_focus_areas_weigh_by_closeness():
    near = bare_record("a-near", [(0, 1), (1, 0)], focus_areas=("sleep", "pain"))
    far = bare_record("b-far", [(0, 1), (0.9, math.sqrt(0.19))], focus_areas=("pain",))
    elsewhere = bare_record("c-elsewhere", [(0, 1), (1, 0)], "awakening", focus_areas=("grief",))
    nearness = Nearness(corpus(near, far, elsewhere))
    # Distances 0 and 0.1: weights 1 and 1/e, so that sleep has 1 / (1 + 1/e).
    found = nearness.focus_areas(vectors((1.0, 0.0)), section="induction")
    assert [s.value for s in found] == ["pain", "sleep"]
    assert [s.sureness for s in found] == pytest.approx([1.0, 1 / (1 + math.exp(-1))], abs=1e-5)
    assert nearness.focus_areas(vectors((1.0, 0.0)), section="awakening") == (Suggestion("grief", 1.0),)


def test_the_section_is_told_by_what_tells_sections_apart():
    def of(first, last):
        return np.array([*first, *last, *first], np.float32)

    known = [of((1, 0), (1, 0)), of((0, 1), (0, -1)), of((1, 0), (0, 1)), of((0, 1), (-1, 0))]
    apart = TellingApart(["a", "b", "a", "b"], lambda kept: np.array([known[k] for k in kept]))
    value, sureness = apart.guess(known[0])
    assert value == "a"
    assert 0.5 < sureness <= 1.0
    assert apart.guess(known[3])[0] == "b"
    assert TellingApart(["a", "a"], lambda kept: np.array(known)[list(kept)]).guess(known[0]) is None


def test_making_it_costs_nothing():
    class Untouched(dict):
        def _touched(self, *_):
            raise AssertionError("Nobody has asked yet.")

        __iter__ = items = values = keys = __getitem__ = _touched

    nearness = Nearness(Catalogue(Untouched()))
    with pytest.raises(AssertionError):
        nearness.all_twins()


def test_the_workbench_keeps_one_for_each_catalogue(tmp_path):
    with TinyWorkbench(make_workspace(tmp_path / "w", [script("a-one"), script("b-two")])) as bench:
        bench.refresh()
        first = bench.nearness()
        assert bench.nearness() is first
        bench.save(script("c-three"), None)
        assert bench.nearness() is not first
        made: Record = bench.catalogue.records["c-three"]
        assert {n.id for n in bench.nearness().neighbours(made.vectors)["induction"]} == {"a-one", "b-two", "c-three"}
