"""Many scripts at once on the Library page, and taking them out; drafts on Retrieve."""

import zipfile

import pytest

from pages.ui.library import catalogue, outgoing
from services.domain.scripts import make_script
from services.library import save
from services.workbench import Workbench

THREE = ("feet-first", "cooling-iron", "seat-14a")


def ticked(view, *ids):
    view.app.session_state["ticked"] = dict.fromkeys(ids)
    return view.run()


def scripts(demo):
    with Workbench(demo) as workbench:
        return {i: r.script for i, r in workbench.catalogue.records.items()}


@pytest.fixture
def view(demo, open_app):
    return open_app(demo, "library")


def test_drafts_are_asked_when_a_link_says_so_and_marked(view, demo, open_app):
    ticked(view, "feet-first").app.pills(key="many_status").set_value("draft")
    view.app.button(key="many_apply").click().run()
    script = view.until(lambda v: "Changed 1 script." in v.said()) and scripts(demo)["feet-first"]
    question = {"query": f"{script.title} {script.situation}"}
    view = open_app(demo, "retrieve", **question)
    assert "feet-first" not in view.hits()["awakening"]
    assert "Asked are" not in view.said()
    view = open_app(demo, "retrieve", status=["approved", "draft"], **question)
    assert view.hits()["awakening"][0] == "feet-first"
    assert "Asked are **draft and approved** scripts." in view.said()
    assert "**Draft, not approved yet**" in "\n".join(view.columns()["awakening"].captions)


def test_ticked_scripts_change_together_and_come_back_together(view, demo):
    before = scripts(demo)
    ticked(view, *THREE)
    assert "92 scripts · 3 ticked" in view.said()
    view.app.pills(key="many_section").set_value("awakening")
    view.app.pills(key="many_status").set_value("draft")
    view.app.multiselect(key="many_add").set_value(["night"])
    view.app.button(key="many_apply").click().run()
    view.until(lambda v: "Changed 3 scripts." in v.said())

    now = scripts(demo)
    assert {(now[i].section, now[i].status.value, "night" in now[i].focus_areas) for i in THREE} == {
        ("awakening", "draft", True)
    }
    assert "ticked" not in view.said()
    view.app.button(key="many_undo").click().run()
    view.until(lambda v: "As before: 3 scripts." in v.said())
    assert scripts(demo) == before
    assert "many_undo" not in [b.key for b in view.app.button]


def test_one_that_somebody_else_changes_meanwhile_is_named_and_left(view, demo):
    ticked(view, "feet-first")
    with Workbench(demo) as other:
        record = other.catalogue.records["feet-first"]
        theirs = make_script(**{**record.script.as_json(), "text": "Their words."})
        save(theirs, base=record.digest, store=other.records, embedder=other.embedder())
    view.app.button(key="many_retire").click().run()
    view.until(lambda v: "Left as it is: 1 script." in v.said())
    assert "Feet first: It was changed by somebody else meanwhile." in view.said()
    assert scripts(demo)["feet-first"].status.value == "approved"


def test_deleted_scripts_leave_the_list_and_come_back(view, demo):
    view.app.pills[0].set_value(["awakening"]).run()
    view.app.button(key="many_all").click().run()
    assert "30 of 92 scripts · 30 ticked" in view.said()
    view.app.button(key="many_delete").click().run()
    view.until(lambda v: "Deleted 30 scripts." in v.said())
    assert "0 of 62 scripts" in view.said()
    view.app.button(key="many_undo").click().run()
    view.until(lambda v: "Brought back 30 scripts." in v.said())
    assert len(scripts(demo)) == 92


def test_a_long_list_is_shown_in_parts(view, monkeypatch):
    monkeypatch.setattr(catalogue, "_AT_A_TIME", 40)
    # Another search begins at the beginning again.
    view.fill("Search", "the")
    assert len(view.titles()) == 40
    assert "Showing 40 of 92: search or filter to see fewer." in view.said()
    view.app.button(key="show_more").click().run()
    assert len(view.titles()) == 80
    view.press("Show 12 more")
    assert len(view.titles()) == 92


def test_what_is_ticked_or_found_or_all_can_be_taken_out(view, demo):
    ticked(view, "feet-first")
    assert view.app.segmented_control[0].options == ["All (92)", "Ticked (1)"]
    assert "Download 1 script" in [b.label for b in view.app.get("download_button")]
    view.app.pills[0].set_value(["awakening"]).run()
    assert view.app.segmented_control[0].options == ["All (92)", "Found (30)", "Ticked (1)"]
    with Workbench(demo) as workbench:
        workbench.backup(demo.parent / "b.zip")
        made = zipfile.ZipFile(demo.parent / "b.zip")
        assert sum(name.startswith("records/") for name in made.namelist()) == 92
        assert workbench.export_bytes("jsonl", ids=("feet-first",)).count(b"\n") == 1


def test_a_file_that_takes_long_is_made_with_a_bar_and_offered(view, monkeypatch):
    monkeypatch.setitem(outgoing._AT_ONCE, "docx", 91)
    view.run().press("export_prepare").until(lambda v: "is ready" in v.said())
    assert "The file of 92 scripts is ready:" in view.said()
    assert "Download it" in [b.label for b in view.app.get("download_button")]
    view.press("Dismiss")
    assert "is ready" not in view.said()
