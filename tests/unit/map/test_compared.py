"""What the page shows of a comparison: each side as it was, kept apart by what it is, and sentences that are so."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pages.ui.map import compared
from services.domain.colours import LIGHT
from services.domain.moved import Compared, Moved, Seen, Side
from services.domain.scripts import Status
from services.map import beside, pair
from services.map.look import Look
from tests.unit.map.landscapes import ROWS, SECTIONS, the_map

BENCH = SimpleNamespace(settings=SimpleNamespace(sections=SECTIONS), shelf=SimpleNamespace(rows=ROWS))


def seen(commit="", asked_by="", status=None):
    records = {row.script.id: row.record for row in ROWS}
    if status:
        one = records["a"]
        records["a"] = replace(one, script=replace(one.script, status=status), digest=status)
    return Seen(Side("", commit, asked_by), the_map(), records)


def of(before, after):
    return Compared(before, after, tuple(Moved(i, 0.0, 0.0, itself=False) for i in "abcdefg"), 3, (), ())


@pytest.fixture
def state(monkeypatch):
    kept = {}
    monkeypatch.setattr(compared, "st", SimpleNamespace(session_state=kept))
    return kept


def test_of_two_commits_with_the_same_vectors_each_has_its_own_cards(state):
    sides = [seen("one", status=Status.RETIRED), seen("two", status=Status.DRAFT)]
    assert sides[0].map.key == sides[1].map.key
    listed = [compared._rows(BENCH, side) for side in sides]
    assert [rows[0].script.status for rows in listed] == [Status.RETIRED, Status.DRAFT]
    assert [compared._rows(BENCH, side) for side in sides] == listed
    assert all(compared._rows(BENCH, side) is rows for side, rows in zip(sides, listed, strict=True))


def test_pictures_are_drawn_once_and_a_ring_is_put_over_them(state, monkeypatch):
    drawn, draw = [], pair.pair
    monkeypatch.setattr(compared.pair, "pair", lambda *given: drawn.append(given) or draw(*given))
    found, look = of(seen(), seen("one")), Look(SECTIONS, colours=LIGHT)
    bare = compared._drawn(BENCH, found, look, "")
    left, _ = compared._drawn(BENCH, found, look, "b")
    assert len(drawn) == 1
    ring = left.figure["data"][-1]
    assert (ring["marker"]["symbol"], len(left.figure["data"])) == ("circle-open", len(bare[0].figure["data"]) + 1)
    left.figure["layout"]["dragmode"] = "pan"
    assert "dragmode" not in compared._drawn(BENCH, found, look, "")[0].figure["layout"]
    compared._drawn(BENCH, of(seen(), seen("one")), look, "")
    compared._drawn(BENCH, found, replace(look, height=9), "")
    assert len(drawn) == 3


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (seen(asked_by="minilm"), seen(asked_by="hashing"), "What differs is who asks"),
        (seen(), seen(asked_by="hashing"), "What differs is who asks"),
        (seen(), seen("one"), "Nothing differs between them."),
        (seen("one", status=Status.DRAFT), seen(), "Something else was changed in 1 script,"),
    ],
)
def test_where_no_script_has_moved_it_is_said_what_differs(before, after, told):
    assert beside.otherwise(of(before, after)).startswith(told)
