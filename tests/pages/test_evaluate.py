"""Evaluate: the figure with its interval, the four outcomes apart, two runs compared, and nothing that looks real."""

import re
import threading

import pytest

from pages.ui import resources
from pages.ui.evaluate import headline, running
from services.domain.measures import Figures
from services.domain.measures import measure as measures_of
from services.domain.methods import Method
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.runs import Answer, Found, Outcome, Provenance, Run, Setup
from services.errors import Cancelled
from services.ground.progress import silent
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
    assert "24 questionnaires saved, and for each of them it is said which scripts fit." in view.said()
    done(view.press("Evaluate"))
    (run_id,) = (path.stem for path in (demo / "runs").glob("*.json"))
    assert view.app.query_params["run"] == run_id
    assert "over 24 questionnaires" in drawn(view)
    assert re.search(r"Asked 24 questionnaires in \d+\.\d s\.", view.said())
    assert "24 answered · 0 found nothing · 0 failed · 0 not run" in view.said()
    assert "Not as good as this workspace asks for." in view.said()
    view.press("open_decades-of-excuses")
    assert view.app.query_params["questionnaire"] == "decades-of-excuses"
    assert "12th · The swimming teacher's hand · ★" in view.said().replace("**", "")
    assert any("broken molar" in text for text in view.texts())
    assert "Words in common:" in view.said()
    view.press("evaluate_baseline")
    assert "Stop using as the baseline" in view.labels()
    view.press("evaluate_delete")
    assert "Nothing has been evaluated yet" in view.said()
    view.press("evaluate_undo")
    assert [path.stem for path in (demo / "runs").glob("*.json")] == [run_id]
    assert "Stop using as the baseline" in view.labels()


def test_the_four_outcomes_are_kept_apart(two_scripts, open_app, monkeypatch):
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
    # The time first; what all have in common is in no label.
    assert view.field("Run").options == ["1 Nov 2026, 10:00:00 UTC · run-1 · recall@5 0.250 · stopped early"]
    asked = []
    retrieve = Workbench.retrieve
    monkeypatch.setattr(Workbench, "retrieve", lambda *given: asked.append(given) or retrieve(*given))
    view.press("open_sleep").run().run()
    assert len(asked) == 1
    # The run is of another model than the workspace.
    assert "those that match by this workspace's model." in view.said()


def test_two_runs_beside_each_other(two_scripts, open_app):
    before = [answered(name, "x", "y") for name in GRADES]
    after = [answered("calm", "one"), answered("sleep", "one", "two"), answered("exam", "x")]
    keep(two_scripts, run("run-1", *before), run("run-2", *after))
    view = open_app(two_scripts, "evaluate", run="run-2", before="run-1")
    said = view.said()
    # Two became better. Nine flips of 11 measures are the fewest that Holm's p could fall below 0.05 with.
    assert view.app.header[0].value == "recall@5: 0.000 to 0.667"
    assert "Of 3 questionnaires, two became better (calm, sleep) and none became worse." in said
    assert "Too few to say that it holds in general: at least 9 would have to change." in said
    assert not re.search(r"\bp \d", said)
    assert "calm · ▲ better by 1.000" in said.replace("**", "")
    assert "Induction: 2 found before, 1 after; new 'One'; gone 'x' and 'y'" in said
    assert list(view.app.get("plotly_chart")[0].proto.selection_mode) == [0], "a press on a point opens its run"
    assert "Press a point to open its run" in said
    view.fill("Compared with", None)
    assert "Too few to say" not in view.said()
    # Drawn in the browser only once it is opened, whatever was pressed before: it must not begin empty.
    assert view.field("What the run is called").proto.default == "run-2"
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
    view = open_app(demo, "evaluate").press("Evaluate").until(lambda v: "could be asked" in v.said())
    assert "None of the 24 questionnaires could be asked, so there is no new run." in view.said()
    assert "Nothing has been evaluated yet" in view.said()
    assert not (demo / "runs").exists()
    view.press("evaluate_put_away")
    assert "could be asked" not in view.said()


def test_a_read_only_workspace_is_evaluated_and_keeps_nothing(two_scripts, open_app, monkeypatch):
    monkeypatch.setattr(Workbench, "writable", property(lambda _: False))
    view = done(open_app(two_scripts, "evaluate").press("Evaluate"))
    assert "This run is not kept" in view.said()
    assert "over 3 questionnaires" in drawn(view)
    assert not (two_scripts / "runs").exists()
    assert not {"Make it the baseline", "Rename", "Delete this run"} & set(view.labels())
    # Nobody who opens the address would find it.
    assert "run" not in view.app.query_params


def test_the_same_scripts_are_counted_and_fewer_are_said(two_scripts, open_app):
    """'calm' as it was, 'sleep' in another order; 'exam' shows a script less, and all that is left is as it was."""
    before = [answered("calm", "one"), answered("sleep", "one", "two"), answered("exam", "two", "one")]
    after = [answered("calm", "one"), answered("sleep", "two", "one"), answered("exam", "two")]
    keep(two_scripts, run("run-1", *before), run("run-2", *after))
    view = open_app(two_scripts, "evaluate", run="run-2", before="run-1")
    assert "As good as before, with other scripts · 1" in [one.label for one in view.app.expander]
    assert "Induction: 2 found before, 1 after; gone 'One'" in view.said()
    assert "2 other questionnaires: as good as before, and the same scripts are shown." in view.said()


def test_a_run_of_nothing_is_not_kept_and_a_late_stop_is_told_apart(two_scripts):
    def late(stage, done, total):
        if stage == "Keeping the run":
            raise Cancelled("You stopped it.", "Start again.")

    with Workbench(two_scripts) as bench:
        assert running.work(bench, "", silent).too_late is False
        assert running.work(bench, "", late).too_late
        assert len(bench.runs.summaries()[0]) == 2


def test_a_stop_is_heard_after_four_questions(two_scripts):
    def stop(stage, done, total):
        if done == 4:
            raise Cancelled("You stopped it.", "Start again.")

    with Workbench(two_scripts) as bench:
        for number in range(6):
            bench.save_questionnaire(make_questionnaire(title=f"More {number}", focus_area=f"more {number}"))
        found = running.work(bench, "", stop)
        assert (found.run.outcomes[Outcome.ANSWERED], found.run.outcomes[Outcome.NOT_RUN]) == (4, 5)
        assert not found.too_late
        assert [one.id for one in bench.runs.summaries()[0]] == [found.run.id]


def test_somebody_else_s_evaluation_is_named_and_not_cancelled(two_scripts, open_app):
    keep(two_scripts, run("run-1", answered("calm", "one")))
    go, kept = threading.Event(), run("run-2", answered("calm", "one"))

    def work(report):
        report("Asking the questionnaires", 3, 24)
        go.wait(60)
        keep(two_scripts, kept)

    view = open_app(two_scripts, "evaluate")
    resources._jobs(two_scripts, running.KIND).start("Ada's evaluation", work)
    try:
        view.until(lambda v: "3 of 24" in v.said())
        assert "Ada's evaluation is under way. 3 of 24 so far." in view.said()
        assert "Cancel" not in view.labels()
    finally:
        go.set()
    view.until(lambda v: "under way" not in v.said())
    # It is in the list, and what was read stays.
    assert view.field("Run").value == "run-1"
    assert len(view.field("Run").options) == 2


@pytest.mark.parametrize(("name", "can"), [("precision@5", "only rise"), ("recall@5", "go either way")])
def test_what_more_judgements_can_do_is_said_of_each_measure(name, can):
    assert can in headline.about_coverage(measures_of(name, 5))


def test_recall_says_where_it_cannot_be_whole():
    """Six fit, and five are looked at: at best 5/6; of the other two questionnaires, all."""
    grades = {**GRADES, "calm": {"induction": {f"s{i}": 1 for i in range(6)}}}
    one = run("run-1", *(answered(name, "one") for name in GRADES), grades=grades)
    assert headline.ceiling(one, measures_of("recall@5", 5)) == (1, pytest.approx((5 / 6 + 2) / 3))
    assert headline.ceiling(run("run-1", answered("calm", "one")), measures_of("recall@5", 5)) == (0, 1.0)


def test_an_empty_workspace(empty, open_app):
    view = open_app(empty, "evaluate")
    assert "There are no questionnaires to evaluate with" in view.said()
    assert view.app.get("page_link")[0].proto.label == "Write or upload scripts first", "nothing can be asked yet"
