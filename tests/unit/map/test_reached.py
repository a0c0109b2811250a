"""How far questionnaires are from the scripts as retrieval has it: passage by passage, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.maps import Points
from services.domain.methods import Method, Nearest, Passages
from services.map import reached
from services.map.reached import Reachable
from tests.doubles import bare_record


def turned(*degrees):
    return np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1).astype(np.float32)


def far(degrees):
    return pytest.approx(1 - np.cos(np.radians(degrees)), abs=1e-6)


# Cards at 0, 60 and 120 degrees, bodies behind them, not all of unit length; "c" is not approved.
RECORDS = {
    one.script.id: one
    for one in (
        bare_record("a", turned(0, 40, 100)),
        bare_record("b", 3 * turned(60, 80)),
        bare_record("c", turned(120, 121), status="retired"),
        bare_record("d", turned(150)),
    )
}
POINTS = Points(tuple("abcd"), turned(47, 70, 120, 150), ("",) * 4, "m", "m")
ASKED = turned(43, 63, 121)


def of(**method):
    return Reachable.of(POINTS, RECORDS, Method(**method))


def told(reachable):
    which, distances = reachable.nearest(ASKED)
    return [reachable.scripts[place] if place >= 0 else "" for place in which.tolist()], distances.tolist()


def test_a_script_is_as_near_as_its_nearest_passage_and_only_approved_ones_count() -> None:
    # By their means 43 and 63 degrees were nearer to "a" at 47 and to "b" at 70, and 121 is retired.
    assert told(of()) == (["a", "b", "a"], [far(3), far(3), far(21)])


def test_passages_count_as_the_method_of_the_workspace_has_it() -> None:
    assert told(of(passages=Passages.CARD)) == (["b", "b", "d"], [far(17), far(3), far(29)])
    # "d" has a card only.
    assert told(of(passages=Passages.BODY)) == (["a", "b", "a"], [far(3), far(17), far(21)])
    # Of "b" 17 and 37, 3 and 17, 61 and 41 degrees; of "d" 29 for the last.
    means = [1 - np.cos(np.radians(pair)).mean() for pair in ((17, 37), (3, 17))]
    assert told(of(nearest=Nearest.MEAN)) == (["b", "b", "d"], [*(pytest.approx(m, abs=1e-6) for m in means), far(29)])


def test_a_piece_of_a_script_is_measured_to_the_nearest_other_script() -> None:
    # From 0, 40 and 100: 60, 20 and 20. From 60 and 80: 20 and 20. From 150: 50.
    assert of().usual() == far(20)
    # Cards only, 0, 60 and 150: 60, 60 and 90.
    assert of(passages=Passages.CARD).usual() == far(60)


def test_many_scripts_are_looked_at_in_runs_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, usual, seen = told(of()), of().usual(), []
    # Four passages of two numbers at once, then one script after the other.
    for most, runs in ((12, [0, 1]), (1, [0, 1, 2])):
        monkeypatch.setattr(reached, "_AT_ONCE", most)
        seen.clear()
        of().nearest(ASKED, progress=lambda done, total: seen.append((done, total)))
        assert seen == [(done, 3) for done in runs]
        assert (told(of()), of().usual()) == (whole, pytest.approx(usual))


def test_of_many_passages_a_thousand_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reached, "_MOST", 3)
    asked, nearest = [], Reachable.nearest
    monkeypatch.setattr(
        Reachable, "nearest", lambda self, some, **more: asked.append(len(some)) or nearest(self, some, **more)
    )
    assert of().usual() == of().usual()
    assert asked == [3, 3]


def test_where_nothing_would_be_retrieved_nothing_is_near() -> None:
    none = Reachable.of(POINTS, {i: replace(RECORDS["c"], script=r.script) for i, r in RECORDS.items()}, Method())
    assert none.scripts == tuple("abd")
    drafts = {i: bare_record(i, turned(0), status="draft") for i in "abcd"}
    nothing = Reachable.of(POINTS, drafts, Method())
    assert told(nothing) == ([""] * 3, [np.inf] * 3)
    assert nothing.usual() is None
    alone = Reachable.of(POINTS, {**drafts, "a": RECORDS["a"]}, Method())
    assert (told(alone)[0], alone.usual()) == (["a"] * 3, None)
