"""When a run is good enough to let a change of the corpus through, and who says that it is not."""

from dataclasses import replace

import pytest

from services.domain.followed import Taken
from services.domain.runs import Answer, Found, Outcome
from services.domain.scripts import BrokenRecord
from services.domain.settings import Gate
from services.gate import Said, Today, gate
from services.measuring import recall
from tests.unit.measuring.rankings import answered, make_run

GRADES = {"good": {"a": {"x": 3}}, "bad": {"a": {"y": 2, "z": 1}}}
ALL = [answered("good", {"a": ["x"]}), answered("bad", {"a": ["y", "z"]})]
# "bad" finds one of two: recall@5 is (1 + 1/2) / 2 = 0.75.
HALF = [ALL[0], answered("bad", {"a": ["y", "x"]})]
TAKEN = "neither expected nor judged any more"
BEFORE, AFTER = make_run("1", ALL, GRADES), make_run("2", HALF, GRADES)


def test_what_finds_everything_passes():
    gated = gate(make_run("one", ALL, GRADES), Gate())

    assert (gated.passed, gated.value, gated.failing, gated.reasons) == (True, 1.0, (), ())


def test_below_the_least_the_questionnaires_below_it_are_named():
    gated = gate(make_run("one", HALF, GRADES), Gate())

    assert (gated.passed, gated.value, gated.failing) == (False, 0.75, ("bad",))
    assert gated.reasons == ("recall@5 is 0.750, below 0.90.",)
    assert gated.as_json()["figures"] == {"bad": 0.5}
    assert gate(make_run("one", HALF, GRADES), Gate(recall_at_5=0.75)).passed


def test_a_fall_below_the_baseline_closes_it_however_high_the_figure_is():
    before, after = make_run("1", ALL, GRADES), make_run("2", HALF, GRADES)
    gated = gate(after, Gate(recall_at_5=0.5), before)

    assert (gated.baseline, gated.failing) == (1.0, ("bad",))
    assert gated.reasons == (
        "recall@5 of the 2 questionnaires that both measure is 0.750, 25.0% below the baseline's 1.000; 5.0% may be.",
    )
    assert gate(after, Gate(recall_at_5=0.5, fall=0.25), before).passed
    assert gate(before, Gate(recall_at_5=0.5), after).passed


def test_the_baseline_is_measured_by_the_judgements_of_the_run():
    # Once, nobody had judged z: the same rankings were perfect then.
    before = make_run("1", HALF, {"good": {"a": {"x": 3}}, "bad": {"a": {"y": 2}}})
    gated = gate(make_run("2", HALF, GRADES), Gate(recall_at_5=0.5), before)

    assert before.figures.overall["recall@5"].value == 1
    assert (gated.passed, gated.baseline) == (True, 0.75)


def test_a_questionnaire_that_is_new_is_no_fall():
    grades = {**GRADES, "new": {"a": {"n": 1}}}
    run = make_run("2", [*ALL, answered("new", {"a": ["x"]})], grades)

    assert gate(run, Gate(recall_at_5=0.5), make_run("1", ALL, GRADES)).passed


@pytest.mark.parametrize(
    ("change", "failing", "reason"),
    [
        ({"refused": {"b": "It would be random."}}, ("lost",), "The section b was not asked. It would be random."),
        ({"without_scripts": ("b",)}, ("lost",), "The section b has no script that could be found"),
        (
            {"unknown": {"good": ("gone",)}},
            ("good",),
            "Scripts that are not there any more are named by 1 of 2 questionnaires.",
        ),
    ],
)
def test_what_no_figure_tells_of_closes_it_too(change, failing, reason):
    grades = {"good": {"a": {"x": 3}}, "lost": {"a": {"x": 1}, "b": {"w": 2}}}
    run = make_run("one", [answered("good", {"a": ["x"]}), answered("lost", {"a": ["x"]})], grades)
    asked = {"good": {"a": {"x": 3}}, "lost": {"a": {"x": 1}}}
    run = replace(run, figures=make_run("", run.answers, asked).figures, **change)
    gated = gate(run, Gate())

    assert (gated.passed, gated.value, gated.failing) == (False, 1.0, failing)
    assert gated.reasons[0].startswith(reason)


def test_an_empty_section_that_nobody_expects_anything_of_is_no_matter():
    assert gate(replace(make_run("one", ALL, GRADES), without_scripts=("b",)), Gate()).passed


def test_what_failed_or_was_not_run_is_named_first():
    answers = [*HALF, Answer("failed", Outcome.FAILED), Answer("later", Outcome.NOT_RUN)]
    gated = gate(make_run("one", answers, GRADES), Gate())

    assert gated.failing == ("failed", "later", "bad")
    assert gated.figures == {"failed": None, "later": None, "bad": 0.5}
    assert gated.reasons[:2] == ("1 of 4 questionnaires failed.", "Not asked: 1 of 4 questionnaires.")


def test_nothing_measured_does_not_pass():
    gated = gate(make_run("one", ALL, {}), Gate())

    assert (gated.passed, gated.value) == (False, None)
    assert gated.reasons == ("Nothing could be measured: no questionnaire that was answered has a script that fits.",)


def test_files_that_cannot_be_read_close_it():
    broken = [BrokenRecord(f"questionnaires/q{i}.yaml", "", "") for i in range(6)]
    (reason,) = gate(make_run("one", ALL, GRADES), Gate(), today=Today(broken)).reasons

    assert reason.startswith("Not everything can be read: questionnaires/q0.yaml, ")
    assert reason.endswith("questionnaires/q4.yaml and 1 more.")


def test_at_its_limit_the_sentence_does_not_contradict_itself():
    # 8 of 60 missed: 0.86667, and a fall of 13.33%.
    names = [f"q{i}" for i in range(60)]
    grades = {name: {"a": {"x": 1}} for name in names}
    before = make_run("1", [answered(name, {"a": ["x"]}) for name in names], grades)

    def after(missed: int, rule: Gate):
        answers = [answered(name, {"a": ["y" if i < missed else "x"]}) for i, name in enumerate(names)]
        return gate(make_run("2", answers, grades), rule, before)

    assert after(3, Gate(recall_at_5=0.95)).passed
    fallen = after(8, Gate(recall_at_5=0.5)).reasons[0]
    assert fallen.endswith("is 0.867, 13.3% below the baseline's 1.000; 5.0% may be.")
    finely = after(8, Gate(recall_at_5=0.8669, fall=0.1331)).reasons
    assert finely[0] == "recall@5 is 0.8667, below 0.8669."
    assert finely[1].endswith("13.33% below the baseline's 1.000; 13.31% may be.")


def test_what_the_baseline_measures_may_not_just_be_left_out():
    before = make_run("1", HALF, GRADES)
    rule = Gate(recall_at_5=0.5)
    # Without the questionnaire that fails everything would look perfect, and so without its expected scripts.
    for answers, grades in ((HALF[:1], {"good": GRADES["good"]}), (HALF, {"good": GRADES["good"]})):
        gated = gate(make_run("2", answers, grades), rule, before)
        assert gated.value == 1.0
        assert gated.reasons == ("1 questionnaire that the baseline measures is not measured any more: bad.",)
        assert (gated.failing, gated.figures) == (("bad",), {"bad": None})


def test_a_section_that_the_baseline_measures_may_not_just_be_left_out():
    grades = {"good": {"a": {"x": 3}, "b": {"w": 2}}}
    before = make_run("1", [answered("good", {"a": ["x"], "b": ["v"]})], grades)
    after = make_run("2", [answered("good", {"a": ["x"]})], {"good": {"a": {"x": 3}}})

    assert gate(after, Gate(), before).reasons == (
        "The section b, which the baseline measures, is not measured any more.",
        f"1 script that fits in the baseline is {TAKEN}: good (w). One that does not fit is judged 0.",
    )


def test_what_fits_in_the_baseline_may_not_just_be_expected_no_more():
    # "bad" finds one of two. Without the other one everything would look perfect.
    before, grades = make_run("1", HALF, GRADES), {**GRADES, "bad": {"a": {"y": 2}}}
    gated = gate(make_run("2", HALF, grades), Gate(), before)
    assert (gated.value, gated.baseline) == (1.0, 1.0)
    assert gated.reasons == (
        f"1 script that fits in the baseline is {TAKEN}: bad (z). One that does not fit is judged 0.",
    )
    assert (gated.failing, gated.figures) == (("bad",), {"bad": 1.0})
    # Who says that it does not fit has judged; and in another section it is judged all the same.
    assert gate(make_run("2", HALF, {**GRADES, "bad": {"a": {"y": 2, "z": 0}}}), Gate(), before).passed
    elsewhere = make_run("2", HALF, {**GRADES, "bad": {"a": {"y": 2}, "b": {"z": 1}}})
    assert not [reason for reason in gate(elsewhere, Gate(), before).reasons if "neither" in reason]
    # A run of before the baseline had not yet what was judged since.
    of_before = make_run("0", HALF, grades)
    assert gate(of_before, Gate(), before, Today(earlier=True)).passed
    # Only where it may be one: whose clock is behind takes nothing away unseen.
    assert gate(of_before, Gate(), before).reasons == gated.reasons
    # What nobody can find any more is told as such.
    gone = replace(make_run("2", HALF, grades), unknown={"bad": ("z",)})
    assert gate(gone, Gate(), before).reasons == (
        "Scripts that are not there any more are named by 1 of 2 questionnaires.",
    )


def test_that_a_script_does_not_fit_may_not_just_be_judged_no_more():
    # Expected and judged 0, it did not count; without the judgement it does, and is found.
    before = make_run("1", HALF, {"good": {"a": {"x": 3}}, "bad": {"a": {"y": 0, "z": 1}}})
    after = make_run("2", HALF, {"good": {"a": {"x": 3}}, "bad": {"a": {"y": 3, "z": 1}}})
    gated = gate(after, Gate(0.5), before, Today(judged=Said({})))
    assert gated.reasons == ("What the baseline judges not to fit is expected and not judged any more: bad (y).",)
    assert gated.failing == ("bad",)
    assert gate(after, Gate(0.5), before, Today(judged=Said({"bad": {"y"}}))).passed, "judged otherwise"


def test_many_that_are_judged_no_more_are_counted_and_the_first_are_named():
    grades = {f"q{i}": {"a": {f"s{n}": 1 for n in range(7)}} for i in range(7)}
    answers = [answered(name, {"a": ["s0"]}) for name in grades]
    left = make_run("2", answers, {name: {"a": {"s0": 1}} for name in grades})
    (reason,) = gate(left, Gate(), make_run("1", answers, grades)).reasons
    assert reason.startswith(
        "42 scripts that fit in the baseline are neither expected nor judged any more: q0 (s1, s2,"
    )
    assert "s5 and 1 more); q1 (" in reason
    assert "; and 2 more questionnaires. " in reason


def test_a_questionnaire_with_another_id_is_followed():
    def of(name, scripts, query="a calm night"):
        return make_run(name, [ALL[0], answered(name, {"a": scripts}, query)], {**GRADES, name: GRADES["bad"]})

    before, after = of("bad", ["y", "z"]), of("night", ["y", "x"])
    fallen = gate(after, Gate(0.5), before)
    assert fallen.failing == ("night",)
    assert fallen.reasons[0].startswith("recall@5 of the 2 questionnaires that both measure is 0.750, 25.0% below")
    assert gate(of("night", ["y", "z"]), Gate(), before).passed
    # Not one that asks something else, nor one of several that ask the same.
    missing = "1 questionnaire that the baseline measures is not measured any more: bad."
    assert gate(of("night", ["y", "z"], "a loud night"), Gate(), before).reasons == (missing,)
    twin = replace(before, answers=(*before.answers, answered("twin", {"a": ["y"]}, "a calm night")))
    assert gate(after, Gate(0.5), twin).reasons[0] == missing
    # What it expected goes with it.
    less = make_run("n", [ALL[0], answered("night", {"a": ["y"]}, "a calm night")], {"night": {"a": {"y": 2}}})
    assert "judged any more: night (z)." in " ".join(gate(less, Gate(), before).reasons)


def test_a_script_with_another_id_is_followed():
    grades = {"good": {"a": {"x": 3}}, "bad": {"a": {"y": 2, "new-z": 1}}}
    after = make_run("2", [ALL[0], answered("bad", {"a": ["y", "x"]})], grades)
    gated = gate(after, Gate(0.5), BEFORE, Today(renamed={"z": "new-z"}))
    assert (gated.baseline, gated.value, gated.failing) == (1.0, 0.75, ("bad",))
    assert not [reason for reason in gated.reasons if "neither" in reason]
    # As if it was another one, the baseline would not have found it either.
    assert gate(after, Gate(0.5), BEFORE).baseline == 0.75


@pytest.mark.parametrize("renamed", [{"y": "new", "z": "new"}, {"z": "x"}, {"z": "beyond"}])
def test_two_scripts_that_became_one_are_not_followed(renamed):
    # "bad" fits two scripts and finds one. Were both the same one, everything would look perfect.
    found = {"a": Found(("y", "x"), (1.0, 0.5), (None, None), 200, {"y": 1, "beyond": 150})}
    before = make_run("1", [ALL[0], Answer("bad", Outcome.ANSWERED, "", found)], GRADES)
    left = {"y": "y", **renamed}["y"]
    after = make_run(
        "2", [ALL[0], answered("bad", {"a": [renamed["z"]]})], {**GRADES, "bad": {"a": {left: 2, renamed["z"]: 2}}}
    )
    gated = gate(after, Gate(0.5), before, Today(renamed=renamed))
    gone = "y, z" if left == "new" else "z"
    assert any(f"{TAKEN}: bad ({gone})." in reason for reason in gated.reasons)


def test_nothing_in_common_with_the_baseline_closes_it():
    before = make_run("1", [answered("good", {"b": ["x"]})], {"good": {"b": {"x": 1}}})
    gated = gate(make_run("2", ALL, GRADES), Gate(), before)

    assert (gated.passed, gated.baseline) == (False, None)
    assert gated.reasons[-1].startswith("Nothing is measured in both this run and the baseline")
    # A baseline in which nothing was measured is none to fall below.
    assert gate(make_run("2", ALL, GRADES), Gate(), make_run("1", before.answers, {})).passed


def test_a_baseline_that_cannot_be_had_closes_it():
    gated = gate(make_run("one", ALL, GRADES), Gate(), today=Today(lost="It is gone."))

    assert gated.reasons == ("It cannot be told whether recall@5 fell. It is gone.",)


def test_no_more_is_measured_than_is_looked_at_and_that_once(monkeypatch):
    asked = []
    monkeypatch.setattr("services.gate.recall", lambda *given: asked.append(given) or recall(*given))
    monkeypatch.setattr("services.measuring.bootstrap", None)
    gates = [gate(AFTER, Gate(), BEFORE) for _ in range(3)]

    assert gates[0] == gates[2]
    assert [given[2] for given in asked] == [5, 5]


def test_what_was_taken_away_is_looked_for_once_for_what_is_judged(monkeypatch):
    asked, between, said = [], Taken.between, Said({"bad": {"y"}})
    monkeypatch.setattr(Taken, "between", lambda *given, **more: asked.append(given) or between(*given, **more))
    after = make_run("3", HALF, GRADES)
    for judged in (said, said, Said({}), said):
        gate(after, Gate(), BEFORE, Today(judged=judged))
    assert [given[2] for given in asked] == [said.scripts, {}]
