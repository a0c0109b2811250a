"""Gaps: the fence worked out by hand, and what words are missing."""

import numpy as np
import pytest

from services.domain.separation import NOT_SCORED, Separation, Verdict
from services.map.gaps import Answer, fence, gaps, missing
from tests.doubles import hand_map, record, script

# Median 0.47; the quarters of the differences are -0.035 and 0.035, so that the fence is 0.035 + 1.5 * 0.07 = 0.14.
DISTANCES = (0.40, 0.42, 0.44, 0.46, 0.48, 0.50, 0.52, 0.90)
RECORDS = {
    "harbour": record(script("harbour", title="Harbour", text="Boats smoke on the evening tide.")),
    "garden": record(script("garden", title="Garden", text="Wet grass and bees.")),
}


SHOWN = hand_map(harbour=(0, 0), garden=(4, 8))


def answer(number, distance, section="induction", verdict=None, text="quit smoking", further=0.02):
    separation = Separation(verdict, 1.0, 1.0) if verdict else NOT_SCORED
    told = (distance, distance + further)
    return Answer(f"q{number}", f"Q{number}", text, section, ("harbour", "garden"), told, separation)


def eight(section="induction", add=0.0):
    return [answer(number, distance + add, section) for number, distance in enumerate(DISTANCES)]


def test_the_fence_by_hand():
    assert fence(eight()) == pytest.approx(0.14)


def test_what_lies_beyond_the_fence_is_a_gap():
    (found,) = gaps(eight(), SHOWN, RECORDS, {})
    assert (found.questionnaire, found.section, found.far, found.unrelated) == ("q7", "induction", True, False)
    assert (found.distance, found.usual) == (0.90, pytest.approx(0.47))
    assert found.nearest == ("harbour", "garden")
    assert found.reason == "Its nearest script is 0.90 away, where 0.47 is usual."


def test_sections_are_held_against_their_own_median_and_one_fence():
    # The second section is farther as a whole, and no farther than usual for it: one gap in each, not eight.
    found = gaps([*eight(), *eight("awakening", add=0.3)], SHOWN, RECORDS, {})
    assert fence([*eight(), *eight("awakening", add=0.3)]) == pytest.approx(0.14)
    assert [(gap.section, gap.distance) for gap in found] == [("awakening", pytest.approx(1.2)), ("induction", 0.90)]


def test_too_few_have_no_fence_and_neither_have_those_that_are_all_as_far():
    assert fence(eight()[1:]) is None
    assert gaps(eight()[1:], SHOWN, RECORDS, {}) == ()
    level = [answer(number, 0.5) for number in range(20)]
    assert fence(level) is None
    assert gaps([*level, answer(20, 0.5001)], SHOWN, RECORDS, {}) == ()


def test_an_unrelated_question_is_a_gap_however_few_there_are_and_comes_first():
    unrelated = answer(99, 0.3, verdict=Verdict.NO_INFORMATION)
    found = gaps([*eight(), unrelated, answer(98, 0.3, verdict=Verdict.WEAK)], SHOWN, RECORDS, {})
    assert [(gap.questionnaire, gap.unrelated, gap.far) for gap in found] == [("q99", True, False), ("q7", False, True)]
    assert found[0].reason == "An unrelated question would come as near."
    assert [gap.questionnaire for gap in gaps([unrelated], SHOWN, RECORDS, {})] == ["q99"]


def test_a_gap_lies_among_its_nearest_scripts():
    # The second is farther by 0.02 ln 3, so that it weighs a third of the first: a quarter of the way.
    far = answer(1, 0.5, verdict=Verdict.NO_INFORMATION, further=0.02 * np.log(3))
    (found,) = gaps([far], SHOWN, RECORDS, {})
    assert found.position == pytest.approx((1.0, 2.0), abs=1e-5)
    assert gaps([far], hand_map(), RECORDS, {})[0].position is None


def test_missing_words_are_those_that_no_near_script_has_in_any_form():
    asked = "I quit smoking 30 cigarettes, smoking smoked by evening; a wedding, weddings"
    spoken = {"wedding": 3, "quit": 5, "cigarettes": 1}
    near = ["Boats smoke on the evening tide.", "Wet grass and bees."]
    assert missing(asked, near, spoken) == ("cigarettes", "wedding", "quit")
    (found,) = gaps([answer(1, 0.5, verdict=Verdict.NO_INFORMATION)], SHOWN, RECORDS, {})
    assert found.missing == ("quit",)


def test_nothing_asked_no_gaps():
    assert gaps([], SHOWN, RECORDS, {}) == ()
