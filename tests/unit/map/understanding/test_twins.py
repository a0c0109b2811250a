"""Near-duplicates on a map: which are joined by lines, which are one group, and what is told of how many."""

from pathlib import Path

import pytest

from pages.ui.map import understood
from services.domain.landscape import Joined, Landscape
from services.nearness import repeated
from tests.doubles import TinyWorkbench, hand_map, make_workspace, script
from tests.unit.map.understanding.harbour import PLACES, SEA, SHOWN, SOFTLY


def test_near_duplicates_are_joined_until_both_are_meant(bench):
    (pair,) = bench.landscape(SHOWN).joined
    assert (pair.one, pair.other, pair.ends) == ("harbour", "harbour-again", ((0.0, 0.0), (1.0, 0.0)))
    assert 0.9 < pair.words < 1
    assert pair.distance is not None
    # One of them is not on the map: no line.
    without = hand_map([0, 0], **{name: PLACES[name] for name in ("harbour", "pier")})
    assert bench.landscape(without).joined == ()
    records = bench.catalogue.records
    bench.settle({name: records[name].digest for name in ("harbour", "harbour-again")})
    assert bench.landscape_shown(SHOWN) is None
    assert bench.landscape(SHOWN).joined == ()


def test_identical_scripts_are_one_group_and_a_chain(tmp_path: Path):
    same = [script(f"s{n}", title="The same", text=SEA) for n in range(4)]
    other = script("softly", text=SOFTLY)
    with TinyWorkbench(make_workspace(tmp_path / "same", [*same, other])) as bench:
        bench.refresh()
        shown = hand_map([0] * 5, **{s.id: (0, 0) for s in (*same, other)})
        found = bench.landscape(shown)
        assert found.clusters[0].centre == (0.0, 0.0)
        assert found.clusters[0].words
        assert found.same == (("s0", "s1", "s2", "s3"),)
        # Three lines for four, and one of them beside what is nearly the same.
        assert [(one.one, one.other) for one in found.joined] == [
            ("s0", "s1"),
            ("s1", "s2"),
            ("s2", "s3"),
            ("s0", "softly"),
        ]
        assert [one.words for one in found.joined[:3]] == [1.0] * 3
        assert found.joined[0].distance == pytest.approx(0, abs=1e-6)
        assert [(one.other, one.words < 1) for one in found.near] == [("softly", True)]
        assert (found.alike, found.more_joined) == (2, False)
        # From the left on, each time to the nearest.
        apart = bench.landscape(hand_map([0] * 5, s0=(2, 0), s1=(5, 0), s2=(1, 0), s3=(6, 0), softly=(9, 9)))
        assert [(one.one, one.other) for one in apart.joined[:3]] == [("s2", "s0"), ("s0", "s1"), ("s1", "s3")]
        # Of s0 and s1 both are meant, and both still are what s2 and s3 are; of s0 beside each, it stands apart.
        records = bench.catalogue.records
        for beside in ("s1", "s2", "s3"):
            assert bench.landscape(shown).same == (("s0", "s1", "s2", "s3"),)
            bench.settle({name: records[name].digest for name in ("s0", beside)})
        assert bench.landscape(shown).same == (("s1", "s2", "s3"),)


def test_lines_go_along_what_nobody_has_settled(tmp_path: Path):
    same = [script(f"s{n}", title="The same", text=SEA) for n in range(4)]
    with TinyWorkbench(make_workspace(tmp_path / "same", same)) as bench:
        bench.refresh()
        shown = hand_map([0] * 4, s0=(0, 0), s1=(1, 0), s2=(2, 0), s3=(3, 0))
        records = bench.catalogue.records

        def settle(*two):
            bench.settle({name: records[name].digest for name in two})
            found = bench.landscape(shown)
            assert found.same == (("s0", "s1", "s2", "s3"),)
            return [(one.one, one.other) for one in found.joined]

        # Past s1, which is as near to s2 as s3 is and comes first.
        assert settle("s0", "s1") == [("s0", "s2"), ("s2", "s1"), ("s1", "s3")]
        # Nobody but s3 is left for s1.
        assert settle("s1", "s2") == [("s0", "s2"), ("s2", "s3"), ("s3", "s1")]
        # From s2 nobody is reached any more: it goes on from s0.
        assert settle("s2", "s3") == [("s0", "s2"), ("s0", "s3"), ("s3", "s1")]


def test_one_of_a_group_that_is_settled_hides_no_other(tmp_path: Path):
    every = [*(script(f"s{n}", title="The same", text=SEA) for n in range(3)), script("softly", text=SOFTLY)]
    with TinyWorkbench(make_workspace(tmp_path / "same", every)) as bench:
        bench.refresh()
        shown, records = hand_map([0] * 4, **{s.id: (0, 0) for s in every}), bench.catalogue.records
        for beside, near in (("s0", [("s1", "softly")]), ("s1", [("s2", "softly")]), ("s2", [])):
            bench.settle({name: records[name].digest for name in (beside, "softly")})
            assert [(one.one, one.other) for one in bench.landscape(shown).near] == near


def test_of_very_many_that_are_alike_some_are_told_and_that_there_are_more(bench, monkeypatch):
    monkeypatch.setattr(repeated, "MOST", 1)
    assert not bench.landscape(SHOWN).more_joined
    bench.save(script("harbour-third", text=SEA.replace("evening", "morning")), None)
    found = bench.landscape(hand_map([0] * 7, **PLACES, **{"harbour-third": (1, 1)}))
    assert (len(found.joined), found.more_joined, found.looked_among) == (1, True, 0)


def test_where_very_many_lie_near_it_says_among_how_many_it_has_looked(bench, monkeypatch):
    monkeypatch.setattr("services.nearness._LOOKED_AT", 1)
    found = bench.landscape(SHOWN)
    assert (found.more_joined, found.looked_among) == (False, 1)


PAIR = Joined("harbour", "harbour-again", 0.9, 0.1, ((0, 0), (1, 0)))


@pytest.mark.parametrize(
    ("joined", "more", "among", "count", "told"),
    [
        ((), False, 0, "0", "No two scripts are nearly the same."),
        ((), False, 100_000, "0", "None among the 100,000 pairs that lie nearest."),
        ((PAIR,), False, 100_000, "1", "Looked for among the 100,000 pairs that lie nearest."),
        ((PAIR,), False, 0, "1", ""),
        ((PAIR,), True, 0, "1+", "There are more: of so many that are alike, this 1 pair lies nearest to each other."),
        (
            (PAIR, PAIR),
            True,
            100_000,
            "2+",
            "There are more: of so many that are alike, these 2 pairs lie nearest to each other.",
        ),
    ],
)
def test_the_page_tells_more_from_not_looked_further(joined, more, among, count, told):
    found = Landscape("key", "basis", joined=joined, more_joined=more, looked_among=among)
    assert understood.how_many(found)[understood.ALIKE] == count
    assert understood.how_many_alike(found) == told
