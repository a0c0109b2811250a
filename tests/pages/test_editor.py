"""Editing without losing anything: unsaved text, what an edit would change, and two people at once."""

import json

import pytest

from services.domain.scripts import make_script
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
    return [json.loads(path.read_text()) for path in (root / "derived" / "editing").glob("*.json")]


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


def test_the_library_offers_unsaved_text_to_go_on_or_to_give_up(small, open_app):
    open_app(small, "library", new="awakening").fill("Title", "A boat").fill("Text", "Row.")
    open_app(small, "library", script="harbour").press("Edit").fill("Text", "Other words")
    view = open_app(small, "library")
    assert "Unsaved: 'A boat', typed just now." in view.said().replace("**", "")
    assert "Unsaved: 'Harbour', typed just now." in view.said().replace("**", "")
    view.press("Go on")
    assert view.field("Text").value == "Other words"
    view.press("Cancel")
    assert "Harbour" not in [s["began"]["title"] for s in kept(small)]
    view.press("Give up")
    assert kept(small) == []
    assert "Unsaved" not in view.said()


def test_a_key_that_is_none_opens_the_library(small, open_app):
    view = open_app(small, "library", edit="../../workspace")
    assert "edit" not in view.app.query_params
    assert len(view.titles()) == 3


def test_typing_what_stood_there_before_keeps_nothing(small, open_app):
    view = open_app(small, "library", script="harbour").press("Edit").fill("Title", "Pier")
    assert len(kept(small)) == 1
    view.fill("Title", "Harbour")
    assert kept(small) == []


def test_of_two_windows_the_last_typed_counts_and_is_said(small, open_app):
    one = open_app(small, "library", script="harbour").press("Edit").fill("Text", "From the first")
    two = open_app(small, "library", edit=kept(small)[0]["key"]).fill("Text", "From the second")
    assert kept(small)[0]["fields"]["text"] == "From the second"
    assert "typed in another window too" in one.run().said()
    assert one.field("Text").value == "From the first"
    one.press("Show what was typed there")
    assert one.field("Text").value == "From the second"
    assert "another window" not in two.run().said()


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
    assert "the model reads every word" in view.said()
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
