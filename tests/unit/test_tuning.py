"""The laboratory: which ways are one, what is tried in turn, where a cut-off would pay, and what a trial touches."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.canaries import SENTENCES
from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.runs import Answer, Found, Outcome
from services.domain.scripts import Record
from services.domain.settings import Settings
from services.errors import Cancelled, InvalidInput
from services.tuning import MOST, Trials, Wanted, curve, variants, way, with_cut_off, without_cut_off
from tests.doubles import TinyWorkbench, make_workspace, script
from tests.unit.measuring.rankings import SETUP, make_run

NOW = Settings()


def method(**changed) -> Settings:
    return replace(NOW, method=replace(NOW.method, **changed))


def run_of(answers: dict[str, dict[str, float | None]], grades, top_k=2):
    """Questionnaires with the scripts of one section in order, each with its distance."""
    made = []
    for name, scripts in answers.items():
        scores = tuple(1 - i / 64 for i in range(len(scripts)))
        found = Found(tuple(scripts), scores, tuple(scripts.values()), len(scripts))
        made.append(Answer(name, Outcome.ANSWERED, "", {"a": found}))
    return make_run("run", made, {q: {"a": graded} for q, graded in grades.items()}, replace(SETUP, top_k=top_k))


def test_a_way_is_what_it_finds_and_not_what_it_is_called():
    assert way(method(name="Other"), "m") == way(NOW, "m")
    by_words = method(mode=Mode.LEXICAL)
    assert way(replace(by_words, method=replace(by_words.method, passages=Passages.CARD)), "n") == way(by_words, "m")
    # What is alike is told by vectors, those of one model.
    varied = replace(by_words, method=replace(by_words.method, variety=0.5))
    assert len({way(by_words, "m"), way(varied, "m"), way(varied, "n")}) == 3
    both, twice = method(mode=Mode.HYBRID), method(mode=Mode.HYBRID, dense_weight=2.0, lexical_weight=2.0)
    assert way(both, "m") == way(twice, "m") != way(method(mode=Mode.HYBRID, dense_weight=2.0), "m")
    assert way(method(dense_weight=2.0), "m") == way(NOW, "m")
    others = [
        way(NOW, "other model"),
        way(by_words, "m"),
        way(both, "m"),
        way(method(variety=0.3), "m"),
        way(method(nearest=Nearest.MEAN), "m"),
        way(method(cut_offs={"m": 0.5}), "m"),
        way(replace(NOW, top_k=3), "m"),
        way(replace(NOW, query_template="{focus_area}"), "m"),
    ]
    assert len({way(NOW, "m"), *others}) == 9
    assert way(method(cut_offs={"of another model": 0.5}), "m") == way(NOW, "m")


def test_each_setting_is_tried_alone_with_its_present_value_among_them():
    found = variants(method(variety=0.1, cut_offs={"m": 0.7, "n": 0.6}), "m")
    assert [wanted.varies for wanted in found] == (
        ["mode"] * 3 + ["passages"] * 3 + ["nearest"] * 2 + ["variety"] * 4 + ["cut_off"] * 2
    )
    assert [w.settings.method.variety for w in found if w.varies == "variety"] == [0.0, 0.1, 0.3, 0.6]
    assert [w.settings.method.cut_offs for w in found if w.varies == "cut_off"] == [{"m": 0.7, "n": 0.6}, {"n": 0.6}]
    assert all(w.settings.method.stored for w in found), "what cannot be used is tried only by who asks for it"
    assert {w.varies for w in variants(method(mode=Mode.LEXICAL), "m")} == {"mode"}
    weights = [w.settings.method for w in variants(method(mode=Mode.HYBRID), "m") if w.varies == "weights"]
    assert [(m.dense_weight, m.lexical_weight) for m in weights] == [(1, 1), (2, 1), (1, 2)]
    assert without_cut_off(method(cut_offs={"m": 0.7, "n": 0.6}), "m").method.cut_offs == {"n": 0.6}


def test_the_curve_of_a_cut_off_by_hand():
    answers = {"q-1": {"x": 0.1, "y": 0.3, "z": 0.5}, "q-2": {"u": 0.2, "v": 0.6}}
    found = curve(run_of(answers, {"q-1": {"x": 2, "z": 1}, "q-2": {"u": 1, "v": 0}}))
    assert found.distances == (0.1, 0.2, 0.3, 0.6)
    # Shown: x; x and u; x, u and y, which nobody judged; v as well. z fits and is never among the first two.
    assert found.precision == pytest.approx((1, 1, 2 / 3, 2 / 4))
    assert found.recall == pytest.approx((1 / 3, 2 / 3, 2 / 3, 2 / 3))
    assert (found.best, found.best_f1, found.f1) == pytest.approx((0.2, 4 / 5, 4 / 7))
    assert (found.shown, found.judged, found.fitting, found.questionnaires) == (4, 3, 3, 2)
    # q-2 alone is best at 0.2 and at 0.3, where less is left out: q-1 shows x and y. q-1 alone is best up to 0.2: q-2
    # shows u. Two hits of three shown, 4 / 6.
    assert found.gain.value == pytest.approx(4 / 6 - 4 / 7)
    # Twice q-1 gains nothing, twice q-2 goes from 4 / 6 to 1.
    assert (found.gain.low, found.gain.high) == pytest.approx((0, 1 / 3))
    assert not found.separates


def test_a_cut_off_separates_where_it_pays_for_sure_and_else_it_does_not():
    apart = curve(run_of({f"q-{i}": {"x": 0.2, "y": 0.8} for i in range(8)}, {f"q-{i}": {"x": 1} for i in range(8)}))
    # From 2 / 3 to 1, whichever questionnaires are drawn.
    assert (apart.best, apart.gain.value, apart.gain.low) == pytest.approx((0.2, 1 / 3, 1 / 3))
    assert apart.separates
    mixed = {f"q-{i}": {"x": 0.2, "y": 0.8} if i % 2 else {"y": 0.2, "x": 0.8} for i in range(8)}
    none = curve(run_of(mixed, {f"q-{i}": {"x": 1} for i in range(8)}))
    assert (none.best, none.gain.value, none.separates) == (0.8, 0, False)
    alone = curve(run_of({"q": {"x": 0.2, "y": 0.8}}, {"q": {"x": 1}}))
    assert (alone.best, alone.gain.low, alone.separates) == (0.2, None, False), "one questionnaire proves nothing"


def test_a_cut_off_takes_in_what_the_ranking_would():
    # As float32, 0.3 is above 0.3, and 0.7 below 0.7; a script without a distance is never left out.
    near, far = float(np.float32(0.3)), float(np.float32(0.7))
    found = curve(run_of({"q": {"w": None, "x": near, "y": far}}, {"q": {"x": 1}}, top_k=3))
    assert found.distances == (0.3, 0.7)
    assert found.precision == pytest.approx((1 / 2, 1 / 3))


def test_without_distances_or_judgements_there_is_no_curve():
    with pytest.raises(InvalidInput, match="by their words alone have no distance"):
        curve(run_of({"q": {"x": None}}, {"q": {"x": 1}}))
    with pytest.raises(InvalidInput, match="Nobody has said yet which scripts fit"):
        curve(run_of({"q": {"x": 0.1}}, {"q": {"x": 0}}))
    with pytest.raises(InvalidInput, match="Nobody has said yet which scripts fit"):
        curve(run_of({"q": {"x": 0.1}}, {}))


def shares(run):
    """Precision and recall of a run over what it shows, where somebody has judged something."""
    graded = [
        (found, run.grades[a.questionnaire][section])
        for a in run.answers
        for section, found in a.sections.items()
        if section in run.grades.get(a.questionnaire, {})
    ]
    shown = [given.get(script, 0) for found, given in graded for script in found.scripts[: run.setup.top_k]]
    hits = sum(grade > 0 for grade in shown)
    return hits / max(len(shown), 1), hits / sum(grade > 0 for _, given in graded for grade in given.values())


@pytest.mark.parametrize("ways", [{}, {"mode": Mode.HYBRID}, {"variety": 0.8}], ids=["dense", "hybrid", "varied"])
def test_the_curve_at_a_distance_is_what_a_cut_off_there_finds(tmp_path, ways):
    texts = "moon sea", "sea fog fog", "fog moon tide", "tide tide oats", "oats jazz", "jazz moon quiz", "quiz sea oats"
    scripts = [script(f"s-{i}", text=text) for i, text in enumerate(texts)]
    with TinyWorkbench(make_workspace(tmp_path / "w", scripts)) as opened:
        for number, query in enumerate(("moon", "fog sea", "oats", "quiz jazz")):
            fits = tuple(Expected(f"s-{i}", 2) for i in (number, number + 2))
            opened.save_questionnaire(make_questionnaire(title=query, query=query, expected=fits))
        opened.refresh()
        asked, digest = replace(method(**ways), top_k=3), opened.embedder().identity.digest
        found = opened.cut_off_curve(asked, Trials())
        told = list(zip(found.distances, found.precision, found.recall, strict=True))
        assert len(told) > 8
        really = [(d, *shares(opened.try_out(trial=with_cut_off(asked, digest, d)))) for d, _, _ in told]
        assert told == [pytest.approx(at) for at in really]
        assert told[-1][1:] == pytest.approx(shares(opened.try_out(trial=asked)))
        read_off = curve(opened.try_out(trial=asked))
        assert (read_off.precision == found.precision) == (not ways), "else one run would tell of all"


def test_a_curve_that_is_stopped_is_none(workbench):
    def report(stage, done, total):
        if stage.startswith("Distance 2 of "):
            raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        workbench.cut_off_curve(method(mode=Mode.HYBRID), Trials(), report)


@pytest.fixture
def workbench(tmp_path):
    root = make_workspace(tmp_path / "w", [script(name) for name in ("moon", "sea", "fog")])
    with TinyWorkbench(root) as opened:
        for name, expected in (("one", "moon"), ("two", "sea")):
            asked = make_questionnaire(title=name, query=f"{name} {expected}", expected=(Expected(expected, 3),))
            opened.save_questionnaire(asked)
        yield opened


def test_trials_are_compared_and_nothing_is_touched(workbench):
    before = {p: p.read_bytes() for p in workbench.paths.root.rglob("*.yaml")}
    asked, trials = workbench.embedder().asked, Trials()
    workbench.refresh()
    asked.clear()
    workbench.tune([Wanted(method(passages=Passages.CARD)), Wanted(method(mode=Mode.LEXICAL), "Words")], trials)
    once = sorted(["one moon", "two sea", *SENTENCES])
    assert sorted(asked) == once, "the same question is not embedded twice at one sitting"
    assert [(t.number, t.wanted.name) for t in trials.all] == [(1, ""), (2, "Words")]
    # By words, each finds the one script that has its word.
    assert trials.all[1].run.figures.overall["success@1"].value == 1
    test = trials.compared(trials.all[1]).tests["success@1"]
    assert test.before.value == trials.present.figures.overall["success@1"].value
    asked.clear()
    present = trials.present
    workbench.tune([Wanted(workbench.settings), Wanted(method(nearest=Nearest.MEAN))], trials)
    assert trials.present is present
    assert trials.all[2].run is present
    assert sorted(asked) == once, "another sitting, another asking"
    assert {p: p.read_bytes() for p in workbench.paths.root.rglob("*.yaml")} == before
    assert not workbench.runs.summaries()[0]


def test_trials_of_before_a_change_are_not_compared_with_those_after(workbench):
    trials = Trials()
    workbench.tune([Wanted(method(mode=Mode.LEXICAL))], trials)
    assert trials.compared(trials.all[0]) is not None
    workbench.save_questionnaire(make_questionnaire(title="three", query="fog"))
    workbench.tune([Wanted(method(mode=Mode.LEXICAL))], trials)
    assert [trials.compared(trial) is not None for trial in trials.all] == [False, True]
    assert len(trials.present.answers) == 3


def test_another_model_under_the_same_digest_is_no_effect_of_the_setting(workbench, monkeypatch):
    trials, same = Trials(), Wanted(workbench.settings)
    workbench.tune([Wanted(method(nearest=Nearest.MEAN))], trials)
    before, model = trials.present, workbench.made["tiny"]
    told = type(model)._vector
    # Now it reads everything from the last letter of the alphabet on.
    monkeypatch.setattr(type(model), "_vector", lambda self, text: told(self, text)[::-1])
    workbench.tune([same], trials)
    assert trials.present is not before, "what the model said before is no present any more"
    rankings = [run.answers[0].sections["induction"].distances for run in (before, trials.present)]
    assert rankings[0] != rankings[1]
    assert trials.compared(trials.all[1]).tests["success@1"].changed == 0
    assert trials.compared(trials.all[0]) is None, "nor is what was tried with it compared"


def test_a_model_that_cannot_be_asked_leaves_nothing_of_before_standing(workbench):
    trials, model = Trials(), workbench.embedder()
    workbench.tune([Wanted(method(mode=Mode.LEXICAL))], trials)
    model.left = 0
    workbench.tune([Wanted(method(mode=Mode.LEXICAL))], trials)
    assert trials.present.outcomes[Outcome.FAILED] == 2
    assert trials.all[1].run.outcomes[Outcome.FAILED] == 0
    model.left = None
    workbench.tune([], trials)
    assert trials.present.outcomes[Outcome.FAILED] == 0, "once it can be asked, it is"
    assert [trials.compared(trial) is not None for trial in trials.all] == [True, True]


def test_a_script_that_was_given_vectors_since_is_another_present(workbench):
    with workbench.records.writing("without vectors"):
        workbench.records.put([Record(script("bare"))])
    trials, other = Trials(), Wanted(method(nearest=Nearest.MEAN))
    workbench.tune([other], trials)
    assert [len(a.sections["induction"].scripts) for a in trials.present.answers] == [3, 3]
    workbench.rebuild("tiny")
    workbench.tune([other], trials)
    assert [len(a.sections["induction"].scripts) for a in trials.present.answers] == [4, 4]
    assert [trials.compared(trial) is not None for trial in trials.all] == [False, True]


def test_as_many_trials_as_people_look_at_are_kept():
    trials, run = Trials(), run_of({"q": {"x": 0.1}}, {"q": {"x": 1}})
    for _ in range(MOST + 2):
        trials.add(Wanted(NOW), run, "basis", "way")
    assert [trials.all[0].number, trials.all[-1].number] == [3, MOST + 2]


def test_what_was_tried_until_a_stop_is_kept(workbench):
    trials, stages = Trials(), []

    def report(stage, done, total):
        stages.append(stage)
        if stage.startswith("3 of "):
            raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        workbench.tune(variants(workbench.settings, workbench.embedder().identity.digest), trials, report)
    assert [trial.wanted.varies for trial in trials.each] == ["mode", "mode"]
    assert not trials.all, "they are a chart of their own, and no rows of the table"
    assert all(trials.compared(trial) for trial in trials.each)
    assert stages[0].startswith("As it is now. ")


def test_what_is_used_becomes_what_the_others_are_compared_with(workbench):
    trials, former = Trials(), workbench.settings
    workbench.tune([Wanted(method(mode=Mode.LEXICAL), "Words")], trials)
    workbench.use(Method("Words", Mode.LEXICAL))
    workbench.tune_again(Wanted(former, "Before"), trials)
    assert [trial.wanted.name for trial in trials.all] == ["Words", "Before"]
    words, before = (trials.compared(trial).tests["success@1"] for trial in trials.all)
    assert (words.changed, words.before.value, words.after.value) == (0, 1, 1)
    assert (before.before.value, before.after.value) == (1, trials.all[1].run.figures.overall["success@1"].value)
