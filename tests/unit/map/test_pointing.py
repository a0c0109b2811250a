"""What is told of a script that is pointed at where they are many: of the picture that is shown, and of no other."""

import pytest

from pages.ui.map import pointing
from services.map.look import Colouring, Look
from services.map.picture import draw
from tests.unit.map.landscapes import ROWS, SECTIONS, the_map

SILENT = 6


def told(frame="left", rows=ROWS, **look):
    made = Look(SECTIONS, most_texts=SILENT, **look)
    return pointing.Told(frame, draw(the_map(), rows, made), the_map(), rows, made)


def lines(pictures, *name):
    return list(pointing._lines(pictures, ":".join(map(str, name))))


def test_a_point_is_named_by_its_frame_its_trace_its_place_and_its_picture():
    left, right = told(), told("right", colouring=Colouring.STATUS)
    name = left.picture.name
    assert left.picture.scripts[0] == ("a", "b", "c")
    assert lines([left, right], 0, 0, 2, name) == ["=1+1", " ".join(["wave"] * 16) + "…", "Induction · draft"]
    # The same numbers on the other side are another script.
    assert right.picture.scripts[0] == ("a", "b", "d", "f")
    assert lines([left, right], 1, 0, 2, right.picture.name)[0] == "D"
    # It was placed afterwards, and stands in a trace of its own.
    assert lines([left], 0, 2, 0, name)[-1] == "placed after the map was drawn"


def test_nothing_is_told_of_a_picture_that_is_another_by_now():
    before, after = told(), told(colouring=Colouring.STATUS)
    assert lines([after], 0, 0, 2, before.picture.name) == []
    assert lines([after], 0, 0, 2) == []
    assert before.picture.name == told().picture.name != after.picture.name
    # What a filter leaves has other numbers too.
    assert told(rows=ROWS[1:]).picture.name != before.picture.name


@pytest.mark.parametrize("name", ["", "0", "0:0", "0:0:9:{}", "0:9:0:{}", "1:0:0:{}", "0:-1:0:{}", "a:b:c:{}"])
def test_what_names_no_point_is_answered_by_nothing(name):
    left = told()
    assert pointing._lines([left], name.format(left.picture.name)) == ()


def test_only_of_so_many_it_is_asked_at_all(monkeypatch):
    asked = []
    monkeypatch.setattr(pointing, "_tell", asked.append)
    few, many = told(rows=ROWS[:SILENT]), told()
    pointing.tell([few])
    assert asked == []
    pointing.tell([few, many])
    assert asked == [[few, many]]
