"""What is there twice or more: as groups and pairs, however many there are, and what of it is still to be settled."""

from dataclasses import replace

import pytest

from services.domain.scripts import Status
from services.ground.progress import silent
from services.nearness import Nearness, repeated
from tests.doubles import bare_record
from tests.unit.nearness.plane import corpus

SEA = "Let the evening come down slowly over the harbour, and let each boat find its own place to rest there tonight."
NEAR = SEA.replace("slowly", "softly")


def record(script_id, text=SEA):
    return bare_record(script_id, [(0, 1), (1, 0)], text=text)


def found(*records, meant=()):
    held = corpus(*records).records
    return repeated.repeated(held.values(), Nearness(corpus(*records)), meant, silent), held


def pairs(of):
    return [(one, twin.id) for one, twin in of.near]


def test_three_hundred_copies_are_one_group_and_one_pair_beside_what_is_nearly_the_same():
    copies = [record(f"s{n:03}") for n in range(300)]
    of, _ = found(*copies, record("near", NEAR), record("bees", "Bees murmur in the grass at noon; a gate swings."))
    # As pairs there would be 300 * 299 / 2 and 300 more.
    assert of.same == (tuple(f"s{n:03}" for n in range(300)),)
    assert (pairs(of), of.more, of.looked_among, len(of)) == ([("near", "s000")], False, 0, 2)


def test_of_many_that_are_nearly_the_same_some_are_told_and_that_there_are_more(monkeypatch):
    monkeypatch.setattr(repeated, "MOST", 2)
    every = [record("a"), record("b", NEAR), record("c", SEA.replace("evening", "morning"))]
    of, held = found(*every)
    assert (len(of.near), of.more) == (2, True)
    # What is settled leaves room for the third, and is known still.
    settled = pairs(of)[0]
    of, _ = found(*every, meant=[settled])
    assert (len(of.near), of.more) == (3, False)
    assert len(of.still(held, [settled]).near) == 2
    assert len(of.still(held, []).near) == 3


def test_a_group_falls_apart_where_everybody_is_meant_beside_everybody():
    of, held = found(*(record(i) for i in "abcd"))
    assert of.still(held, [("a", "b"), ("a", "c")]).same == (("a", "b", "c", "d"),)
    assert of.still(held, [("a", "b"), ("a", "c"), ("a", "d")]).same == (("b", "c", "d"),)
    assert of.still(held, [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).same == (("a", "d"), ("b", "c"))
    every = [(one, other) for one in "abcd" for other in "abcd" if one < other]
    assert of.still(held, every).same == ()
    # As it was found: taking back needs no search.
    assert of.still(held, []).same == (("a", "b", "c", "d"),)


def test_a_copy_stands_for_one_that_is_settled_or_gone():
    of, held = found(record("a"), record("b"), record("x", NEAR), record("y", NEAR))
    assert pairs(of) == [("a", "x")]
    assert pairs(of.still(held, [("a", "x")])) == [("a", "y")]
    assert pairs(of.still(held, [("a", "x"), ("a", "y")])) == [("b", "x")]
    assert pairs(of.still(held, [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")])) == []
    retired = replace(held["a"], script=replace(held["a"].script, status=Status.RETIRED))
    of_two = of.still({**held, "a": retired}, [])
    assert (of_two.same, pairs(of_two)) == ((("x", "y"),), [("b", "x")])
    gone = of.still({i: held[i] for i in ("x", "y")}, [])
    assert (gone.same, pairs(gone)) == ((("x", "y"),), [])


def test_who_was_edited_since_is_of_the_group_no_more():
    of, held = found(*(record(i) for i in "abc"))
    assert of.still({**held, "b": record("b", NEAR)}, []).same == (("a", "c"),)


@pytest.mark.parametrize("status", [Status.APPROVED, Status.DRAFT, Status.RETIRED])
def test_retired_scripts_are_no_copies(status):
    other = record("b")
    of, _ = found(record("a"), replace(other, script=replace(other.script, status=status)))
    assert of.same == (() if status is Status.RETIRED else (("a", "b"),))
