"""The Tune page: links, trials in the background, using one and going back, and what stands in the way."""

import pytest

from services.domain.settings import Paths, read_settings
from services.records.yaml_files import YamlRecordStore
from tests.pages.view import mismatch


def tried(view):
    """Watch what was begun to its end."""
    return view.until(lambda v: "tune_try" in {b.key for b in v.app.button} and not v.button("tune_try").disabled)


def table(view):
    return view.app.dataframe[0].value


def unjudge(workspace):
    for path in (workspace / "questionnaires").glob("*.yaml"):
        path.write_text(path.read_text().split("expected:")[0])


def retrieval(workspace):
    return read_settings(Paths(workspace)).method


def test_a_link_carries_the_trial_and_what_was_tried_can_be_used_and_undone(demo, open_app):
    view = open_app(demo, "tune", try_mode="By words", try_shown="3")
    assert view.app.header[0].value == "Scripts are found by meaning"
    assert "Scripts that use the same words, rare ones above all." in view.said()
    assert "How varied" not in [slider.label for slider in view.app.slider], "words alone know no vectors"
    assert "Nothing has been tried yet." in view.said()
    view.fill("Call it", "Words & 3")
    tried(view.press("Try it"))
    rows = table(view)
    assert list(rows["Trial"]) == ["As it is now", "Words & 3"]
    assert list(rows["Setting"]) == ["By meaning", "By words · shows 3"]
    # 24 questionnaires, by their words: 4 points in a hundred of what meaning finds.
    assert rows["recall@5"][0].startswith("0.567 (")
    assert rows["Difference"][1].startswith("-0.413 (")
    assert (rows["Changed"][1], rows["Says"][1], rows["Judged"][0]) == ("1 better, 21 worse", "▼ worse", "19%")
    assert "recall@3" in list(view.app.dataframe[1].value["Measure"]), "as many as are shown"
    assert view.app.query_params["trials"], "a reload goes on here"
    assert retrieval(demo).mode.value == "dense", "nothing has changed until somebody uses it"
    assert "How scripts are found: By meaning → By words" in view.said().replace("*", "")
    tried(view.press("tune_use"))
    assert (retrieval(demo).name, retrieval(demo).mode.value, read_settings(Paths(demo)).top_k) == (
        "Words & 3",
        "lexical",
        3,
    )
    assert view.app.header[0].value == "Scripts are found by words"
    assert list(table(view)["Trial"]) == ["As it is now", "Words & 3", "Nearest passage"]
    assert table(view)["recall@5"][0].startswith("0.154 (")
    tried(view.press("tune_undo"))
    assert (retrieval(demo).name, retrieval(demo).mode.value, read_settings(Paths(demo)).top_k) == (
        "Nearest passage",
        "dense",
        5,
    )


def test_a_reload_finds_the_trials_again_and_the_curve_says_that_nothing_separates(demo, open_app):
    view = open_app(demo, "tune", try_passages="The card only")
    tried(view.press("Try it"))
    tried(view.press("Draw the curve"))
    said = view.said()
    assert "No distance of all-MiniLM-L6-v2 separates what fits from what does not." in said.replace("*", "")
    assert "Over 360 scripts shown to 24 questionnaires, of which " in said
    assert "; 124 scripts would fit." in said
    view.press("tune_take_cut_off")
    distance = next(field for field in view.app.number_input if field.label == "Not further than").value
    assert 0.3 < distance < 0.9
    key = view.app.query_params["trials"]
    again = open_app(demo, "tune", trials=key)
    assert list(table(again)["Setting"]) == ["By meaning", "By meaning · the card only"]
    assert "have changed since" not in again.said()
    next((demo / "questionnaires").glob("*.yaml")).unlink()
    assert "have changed since. These figures are of before" in again.run().said()


def test_a_template_that_cannot_be_filled_in_is_said_at_once(demo, open_app):
    view = open_app(demo, "tune").fill("What is asked", "Find {mood}")
    assert "cannot fill in '{mood}'" in view.said()
    assert view.button("Try it").disabled
    view.press("Set the controls to how it is now")
    assert not view.button("Try it").disabled
    view.app.selectbox(key="try_model").set_value("openai").run()
    assert "There is no key yet" in view.said()


def test_another_model_is_asked_beside_the_active_one(demo, open_app):
    before = {p: p.read_bytes() for p in demo.rglob("*.yaml")}
    view = open_app(demo, "tune")
    view.app.selectbox(key="try_model").set_value("hashing").run()
    assert "Try it on the same questionnaires" not in view.labels(), "not before its cost is seen"
    view.press("See what it costs")
    assert "Under a second on this machine, nothing to pay, nothing is sent anywhere." in view.said()
    tried(view.press("Try it on the same questionnaires"))
    assert list(table(view)["Setting"]) == ["By meaning", "By meaning · hashing"]
    assert "▼ worse" in table(view)["Says"][1]
    assert "Our first in October" in list(view.app.dataframe[2].value["Questionnaire"])
    assert "This was asked by another model." in view.said()
    assert "tune_use" not in {b.key for b in view.app.button}
    assert {p: p.read_bytes() for p in demo.rglob("*.yaml")} == before


def test_where_nothing_is_judged_it_says_how_alike_and_a_read_only_workspace_why_it_cannot(demo, open_app, monkeypatch):
    unjudge(demo)
    monkeypatch.setattr(YamlRecordStore, "writable", property(lambda _: False))
    view = tried(open_app(demo, "tune", try_mode="By words").press("Try it"))
    assert "Nobody has said yet which scripts fit" in view.said()
    assert list(table(view)) == ["Trial", "Setting", "Alike"]
    assert table(view)["Alike"][1] == pytest.approx(0.380, abs=0.001)
    assert "This workspace is read-only, so how it is asked cannot be changed." in view.said()
    assert "tune_use" not in {b.key for b in view.app.button}


def test_a_mismatch_is_said_and_words_are_measured_all_the_same(demo, open_app):
    mismatch(demo)
    view = tried(open_app(demo, "tune", try_mode="By words").press("Try it"))
    assert table(view)["recall@5"][0] == "not measured"
    assert table(view)["recall@5"][1].startswith("0.154 (")
    assert "Induction was not asked: What 'induction' returned would be random." in view.said()
    assert "there is nothing to compare" in view.said()


def test_without_questionnaires_it_says_what_belongs_here(demo, open_app):
    for path in (demo / "questionnaires").glob("*.yaml"):
        path.unlink()
    view = open_app(demo, "tune")
    assert "There are no questionnaires to try anything on." in view.said()
    assert "Try it" not in view.labels()
