"""The list of scripts: in order, searched and filtered, and prepared once for each record."""

import pytest

from services import shelf as module
from services.domain.scripts import Record, Status
from services.ports import Catalogue
from services.shelf import Shelves, Wanted
from tests.doubles import SECTIONS, script

SCRIPTS = [
    script("oak", "affirmations", "I stand like an OAK in the wind.", focus_areas=("strength",)),
    script("meadow", "induction", "Grass and bees hum.", situation="For Straße people", status="draft"),
    script("attic", "induction", "Dust settles in the wind.", title="zebra attic", focus_areas=("sleep", "strength")),
    script("harbour", "induction", "Waves roll slowly.", author="Ana Oaks", status="retired"),
]


def catalogue(scripts=SCRIPTS):
    return Catalogue({s.id: Record(s) for s in scripts})


def found(wanted, scripts=SCRIPTS):
    return [row.script.id for row in Shelves().of(catalogue(scripts), SECTIONS).find(wanted)]


def test_it_is_ordered_by_section_as_the_workspace_lists_them_and_then_by_title():
    assert found(Wanted()) == ["harbour", "meadow", "attic", "oak"]


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("oak", ["harbour", "oak"]),
        ("WIND in", ["attic", "oak"]),
        ("in wind", ["attic", "oak"]),
        ("strasse", ["meadow"]),
        ("strength wind", ["attic", "oak"]),
        ("  ", ["harbour", "meadow", "attic", "oak"]),
        ("wind waves", []),
    ],
)
def test_every_word_of_the_search_must_stand_somewhere_in_any_order_and_case(search, ids):
    assert found(Wanted(search)) == ids


def test_filters_narrow_and_go_together():
    assert found(Wanted(sections=["induction"])) == ["harbour", "meadow", "attic"]
    assert found(Wanted(statuses=[Status.DRAFT, Status.RETIRED])) == ["harbour", "meadow"]
    assert found(Wanted(focus_areas=["strength", "grief"])) == ["attic", "oak"]
    assert found(Wanted("wind", ["induction"], [Status.APPROVED], ["sleep"])) == ["attic"]


def test_focus_areas_are_listed_once_in_order():
    assert Shelves().of(catalogue(), SECTIONS).focus_areas == ("sleep", "strength")


def test_only_records_that_are_others_are_prepared_again(monkeypatch):
    shelves, prepared = Shelves(), []
    row = module._row
    monkeypatch.setattr(module, "_row", lambda record: prepared.append(record.script.id) or row(record))
    before = catalogue()
    first = shelves.of(before, SECTIONS)
    assert sorted(prepared) == ["attic", "harbour", "meadow", "oak"]
    assert shelves.of(before, SECTIONS) is first

    changed = script("meadow", "awakening", "Grass and crickets.")
    records = {**before.records, "meadow": Record(changed)}
    del records["oak"]
    prepared.clear()
    shelf = shelves.of(Catalogue(records), SECTIONS)

    assert prepared == ["meadow"]
    assert [row.script.id for row in shelf.find(Wanted())] == ["harbour", "attic", "meadow"]
    assert [row.script.id for row in shelf.find(Wanted("crickets"))] == ["meadow"]
    assert shelf.find(Wanted("bees")) == []
