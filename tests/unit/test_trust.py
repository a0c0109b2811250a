"""What follows from what is recorded, the canaries and the evidence, at every edge."""

import pytest

from services.domain.model_digest import State
from services.domain.settings import Thresholds
from services.domain.trust import Evidence, Measured, Measurement, Trust, decide
from tests.doubles import stamp

LIMITS = Thresholds()
NO_CENTROID = None


def weighed(declared: State, cosines: dict[str, float], canary: float | None = None, failure: str = "") -> Trust:
    measured = Measured(stamp(), "", Evidence(cosines, len(cosines), len(cosines)), NO_CENTROID)
    found = Measurement("t", "tiny", stamp(), canary, "", failure, {"induction": measured}, {})
    return decide(declared, found, "induction", LIMITS)


def found(trust: Trust) -> tuple[State, bool, str]:
    return trust.state, trust.random, trust.shown_by


@pytest.mark.parametrize("declared", State)
def test_without_a_check_what_is_recorded_decides(declared: State) -> None:
    trust = decide(declared, None, "induction", LIMITS)
    assert found(trust) == (declared, declared is State.MISMATCH, "model")


# What is declared, the worst cosine of the evidence, and what follows. A stored vector outranks a recorded name.
@pytest.mark.parametrize(
    ("declared", "cosine", "state", "random"),
    [
        (State.MATCH, 1.0, State.MATCH, False),
        (State.MATCH, 0.999, State.MATCH, False),
        (State.MATCH, 0.9989, State.DRIFTED, False),
        (State.MATCH, 0.95, State.DRIFTED, False),
        (State.MATCH, 0.9499, State.DRIFTED, True),
        (State.MATCH, -1.0, State.DRIFTED, True),
        (State.STALE, 1.0, State.STALE, False),
        (State.STALE, 0.98, State.DRIFTED, False),
        (State.STALE, 0.1, State.DRIFTED, True),
        (State.MISMATCH, 1.0, State.STALE, False),
        (State.MISMATCH, 0.98, State.DRIFTED, False),
        (State.MISMATCH, 0.1, State.MISMATCH, True),
        (State.UNVERIFIED, 1.0, State.MATCH, False),
        (State.UNVERIFIED, 0.98, State.DRIFTED, False),
        (State.UNVERIFIED, 0.1, State.MISMATCH, True),
    ],
)
def test_the_evidence_decides(declared: State, cosine: float, state: State, random: bool) -> None:  # noqa: FBT001
    trust = weighed(declared, {"one": cosine})
    assert (trust.state, trust.random) == (state, random)
    assert trust.reason


@pytest.mark.parametrize("declared", State)
def test_some_scripts_of_another_model_are_a_mismatch_whatever_is_recorded(declared: State) -> None:
    trust = weighed(declared, {"one": 1.0, "two": 0.3, "three": 0.9999})
    assert found(trust) == (State.MISMATCH, True, "evidence")
    assert trust.reason == "1 of 3 scripts looked at were embedded by another model."


# The canaries count where the evidence agrees or is not there.
@pytest.mark.parametrize("cosines", [{}, {"one": 1.0}], ids=["no-evidence", "evidence-agrees"])
@pytest.mark.parametrize(
    ("canary", "state", "random"),
    [
        (None, State.MATCH, False),
        (1.0, State.MATCH, False),
        (0.999, State.MATCH, False),
        (0.9989, State.DRIFTED, False),
        (0.95, State.DRIFTED, False),
        (0.9499, State.DRIFTED, True),
    ],
)
def test_the_canaries_decide_at_the_same_edges(
    cosines: dict[str, float],
    canary: float | None,
    state: State,
    random: bool,  # noqa: FBT001
) -> None:
    trust = weighed(State.MATCH, cosines, canary)
    assert (trust.state, trust.random) == (state, random)
    assert trust.shown_by == ("canaries" if state is State.DRIFTED else "model")


def test_without_evidence_a_recorded_mismatch_stays_one_and_nothing_recorded_stays_unverified() -> None:
    assert found(weighed(State.MISMATCH, {}, 1.0)) == (State.MISMATCH, True, "model")
    assert found(weighed(State.UNVERIFIED, {}, 1.0)) == (State.UNVERIFIED, False, "model")


@pytest.mark.parametrize("declared", State)
def test_a_model_that_could_not_be_asked_is_unverified_unless_another_one_is_recorded(declared: State) -> None:
    trust = weighed(declared, {}, failure="The server is away.")
    if declared is State.MISMATCH:
        assert found(trust) == (State.MISMATCH, True, "model")
    else:
        assert found(trust) == (State.UNVERIFIED, False, "model")
        assert trust.reason == "The model could not be asked: The server is away."


def test_thresholds_of_a_workspace_are_followed() -> None:
    measured = Measured(stamp(), "", Evidence({"one": 0.97}, 1, 1), NO_CENTROID)
    last = Measurement("t", "tiny", stamp(), None, "", "", {"induction": measured}, {})
    strict, mild = Thresholds(cosine_broken=0.98), Thresholds(cosine_attention=0.96, cosine_broken=0.9)
    assert decide(State.MATCH, last, "induction", strict).random
    assert decide(State.MATCH, last, "induction", mild).state is State.MATCH


def test_evidence_names_scripts_in_the_order_of_ids_and_their_share() -> None:
    evidence = Evidence({"d": 0.1, "a": 0.2, "c": 0.95, "b": 1.0}, 7, 9)
    assert evidence.min_cosine == 0.1
    assert evidence.below(0.95) == ("a", "d")
    assert evidence.share_below(0.95) == 0.5
    nothing = Evidence({}, 0, 9)
    assert (nothing.min_cosine, nothing.below(0.95), nothing.share_below(0.95)) == (None, (), 0.0)
