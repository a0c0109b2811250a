"""Evaluate: the figure with its interval, the four outcomes apart, two runs compared, and nothing that looks real."""

import pytest

from services.domain.measures import Figures
from services.domain.methods import Method
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.runs import Answer, Found, Outcome, Provenance, Run, Setup
from services.measuring import measure
from services.workbench import Workbench
from tests.doubles import script
from tests.pages.view import mismatch

GRADES = {
    "calm": {"induction": {"one": 3}},
    "sleep": {"induction": {"one": 2, "two": 1}},
    "exam": {"induction": {"two": 3}},
}
SETUP = Setup(Method(), "{focus_area}", 5, "minilm", "all-MiniLM-L6-v2", "a" * 64, "b" * 64)
MADE_ON = Provenance("c" * 64, "d" * 64, "e" * 64, "f" * 64)


def found(*scripts):
    scores = tuple(1.0 - 0.1 * place for place in range(len(scripts)))
    ranks = {name: place for place, name in enumerate(scripts, start=1)}
    return Found(scripts, scores, tuple(1 - score for score in scores), len(scripts), ranks)


def answered(questionnaire, *scripts):
    outcome = Outcome.ANSWERED if scripts else Outcome.NOTHING_FOUND
    return Answer(questionnaire, outcome, f"A question about {questionnaire}", {"induction": found(*scripts)})


def run(run_id, *answers, grades=GRADES):
    time = f"2026-11-0{run_id[-1]}T10:00:00+00:00"
    figures: Figures = measure(answers, grades, 5)
    return Run(run_id, time, SETUP, MADE_ON, answers, grades, figures, name=run_id)


@pytest.fixture
def two_scripts(empty):
    with Workbench(empty) as bench:
        bench.save(script("one"), None)
        bench.save(script("two"), None)
        for name, graded in GRADES.items():
            expected = tuple(Expected(i, grade) for i, grade in graded["induction"].items())
            bench.save_questionnaire(make_questionnaire(title=name, focus_area=name, expected=expected))
    return empty


def keep(workspace, *runs):
    with Workbench(workspace) as bench:
        for one in runs:
            bench.keep(one)


def drawn(view):
    return "\n".join(html.value for html in view.app.get("html"))


def done(view):
    # Not while it is watched: work that ends within a page run is shown as its run by the next.
    return view.until(lambda v: "Questionnaires" in v.said() and "Cancel" not in v.labels())


def test_from_the_first_press_to_a_kept_run(demo, open_app):
    view = open_app(demo, "evaluate")
    assert "Nothing has been evaluated yet" in view.said()
    assert "24 questionnaires saved, and for 24 of them it is said which scripts fit." in view.said()
    done(view.press("Evaluate"))
    (run_id,) = (path.stem for path in (demo / "runs").glob("*.json"))
    assert view.app.query_params["run"] == run_id
    assert "over 24 questionnaires" in drawn(view)
    assert "24 answered · 0 found nothing · 0 failed · 0 not run" in view.said()
    assert "Not as good as this workspace asks for." in view.said()
    view.press("open_decades-of-excuses")
    assert view.app.query_params["questionnaire"] == "decades-of-excuses"
    assert "12th · The swimming teacher's hand · ★" in view.said().replace("**", "")
    assert any("broken molar" in text for text in view.texts())
    assert "Words in common:" in view.said()
    view.press("evaluate_baseline")
    assert "Baseline no longer" in view.labels()
    view.press("evaluate_delete")
    assert "Nothing has been evaluated yet" in view.said()
    view.press("evaluate_undo")
    assert [path.stem for path in (demo / "runs").glob("*.json")] == [run_id]
    assert "Baseline no longer" in view.labels()


def test_the_four_outcomes_are_kept_apart(two_scripts, open_app):
    """recall@5 over those that were asked: 'sleep' 1 of 2 that fit, 'exam' nothing found."""
    failed = Answer("calm", Outcome.FAILED, cause="The model is not there.", next_step="Start it.")
    not_run = Answer("later", Outcome.NOT_RUN, cause="The evaluation was cancelled.", next_step="Evaluate again.")
    keep(two_scripts, run("run-1", failed, answered("sleep", "one"), answered("exam"), not_run))
    view = open_app(two_scripts, "evaluate")
    said = view.said()
    assert "<b>0.250</b>" in drawn(view)
    assert "over 2 questionnaires" in drawn(view)
    assert "1 answered · 1 found nothing · 1 failed · 1 not run" in said
    assert "Stopped early: 3 of 4 questionnaires were asked." in said
    assert "The model is not there. Start it." in said
    assert "Induction: 1st of 1, 1 not found" in said


def test_two_runs_beside_each_other(two_scripts, open_app):
    before = [answered(name, "x", "y") for name in GRADES]
    after = [answered("calm", "one"), answered("sleep", "one", "two"), answered("exam", "x")]
    keep(two_scripts, run("run-1", *before), run("run-2", *after))
    view = open_app(two_scripts, "evaluate", run="run-2", before="run-1")
    said = view.said()
    # Two became better. Nine flips of 11 measures are the fewest that Holm's p could fall below 0.05 with.
    assert "Nothing to tell yet: only 2 questionnaires changed, and 9 are needed" in said
    assert "recall@5 0.000 → 0.667: +0.667" in said.replace("**", "")
    assert "2 better · 0 worse · 1 unchanged" in said
    assert "calm · ▲ better by 1.000" in said.replace("**", "")
    assert "Induction: new 'One'; gone 'x' and 'y'" in said
    view.fill("Compared with", None)
    assert "Nothing to tell yet" not in view.said()
    assert "before" not in view.app.query_params


def test_no_figure_where_nothing_is_judged(two_scripts, open_app):
    answers = [answered(name, "one") for name in GRADES]
    keep(two_scripts, run("run-1", *answers, grades={}), run("run-2", *answers, grades={}))
    view = open_app(two_scripts, "evaluate", run="gone")
    assert "There is no run 'gone' here." in view.said()
    assert "Nothing could be measured" in view.said()
    assert 'class="score"' not in drawn(view)
    assert "What is expected or judged has changed since this run." in view.said()


def test_a_mismatch_is_refused_and_said(demo, open_app):
    mismatch(demo)
    view = done(open_app(demo, "evaluate").press("Evaluate"))
    said = view.said()
    assert "Induction, Affirmations and Awakening were not asked." in said
    assert "0 answered · 0 found nothing · 24 failed · 0 not run" in said
    assert "Nothing could be measured" in said
    assert 'class="score"' not in drawn(view)


def test_a_read_only_workspace_is_evaluated_and_keeps_nothing(two_scripts, open_app, monkeypatch):
    monkeypatch.setattr(Workbench, "writable", property(lambda _: False))
    view = done(open_app(two_scripts, "evaluate").press("Evaluate"))
    assert "This run is not kept" in view.said()
    assert "over 3 questionnaires" in drawn(view)
    assert not (two_scripts / "runs").exists()
    assert not {"Make it the baseline", "Rename", "Delete this run"} & set(view.labels())


def test_an_empty_workspace(empty, open_app):
    assert "There are no questionnaires to evaluate with" in open_app(empty, "evaluate").said()
