"""Two runs side by side: what changed, by how much, and when it cannot be told."""

import json
from dataclasses import replace

import pytest

from services.compare import compare, merged
from services.domain.comparison import Change, Shift
from services.domain.methods import Method, Mode
from services.domain.runs import Answer, Outcome
from tests.unit.measuring.rankings import PROVENANCE, SETUP, answered, make_run

FIRST, SECOND, NEVER = ["x", "y"], ["y", "x"], ["y", "z"]
RANKS = {"1": FIRST, "2": SECOND, "-": NEVER}


def runs(before: str, after: str):
    """A questionnaire a character: the rank at which the script that fits came, or none."""
    grades = {f"q-{i:02}": {"a": {"x": 1}} for i in range(len(before))}
    return [
        make_run(name, [answered(q, {"a": RANKS[rank]}) for q, rank in zip(grades, ranks, strict=True)], grades)
        for name, ranks in (("before", before), ("after", after))
    ]


def test_what_changed_by_hand():
    found = compare(*runs("2-11", "1121"))
    test = found.tests["reciprocal_rank"]
    # 0.5, 0, 1, 1 before; 1, 1, 0.5, 1 after: +0.5, +1, -0.5, 0.
    assert (test.before.value, test.after.value, test.difference.value) == (0.625, 0.875, 0.25)
    assert (test.improved, test.worsened, test.unchanged, test.changed) == (2, 1, 1, 3)
    # Of the sums of ±0.5 ±1 ±0.5, six in eight are as far from 0 as 1 is.
    assert (test.p, test.least_p) == (0.75, 0.25)
    assert test.difference.low < 0 < test.difference.high
    assert found.changes("reciprocal_rank") == [
        Change("q-01", "", 0, 1),
        Change("q-02", "", 1, 0.5),
        Change("q-00", "", 0.5, 1),
        Change("q-03", "", 1, 1),
    ]
    assert found.changes("reciprocal_rank", "a")[0] == Change("q-01", "a", 0, 1)
    assert found.changes("reciprocal_rank", "b") == []


def test_the_same_in_other_sections_is_no_change():
    # 1, 1 and 1/3 have another sum than 1, 1/3 and 1, by its last bit.
    grades = {"q": {section: {"x": 1} for section in "abc"}}
    last = ["y", "z", "x"]
    before = answered("q", {"a": FIRST, "b": FIRST, "c": last})
    after = answered("q", {"a": FIRST, "b": last, "c": FIRST})
    found = compare(make_run("before", [before], grades), make_run("after", [after], grades))
    assert found.tests["reciprocal_rank"].unchanged == 1
    assert found.changes("reciprocal_rank")[0].difference == 0


def test_too_few_changed_to_tell_anything():
    test = compare(*runs("2222-1", "111111")).tests["reciprocal_rank"]
    assert test.too_few
    assert not test.significant
    assert test.says == (
        "Too few to tell: 5 of 6 questionnaires changed, and even if all had changed the same way, p could not fall "
        "below 0.062."
    )


def test_too_few_for_so_many_measures():
    test = compare(*runs("2222221", "1111111")).tests["reciprocal_rank"]
    assert (test.p, test.least_p) == (0.03125, 0.03125)
    # Success@1, nDCG@5, nDCG@10, reciprocal rank and average precision change alike; the first of eleven has 11 p.
    assert test.corrected_p == test.least_corrected_p == 11 * 0.03125
    assert test.too_few
    assert test.says == (
        "Too few to tell: 6 of 7 questionnaires changed. With so few, p can fall to 0.031, and corrected for 11 "
        "measures to 0.34."
    )


def test_enough_to_tell_and_still_chance():
    clear = compare(*runs("2" * 12, "1" * 12)).tests["reciprocal_rank"]
    assert clear.p == 2 / 2**12
    assert clear.significant
    assert clear.says == "It became better, and by more than chance would explain (corrected p = 0.0054)."
    mixed = compare(*runs("21" * 6, "12" * 6)).tests["reciprocal_rank"]
    assert not mixed.too_few
    assert mixed.says == "Chance could explain the difference (corrected p = 1)."
    assert compare(*runs("12", "12")).tests["recall@5"].says == "None of 2 questionnaires changed."


def test_both_are_measured_by_the_judgements_of_both():
    before, after = runs("1", "2")
    before = replace(before, time="2026-01", grades={"q-00": {"a": {"x": 1, "z": 2}}})
    after = replace(after, time="2026-02", grades={"q-00": {"a": {"x": 3}}, "other": {"a": {"k": 1}}})
    expected = {"q-00": {"a": {"x": 3, "z": 2}}, "other": {"a": {"k": 1}}}
    # Whichever stands first, the later one has the last word.
    assert merged(before, after) == merged(after, before) == expected
    found = compare(before, after)
    assert found.figures_before.values["q-00"]["a"]["recall@5"] == found.figures_after.of("q-00", "recall@5") == 0.5
    assert compare(before, after, {"q-00": {"a": {"y": 1}}}).tests["success@1"].difference.value == 1


def test_what_only_one_run_has_is_named_and_left_out():
    fits = {q: {"a": {"x": 1}, "b": {"v": 1}} for q in ("both", "fails", "gone", "new", "nothing")}
    good = {"a": FIRST}
    before = [answered(q, good) for q in ("both", "fails", "gone")] + [Answer("nothing", Outcome.NOTHING_FOUND)]
    after = [
        # "b" is a section that the run before did not have: its figure would be no worse than 0 before.
        answered("both", {"a": SECOND, "b": ["v"]}),
        Answer("fails", Outcome.FAILED, cause="No."),
        answered("new", good),
        answered("nothing", good),
    ]
    found = compare(make_run("before", before, fits), make_run("after", after, fits))
    assert (found.only_before, found.only_after, found.left_out) == (("gone",), ("new",), ("fails",))
    assert found.left_out_sections == ("b",)
    assert found.measured == 2
    assert [(c.questionnaire, c.difference) for c in found.changes("reciprocal_rank")] == [
        ("nothing", 1.0),
        ("both", -0.5),
    ]


def test_without_judgements_the_rankings_are_compared():
    before = [answered("q", {"a": list("abcdef"), "b": ["k"]}), answered("r", {"a": ["m"], "b": []})]
    after = [answered("q", {"a": list("fbcdea"), "b": ["k"]}), answered("r", {"a": ["n"], "b": []})]
    found = compare(make_run("before", before, {}), make_run("after", after, {}))
    # "b" gave "r" nothing either time: nothing to compare. Common down to each rank of "q" in "a": 0, 1, 2, 3, 4, 6.
    of_a = 0.1 / 0.9 * sum(0.9**d * c / d for d, c in zip(range(1, 7), (0, 1, 2, 3, 4, 6), strict=True)) + 0.9**6
    assert found.shifts == (
        Shift("q", "a", ("f",), ("a",), pytest.approx(of_a)),
        Shift("q", "b", (), (), pytest.approx(1)),
        Shift("r", "a", ("n",), ("m",), 0),
    )
    assert found.overlaps == pytest.approx({"r": 0, "q": (of_a + 1) / 2})
    assert found.overlap == pytest.approx((of_a + 1) / 4)
    assert found.measured == 0
    assert found.tests["recall@5"].says == (
        "No questionnaire is measured in both runs, so there is nothing to compare."
    )
    json.dumps(found.as_json(), allow_nan=False)


def test_two_runs_that_share_nothing():
    found = compare(
        make_run("before", [], {}), make_run("after", [answered("q", {"a": ["x"]})], {"q": {"a": {"x": 1}}})
    )
    assert (found.overlap, found.measured, found.only_after) == (None, 0, ("q",))
    json.dumps(found.as_json(), allow_nan=False)


def test_in_what_they_differ():
    before, after = runs("1", "2")
    assert compare(before, after).distinctions == ()
    method = Method(name="Both", mode=Mode.HYBRID, cut_offs={"model-1": 0.4})
    other = replace(
        after,
        setup=replace(SETUP, method=method, top_k=3),
        provenance=replace(PROVENANCE, corpus="corpus-2", versions={"numpy": "2"}, commit=""),
        answers=(replace(after.answers[0], query="other words"),),
    )
    found = compare(before, other)
    assert [str(d) for d in found.distinctions] == [
        "Method: Nearest passage before, Both after.",
        "Found: by meaning (dense) before, by both (hybrid) after.",
        "Weights of meaning and words: none before, 1 and 1 after.",
        "Cut-off distance: none before, 0.4 after.",
        "Scripts shown: 5 before, 3 after.",
        "State of the scripts: corpus-1 before, corpus-2 after.",
        "Version of bm25s: 0.3 before, none after.",
        "Version of numpy: none before, 2 after.",
        "Commit: c0ffee before, none after.",
    ]
    assert found.reworded == ("q-00",)
    assert "recall@3" in found.tests


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ({"model_name": "ada", "model_digest": "m2", "recipe_digest": "r2", "embedder": "openai"}, "Model: MiniLM"),
        ({"model_digest": "m2", "recipe_digest": "r2"}, "What the model's name stands for: model-1"),
        ({"recipe_digest": "r2"}, "How scripts are prepared for the model: recipe-1"),
        # What it looked at, and how it was asked, is said of no run that was imported.
        (
            {"model_name": "", "model_digest": "", "recipe_digest": "", "query_template": ""},
            "Model: MiniLM before, not known after.",
        ),
    ],
    ids=["another-model", "the-same-name", "another-preparation", "made-elsewhere"],
)
def test_another_model_is_said_once(setup, said):
    before, after = runs("1", "2")
    (found,) = compare(before, replace(after, setup=replace(SETUP, **setup))).distinctions
    assert str(found).startswith(said)
