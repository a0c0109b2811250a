"""Each cell of the health matrix: its state at the edges, what it says, what mends it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from services.domain.checks import Cell, Check, Mend
from services.domain.model_digest import State
from services.domain.settings import Thresholds
from services.domain.trust import Evidence, Measured, Measurement
from services.health import cells
from services.health.cells import centroid_shift
from tests.doubles import bare_record, other_preparation, stamp

LIMITS = Thresholds()
TINY, ADA = stamp(), stamp("ada")
# What float32 makes of the thresholds, and of the numbers just below them.
AT, BELOW_AT = 0.999, 0.99899
BROKEN, BELOW_BROKEN = 0.95, 0.94999


def measured(cosines: dict[str, float] | None = None, centroid: tuple[float, ...] = (1, 0), **more: object) -> Measured:
    looked = {"one": 1.0} if cosines is None else cosines
    evidence = Evidence(looked, len(looked), 9)
    return Measured(TINY, "records", evidence, np.array(centroid, np.float32), **more)


def check(canary: float | None = 1.0, **more: object) -> Measurement:
    given = {"time": "now", "canary_recorded": "then", "failure": "", **more}
    return Measurement(
        embedder="tiny", query=TINY, canary_min_cosine=canary, sections={"induction": measured()}, versions={}, **given
    )


def said(cell: Cell) -> tuple[State | None, Mend]:
    """And every cell that is not fine says what it means or what to do."""
    assert cell.short
    assert cell.compared.endswith(".")
    assert cell.fine or cell.means or cell.mend is not Mend.NOTHING
    return cell.state, cell.mend


@pytest.mark.parametrize(
    ("cosine", "expected"),
    [
        (None, State.MISMATCH),
        (1.0, State.STALE),
        (AT, State.STALE),
        (BELOW_AT, State.DRIFTED),
        (BROKEN, State.DRIFTED),
        (BELOW_BROKEN, State.MISMATCH),
    ],
)
def test_two_names_are_as_far_apart_as_their_vectors(cosine: float | None, expected: State) -> None:
    found = cells.model(ADA, TINY, measured({} if cosine is None else {"one": cosine}), LIMITS)
    assert said(found) == (expected, Mend.EMBED)
    assert ADA.model_digest[:12] in found.compared
    assert TINY.model_digest[:12] in found.compared


def test_one_name_matches_and_none_is_unverified() -> None:
    assert said(cells.model(TINY, other_preparation(TINY), None, LIMITS)) == (State.MATCH, Mend.NOTHING)
    assert said(cells.model(None, TINY, measured(), LIMITS)) == (State.UNVERIFIED, Mend.EMBED)
    assert said(cells.model(ADA, TINY, None, LIMITS)) == (State.MISMATCH, Mend.EMBED)


@pytest.mark.parametrize(
    ("cosine", "expected"),
    [
        (1.0, (State.MATCH, Mend.NOTHING)),
        (AT, (State.MATCH, Mend.NOTHING)),
        (BELOW_AT, (State.DRIFTED, Mend.EMBED_ALL)),
        (BROKEN, (State.DRIFTED, Mend.EMBED_ALL)),
        (BELOW_BROKEN, (State.DRIFTED, Mend.EMBED_ALL)),
    ],
)
def test_canaries(cosine: float, expected: tuple[State, Mend]) -> None:
    assert said(cells.canaries(check(cosine), "then", LIMITS)) == expected


def test_a_provider_that_changed_is_told_from_one_that_moved_a_little() -> None:
    assert "the provider has changed it" in cells.canaries(check(BELOW_BROKEN), "then", LIMITS).means
    assert "moved a little" in cells.canaries(check(BROKEN), "then", LIMITS).means


def test_canaries_that_are_not_there() -> None:
    assert said(cells.canaries(None, "", LIMITS)) == (State.UNVERIFIED, Mend.CHECK)
    assert said(cells.canaries(check(None, failure="Away."), "then", LIMITS)) == (State.UNVERIFIED, Mend.CHECK)
    assert said(cells.canaries(check(None), "", LIMITS)) == (State.UNVERIFIED, Mend.EMBED)
    assert said(cells.canaries(check(None), "now", LIMITS)) == (None, Mend.NOTHING)


@pytest.mark.parametrize(
    ("cosines", "expected", "short"),
    [
        ({"one": 1.0, "two": AT}, (State.MATCH, Mend.NOTHING), "0.9990"),
        ({"one": 1.0, "two": BELOW_AT}, (State.DRIFTED, Mend.EMBED_ALL), "0.9990"),
        ({"one": 1.0, "two": BROKEN}, (State.DRIFTED, Mend.EMBED_ALL), "0.9500"),
        ({"one": 1.0, "two": BELOW_BROKEN}, (State.MISMATCH, Mend.EMBED_ALL), "1 of 2 foreign"),
        ({"one": 0.1, "two": -1.0}, (State.MISMATCH, Mend.EMBED_ALL), "2 of 2 foreign"),
        ({}, (State.MISMATCH, Mend.EMBED), "not comparable"),
    ],
)
def test_evidence(cosines: dict[str, float], expected: tuple[State, Mend], short: str) -> None:
    found = cells.evidence(measured(cosines), "", LIMITS)
    assert (said(found), found.short) == (expected, short)


def test_evidence_says_how_much_was_looked_at() -> None:
    found = cells.evidence(measured({"one": 1.0, "two": 0.5}), "", LIMITS)
    assert found.compared == "2 stored passages of 2 of 9 scripts, embedded once more: cosine 0.50000 at worst."
    assert found.means.startswith("1 of 2 scripts looked at were embedded by another model")
    assert cells.evidence(measured({"one": 0.5}), "", LIMITS).means.startswith("All scripts looked at")


@pytest.mark.parametrize(
    "cell", [cells.unread, partial(cells.rankings, random=False), lambda m, f: cells.evidence(m, f, LIMITS)]
)
def test_what_was_not_asked_is_unverified_and_says_why(cell) -> None:
    assert said(cell(None, "")) == (State.UNVERIFIED, Mend.CHECK)
    away = cell(measured(), "The server is away.")
    assert said(away) == (State.UNVERIFIED, Mend.CHECK)
    assert away.compared == "The model could not be asked. The server is away."


def test_agreement() -> None:
    other_way = other_preparation(TINY)
    assert said(cells.agreement(TINY, {})) == (None, Mend.NOTHING)
    assert said(cells.agreement(TINY, {"a": TINY, "b": TINY})) == (State.MATCH, Mend.NOTHING)
    assert said(cells.agreement(TINY, {"a": TINY, "b": ADA})) == (State.MISMATCH, Mend.EMBED)
    assert said(cells.agreement(TINY, {"a": other_way, "b": TINY})) == (State.STALE, Mend.EMBED)
    assert said(cells.agreement(TINY, {"a": None})) == (State.MISMATCH, Mend.EMBED)
    assert cells.agreement(TINY, {"a": TINY, "b": ADA}).compared == "Another model is recorded with b."


def test_preparation() -> None:
    assert said(cells.preparation(TINY, TINY)) == (State.MATCH, Mend.NOTHING)
    assert said(cells.preparation(other_preparation(TINY), TINY)) == (State.STALE, Mend.EMBED)
    assert said(cells.preparation(ADA, TINY)) == (None, Mend.NOTHING)
    assert said(cells.preparation(None, TINY)) == (State.UNVERIFIED, Mend.EMBED)


# Lengths: 1, 0.9995 and 1.0005 are of unit length to a thousandth; 1.002 is not.
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 0), (0.9995, 0), (0, 1.0005)], State.MATCH),
        ([(1, 0), (1.002, 0)], State.DRIFTED),
        ([(1, 0), (float("nan"), 0)], State.DRIFTED),
        ([(1, 0), (float("inf"), 0)], State.DRIFTED),
        ([(3, 4)], State.DRIFTED),
        ([(1, 0, 0)], State.MISMATCH),
    ],
)
def test_vectors(rows: list[tuple[float, ...]], expected: State) -> None:
    found = cells.vectors([bare_record("one", rows)], stamp(dimensions=2), "cosine", normalised=True)
    assert said(found)[0] is expected


@pytest.mark.parametrize(
    ("distance", "expected"), [("cosine", State.MATCH), ("l2", State.DRIFTED), ("", State.DRIFTED)]
)
def test_the_distance_function_must_fit(distance: str, expected: State) -> None:
    found = cells.vectors([bare_record("one", [(3, 4)])], stamp(dimensions=2), distance, normalised=False)
    assert said(found)[0] is expected


def test_passages_whose_records_are_gone_have_no_vectors_to_look_at() -> None:
    assert said(cells.vectors([], TINY, "cosine", normalised=True)) == (None, Mend.NOTHING)


def test_index() -> None:
    assert said(cells.index(synced=True, findings=())) == (State.MATCH, Mend.NOTHING)
    assert said(cells.index(synced=False, findings=())) == (State.STALE, Mend.REBUILD)
    lost = cells.index(synced=False, findings=("The passage one#1 is not found by its own vector.", "More."))
    assert said(lost) == (State.STALE, Mend.REBUILD)
    assert lost.means == "The passage one#1 is not found by its own vector. Rebuild the index."


def test_unread() -> None:
    assert said(cells.unread(measured(), "")) == (State.MATCH, Mend.NOTHING)
    some = cells.unread(measured(unread={"one": 0.5}, unread_scripts=3, unread_share=0.1234), "")
    assert said(some) == (State.STALE, Mend.EMBED_ALL)
    assert some.compared.startswith("12.3% of the words, in 3 scripts, stand in no passage")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, None),
        ({"clear": 1}, State.MATCH),
        ({"no information": 3}, State.MATCH),
        ({"no information": 2, "weak": 2}, State.MATCH),
        ({"no information": 3, "weak": 1}, State.DRIFTED),
        ({"no information": 60}, State.DRIFTED),
    ],
)
def test_rankings_are_looked_at_from_four_questionnaires_on(counts: dict[str, int], expected: State | None) -> None:
    assert said(cells.rankings(measured(separations=counts), "", random=False))[0] is expected


# Of (3, 4), whose length is 5, to (3, 4.25): 0.25 / 5 = 0.05, and to (3, 4.5): 0.1.
@pytest.mark.parametrize(
    ("now", "moved", "expected"),
    [
        ((3, 4), 0.0, (State.MATCH, Mend.NOTHING)),
        ((3, 4.25), 0.05, (State.MATCH, Mend.NOTHING)),
        ((3, 4.5), 0.1, (State.DRIFTED, Mend.ACCEPT)),
        ((-3, -4), 2.0, (State.DRIFTED, Mend.ACCEPT)),
    ],
)
def test_shift_is_a_share_of_the_earlier_length(now, moved: float, expected: tuple[State, Mend]) -> None:
    then = measured(centroid=(3, 4))
    assert centroid_shift(measured(centroid=now), then) == pytest.approx(moved)
    found = cells.shift(measured(centroid=now), then, LIMITS)
    assert said(found) == expected
    assert found.short == f"{moved:.1%}"


def test_what_moved_says_whether_the_records_did() -> None:
    then, now = measured(centroid=(1, 0)), measured(centroid=(0, 1))
    assert "their vectors were made by something else" in cells.shift(now, then, LIMITS).means
    assert "Scripts came, went or changed" in cells.shift(replace(now, records="others"), then, LIMITS).means


def test_nothing_to_compare_a_shift_with() -> None:
    one = measured()
    assert said(cells.shift(one, one, LIMITS))[0] is None
    assert said(cells.shift(one, None, LIMITS))[0] is None
    assert said(cells.shift(None, one, LIMITS))[0] is None
    assert said(cells.shift(one, measured(centroid=(1, 0, 0)), LIMITS))[0] is None
    assert centroid_shift(one, measured(centroid=(0, 0))) is None


def test_every_check_has_a_cell() -> None:
    made = {
        cells.model(TINY, TINY, None, LIMITS).check,
        cells.canaries(None, "", LIMITS).check,
        cells.evidence(None, "", LIMITS).check,
        cells.agreement(TINY, {}).check,
        cells.preparation(TINY, TINY).check,
        cells.vectors([], TINY, "cosine", normalised=True).check,
        cells.index(synced=True, findings=()).check,
        cells.unread(None, "").check,
        cells.rankings(None, "", random=False).check,
        cells.shift(None, None, LIMITS).check,
    }
    assert made == set(Check)


def test_rankings_of_a_half_foreign_collection_mean_nothing() -> None:
    found = cells.rankings(replace(measured(), separations={"clear": 5}), "", random=True)
    assert (found.state, found.short) == (None, "no meaning")
