"""Editing without losing anything: unsaved text, what an edit would change, and two people at once."""

import json

import pytest
import streamlit as st

from services.domain.scripts import make_script
from services.domain.unsaved import Unsaved, fields_of
from services.ground.clock import now
from services.records.unsaved_files import UnsavedFiles
from services.workbench import Workbench
from tests.doubles import TinyWorkbench, make_workspace, script
from tests.pages.test_library import edit as somebody_saves
from tests.pages.test_library import texts_of

TEXT = "The harbour is quiet. You breathe out.\n\nThe boats rest at the pier. Night comes and you let it come."


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Three scripts by a tiny embedder, so that nothing waits for a model."""
    made = [
        script("harbour", text=TEXT, title="Harbour"),
        script("kitchen", "awakening", title="Kitchen"),
        script("stairs", "affirmations", title="Stairs"),
    ]
    monkeypatch.setattr("pages.ui.resources.Workbench", lambda root, _=None: TinyWorkbench(root))
    return make_workspace(tmp_path / "small", made)


def kept(root):
    return [json.loads(path.read_text()) for path in (root / "editing").glob("*.json")]


def bare(view):
    """What is said, without what makes words bold."""
    return view.said().replace("**", "")


def save_elsewhere(root, **changes):
    with TinyWorkbench(root) as other:
        record = other.catalogue.records["harbour"]
        stated = {**record.script.as_json(), **changes}
        other.save(make_script(**stated), record.digest)


def test_unsaved_text_survives_a_reload_and_a_restart(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit")
    assert kept(small) == [], "nothing is typed yet"
    view.fill("Text", "Half a thought").fill("Focus areas", ["sleep"])
    [stated] = kept(small)
    assert (stated["fields"]["text"], stated["began"]["text"]) == ("Half a thought", TEXT)
    again = open_app(small, "library", **view.app.query_params)
    assert again.field("Text").value == "Half a thought"
    assert again.field("Focus areas").value == ["sleep"]
    assert again.app.subheader[0].value == "Edit 'Harbour'"
    again.press("Save")
    assert kept(small) == []
    assert again.texts() == ["Half a thought"]


def test_the_library_offers_unsaved_text_to_go_on_or_to_give_up_with_a_way_back(small, open_app):
    view = open_app(small, "library").press("New script").press("Cancel")
    assert "Given up" not in view.said(), "nothing was typed"
    view.press("New script").fill("Your name", "Anna")
    view.fill("Title", "A boat").fill("Text", "Row.").press("Cancel")
    assert kept(small) == []
    assert "Given up what was typed in 'A boat'." in view.said()
    view.press("Bring it back")
    assert (view.field("Title").value, view.field("Text").value) == ("A boat", "Row.")
    assert "Given up" not in view.said()

    other = open_app(small, "library")
    assert "Unsaved: 'A boat', typed just now by Anna, before a reload or in another window." in bare(other)
    other.press("Give up").press("No, keep it").press("Give up")
    assert len(kept(small)) == 1, "it was typed in another window: that is asked first"
    other.press("Yes, give it up")
    assert kept(small) == []
    other.press("Bring it back").press("Cancel")
    assert "Give up this text? It was typed just now by Anna" in bare(other)
    other.press("Close and keep it")
    assert [stated["fields"]["title"] for stated in kept(small)] == ["A boat"]


def test_what_nobody_has_touched_for_long_is_folded_away(small, open_app):
    began = fields_of(script("kitchen", title="Kitchen"))
    store = UnsavedFiles(small / "editing")
    for number in range(2):
        typed = f"2026-0{number + 1}-01T00:00:00.000Z"
        store.keep(Unsaved(f"{number:016x}", "kitchen", "x", began, {**began, "title": f"Old {number}"}, typed, "w"))
    store.keep(Unsaved("f" * 16, "kitchen", "x", began, {**began, "title": "New"}, now(), "w"))
    view = open_app(small, "library")
    assert [view.said().count(title) for title in ("'New'", "'Old 0'", "'Old 1'")] == [1, 0, 0]
    assert "2 more unsaved texts, 2 not touched for 90 days" in [e.label for e in view.app.expander]
    assert len(kept(small)) == 3


def test_a_key_that_is_none_opens_the_library(small, open_app):
    view = open_app(small, "library", edit="../../workspace")
    assert "edit" not in view.app.query_params
    assert len(view.titles()) == 3


def test_typing_what_stood_there_before_keeps_nothing(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit").fill("Title", "Pier")
    assert len(kept(small)) == 1
    view.fill("Title", "Harbour")
    assert kept(small) == []


def test_what_two_windows_type_is_kept_for_each(small, open_app):
    one = open_app(small, "library", script="harbour").press("Edit").fill("Text", "From the first")
    two = open_app(small, "library", edit=kept(small)[0]["key"]).fill("Text", "From the second")
    assert [stated["fields"]["text"] for stated in kept(small)] == ["From the second"]
    assert "typed in another window too" in one.run().said()
    one.fill("Text", "More from the first")
    assert {stated["fields"]["text"] for stated in kept(small)} == {"From the second", "More from the first"}
    assert one.app.query_params["edit"] != two.app.query_params["edit"]
    assert "typed in another window too" in one.said()
    one.press("Save")
    assert [stated["fields"]["text"] for stated in kept(small)] == ["From the second"]
    two.press("Save")
    assert "Somebody else saved this script" in two.said()
    assert two.field("Text").value == "From the second"


def test_going_on_with_the_other_text_keeps_ones_own(small, open_app):
    one = open_app(small, "library", script="harbour").press("Edit").fill("Text", "From the first")
    open_app(small, "library", edit=kept(small)[0]["key"]).fill("Text", "From the second")
    one.run().press("Go on with that one")
    assert one.field("Text").value == "From the second"
    one.press("Cancel").press("Yes, give it up")
    assert [stated["fields"]["text"] for stated in kept(small)] == ["From the first"]
    one.press("Bring it back")
    assert one.field("Text").value == "From the second"
    assert len(kept(small)) == 2


def test_saving_forgets_nothing_that_another_window_has_typed_since(small, open_app):
    one = open_app(small, "library", script="harbour").press("Edit").fill("Text", "From the first")
    two = open_app(small, "library", edit=kept(small)[0]["key"]).fill("Text", "From the second")
    one.press("Save")
    assert one.texts() == ["From the first"]
    assert [stated["fields"]["text"] for stated in kept(small)] == ["From the second"]
    assert two.run().field("Text").value == "From the second"


def test_a_save_that_a_second_press_cuts_short_is_no_second_script_and_no_conflict(small, open_app, monkeypatch):
    old = open_app(small, "library", script="harbour").press("Edit").fill("Text", "Typed once.")
    new = open_app(small, "library", new="awakening").fill("Title", "A boat").fill("Text", "Row.")
    with monkeypatch.context() as cut:
        cut.setattr("pages.ui.editing.unsaved.close", st.stop)
        old.press("Save")
        new.press("Save")
    assert kept(small) == []
    assert old.press("Save").texts() == ["Typed once."]
    assert new.press("Save").texts() == ["Row."]
    assert set(texts_of(small)) == {"harbour", "kitchen", "stairs", "a-boat"}


def test_a_script_deleted_meanwhile_is_stored_again_or_as_a_new_one(small, open_app):
    again = open_app(small, "library", script="harbour").press("Edit").fill("Text", "Typed on.")
    anew = open_app(small, "library", script="kitchen").press("Edit").fill("Text", "Typed too.")
    with TinyWorkbench(small) as other:
        other.delete("harbour")
        other.delete("kitchen")
    again.press("Save")
    assert "Somebody deleted this script while you were editing." in again.said()
    assert again.field("Text").value == "Typed on."
    again.press("Store it again as it is typed")
    assert again.texts() == ["Typed on."]
    anew.press("Save").press("Save as a new script")
    with TinyWorkbench(small) as after:
        assert {i: r.script.text for i, r in after.catalogue.records.items() if i != "stairs"} == {
            "harbour": "Typed on.",
            "kitchen-2": "Typed too.",
        }
        assert [version.what.value for version in after.history("harbour")][:3] == ["edited", "restored", "deleted"]
        assert [binned.id for binned in after.bin()] == ["kitchen"]
    assert kept(small) == []


def test_a_script_deleted_and_brought_back_is_saved_or_merged(small, open_app):
    same = open_app(small, "library", script="kitchen").press("Edit").fill("Text", "Typed on.")
    changed = open_app(small, "library", script="harbour").press("Edit").fill("Text", TEXT.replace("quiet", "still"))
    with TinyWorkbench(small) as other:
        other.delete("harbour")
        other.delete("kitchen")
    assert "Somebody deleted" in same.press("Save").said()
    assert "Somebody deleted" in changed.press("Save").said()
    with TinyWorkbench(small) as other:
        other.restore("kitchen")
        other.restore("harbour")
    save_elsewhere(small, text=TEXT.replace("Night comes", "Night has come"))
    assert same.press("Save").texts() == ["Typed on."]
    assert "1 change of yours and 1 of theirs go together." in changed.press("Save").said()
    changed.press("Put both together").press("Save")
    assert texts_of(small)["harbour"].text == TEXT.replace("quiet", "still").replace("Night comes", "Night has come")


def test_a_record_that_another_model_has_read_is_no_newer_version(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit").fill("Text", "Typed on.")
    with TinyWorkbench(small) as other:
        before = other.catalogue.records["harbour"].digest
        other.rebuild("other")
        assert other.catalogue.records["harbour"].digest != before
    assert view.press("Save").texts() == ["Typed on."]


def test_text_that_cannot_be_kept_is_said(small, open_app, monkeypatch):
    view = open_app(small, "library", script="harbour").press("Edit")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    view.fill("Text", "Words")
    assert "could not be written" in view.said()
    assert view.field("Text").value == "Words"
    monkeypatch.undo()


def test_changes_of_different_sentences_are_put_together(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit")
    view.fill("Text", TEXT.replace("quiet", "still")).fill("Focus areas", ["sleep"])
    save_elsewhere(small, text=TEXT.replace("Night comes", "Night has come"), status="draft")
    view.press("Save")
    assert "1 change of yours and 1 of theirs go together. Nothing is left to settle in the text." in view.said()
    view.press("Put both together")
    assert view.field("Text").value == TEXT.replace("quiet", "still").replace("Night comes", "Night has come")
    assert (view.field("Status").value, view.field("Focus areas").value) == ("draft", ["sleep"])
    assert "Both versions are together" in view.said()
    view.press("Save")
    with Workbench(small) as after:
        saved = after.records.catalogue().records["harbour"].script
    assert saved.text == TEXT.replace("quiet", "still").replace("Night comes", "Night has come")
    assert (saved.status, saved.focus_areas) == ("draft", ("sleep",))


def test_a_sentence_that_both_changed_is_taken_from_either(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit")
    view.fill("Text", TEXT.replace("boats", "ships")).fill("Title", "Mine")
    save_elsewhere(small, text=TEXT.replace("pier", "quay"), title="Theirs")
    view.press("Save")
    assert view.button("Put both together").disabled
    view.press("Take theirs")
    view.app.radio[0].set_value("theirs").run()
    view.press("Put both together")
    assert (view.field("Text").value, view.field("Title").value) == (TEXT.replace("pier", "quay"), "Theirs")


def test_it_shows_what_the_edit_would_change(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit")
    view.press("See what it changes").until(lambda v: "Nearest scripts" in v.said())
    assert "The model reads every word of it" in view.said()
    assert "No questionnaire is saved yet." in view.said()
    assert {"Kitchen", "Stairs"} <= {b.label.split("\u2002")[0] for b in view.app.button}
    view.fill("Text", "Quite other words now")
    assert "As it was before your last change:" in view.said()


def test_a_crash_loses_nothing_that_was_typed(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "My words.")
    somebody_saves(demo, "feet-first", text="Their words.")
    again = open_app(demo, "library", **view.app.query_params)
    assert again.field("Text").value == "My words."
    assert "Somebody else saved this script while you were editing." in again.said()
    assert texts_of(demo)["feet-first"].text == "Their words."
