"""The Tune page: links, trials in the background, using one and going back, and what stands in the way."""

import json
import re
import threading

import pytest

from pages.ui import resources
from pages.ui.tune.kept import Bench, Benches
from services.domain.settings import Paths, read_settings
from services.errors import StorageFailed
from services.records.yaml_files import YamlRecordStore
from services.workbench import Workbench
from tests.pages.view import mismatch


def tried(view):
    """Watch what was begun to its end, and that it has not failed on the way."""
    view.until(lambda v: "tune_try" in {b.key for b in v.app.button} and not v.button("tune_try").disabled)
    job = resources.jobs("tune").current
    assert job is None or job.error is None, repr(job.error.__cause__ or job.error)
    return view


def tables(view):
    """Every table of the page, as rows of cells as they are read."""
    found = (html.value for html in view.app.get("html") if "<table>" in html.value)
    return [
        [[read(c) for c in re.findall("<t[hd].*?</t[hd]>", row)] for row in html.split("<tr>")[1:]] for html in found
    ]


def read(cell):
    return re.sub("<[^>]+>", "", cell.replace("<small", " <small")).strip()


def address(view):
    return {name: v if isinstance(v, str) else v[0] for name, v in view.app.query_params.items()}


def table(view):
    return tables(view)[0]


def unjudge(workspace):
    for path in (workspace / "questionnaires").glob("*.yaml"):
        path.write_text(path.read_text().split("expected:")[0])


def retrieval(workspace):
    return read_settings(Paths(workspace)).method


def full(*_, **__):
    raise StorageFailed("The disk is full.", "Make room.")


def test_a_link_carries_the_trial_and_what_was_tried_can_be_used_and_undone(demo, open_app, monkeypatch):
    view = open_app(demo, "tune", try_mode="lexical", try_shown="3")
    assert view.app.header[0].value == "Scripts are found by meaning"
    assert "Scripts that use the same words, rare ones above all." in view.said()
    assert "How varied" not in [slider.label for slider in view.app.slider], "words alone know no vectors"
    assert "Nothing has been tried yet." in view.said()
    view.fill("Call it", "Words & 3")
    tried(view.press("Try it"))
    head, now, words = table(view)
    assert head == ["", "Verdict", "recall@5", "Difference", "Changed", "Judged"]
    assert (now[0], words[0]) == ("As it is now By meaning", "Words &amp; 3 By words · shows 3")
    # 24 questionnaires, by their words: 4 points in a hundred of what meaning finds.
    assert (now[2][:6], now[5]) == ("0.567 ", "19%")
    assert (words[1], words[4]) == ("▼ worse", "3 better 20 worse")
    assert re.fullmatch(r"\u22120\.397 \u22120\.\d{3} to \u22120\.\d{3}", words[3]), "with the true minus"
    assert "recall@3" in [row[0] for row in tables(view)[1]], "as many as are shown"
    assert "▼ worse, recall@5 \u22120.397, likely" in view.said().replace("*", ""), "said again before it is used"
    assert view.app.get("popover")[-1].proto.popover.type != "primary", "a worse way is nothing to press for"
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
    assert "The workspace is asked in a new way: By words, called 'Words & 3'." in view.said().replace("*", "")
    assert [row[0] for row in table(view)[1:]] == ["As it is now By words", "The usual way By meaning · shows 5"]
    assert table(view)[1][2].startswith("0.170 ")
    link = address(view)
    other = open_app(demo, "tune", **link)
    assert (link["try_mode"], link["try_shown"]) == ("lexical", "3"), "said although it is as the workspace is now"
    assert "tune_undo" not in {b.key for b in other.app.button}, "whoever has the link has changed nothing"
    with monkeypatch.context() as patch:
        patch.setattr(Workbench, "use", full)
        assert "The disk is full." in view.press("tune_undo").said()
    assert "The workspace is asked in a new way: By words" in view.run().said().replace("*", ""), "and not as before"
    tried(view.press("tune_undo"))
    assert (retrieval(demo).name, retrieval(demo).mode.value, read_settings(Paths(demo)).top_k) == (
        "Nearest passage",
        "dense",
        5,
    )
    assert "The workspace is asked as before: By meaning" in view.said().replace("*", "")
    assert [row[0] for row in table(view)[1:]] == ["As it is now By meaning", "Words &amp; 3 By words · shows 3"]
    assert address(view)["try_mode"] == "lexical", "the same address means the same settings"


def test_a_reload_finds_the_trials_again_and_the_curve_says_that_nothing_separates(demo, open_app):
    view = open_app(demo, "tune", try_passages="card")
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
    assert [row[0] for row in table(again)[1:]] == ["As it is now By meaning", "Trial 1 By meaning · the card only"]
    assert "have changed since" not in again.said()
    next((demo / "questionnaires").glob("*.yaml")).unlink()
    assert "have changed since. These figures are of before" in again.run().said()


def test_a_template_that_cannot_be_filled_in_is_said_at_once(demo, open_app):
    view = open_app(demo, "tune").fill("What is asked", "Find {mood}")
    assert "cannot fill in '{mood}'" in view.said()
    assert view.button("Try it").disabled
    view.press("Reset to the workspace's way")
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
    assert [row[0] for row in table(view)[1:]] == ["As it is now By meaning", "Word hashing By meaning · hashing"]
    assert table(view)[2][1] == "▼ worse"
    assert "Our first in October" in list(view.app.dataframe[0].value["Questionnaire"])
    assert "This was asked by another model." in view.said()
    assert "tune_use" not in {b.key for b in view.app.button}
    assert {p: p.read_bytes() for p in demo.rglob("*.yaml")} == before


def test_what_works_can_be_stopped_whatever_the_page_is_set_to_meanwhile(demo, open_app, monkeypatch):
    end = threading.Event()

    def work(*given):
        report = given[-1]
        report("Asking", 1, 24)
        end.wait(60)
        report("Asking", 2, 24)

    monkeypatch.setattr(Workbench, "cut_off_curve", work)
    monkeypatch.setattr(Workbench, "tune", work)
    view = open_app(demo, "tune").press("Draw the curve")
    view.app.segmented_control(key="try_mode").set_value("lexical").run()
    assert "there is no cut-off" in view.said()
    assert [one.proto.text for one in view.app.get("progress")] == ["Asking: 1 of 24. You may leave this page."]
    assert "Stopping at the next step" in view.press("Cancel").said()
    end.set()
    assert "Stopped." in view.until(lambda v: not v.app.get("progress")).said()
    end.clear()
    view.app.selectbox(key="try_model").set_value("hashing").run()
    view.press("See what it costs").press("Try it on the same questionnaires")
    view.app.selectbox(key="try_model").set_value("openai").run()
    assert "Try it on the same questionnaires" not in view.labels()
    assert (len(view.app.get("progress")), "Cancel" in view.labels()) == (1, True)
    end.set()


def test_where_nothing_is_judged_it_says_how_alike_and_a_read_only_workspace_why_it_cannot(demo, open_app, monkeypatch):
    unjudge(demo)
    monkeypatch.setattr(YamlRecordStore, "writable", property(lambda _: False))
    view = tried(open_app(demo, "tune", try_mode="lexical").press("Try it"))
    assert "Nobody has said yet which scripts fit" in view.said()
    assert table(view)[0] == ["", "Alike", "Found"]
    # All 92 that are approved for each of 24 questionnaires; by words, only the ones that share a word.
    assert [row[2] for row in table(view)[1:]] == ["2,208", "1,740"]
    assert float(table(view)[2][1]) == pytest.approx(0.369, abs=0.001)
    assert "This workspace is read-only, so how it is asked cannot be changed." in view.said()
    assert "tune_use" not in {b.key for b in view.app.button}


def test_a_mismatch_is_said_and_words_are_measured_all_the_same(demo, open_app):
    mismatch(demo)
    view = tried(open_app(demo, "tune", try_mode="lexical").press("Try it"))
    assert table(view)[1][2] == "not measured"
    assert table(view)[2][2].startswith("0.170 ")
    assert "Induction was not asked: What 'induction' returned would be random." in view.said()
    assert "there is nothing to compare" in view.said()


def test_without_questionnaires_it_says_what_belongs_here(demo, open_app):
    for path in (demo / "questionnaires").glob("*.yaml"):
        path.unlink()
    view = open_app(demo, "tune")
    assert "There are no questionnaires to try anything on." in view.said()
    assert "Try it" not in view.labels()


def test_whoever_only_looks_evicts_nobody_and_an_address_of_nothing_says_so(empty, open_app):
    benches = Benches()
    mine = Bench()
    benches.keep(mine)
    for _ in range(11):
        benches.keep(Bench())
    assert benches.of(mine.key) is mine, "looked at last"
    benches.keep(Bench())
    assert benches.of(mine.key) is mine, "another one made room"
    view = open_app(empty, "tune", trials="gone")
    assert "The trials of this address are not kept any more." in view.said()
    assert not resources.benches()._kept, "nothing was tried"


def test_a_setting_changed_alone_is_looked_at_and_what_is_so_now_has_no_dot(demo, open_app):
    view = tried(open_app(demo, "tune").press("Try each setting in turn"))
    detail = view.field("In detail")
    assert "How scripts are found: By words" in detail.options
    assert "How scripts are found: By meaning" not in detail.options, "it is so now"
    chart = json.loads(view.app.get("plotly_chart")[0].proto.spec)
    rows = chart["layout"]["yaxis"]["ticktext"]
    assert "By meaning · now" in rows
    # By mode, passages, parts and variety one of each is so now.
    assert len(chart["data"][0]["y"]) == len(rows) - 4 - 4
    view.fill("In detail", "How scripts are found: By words")
    assert "How scripts are found: By meaning → By words" in view.said().replace("*", "")
    assert "tune_use" in {b.key for b in view.app.button}
    tried(view.press("tune_use"))
    assert "Each setting by itself was tried before something changed" in view.said().replace("*", "")
    assert "tune_each_again" in {b.key for b in view.app.button}
    assert "Back to the usual way" in view.labels()
