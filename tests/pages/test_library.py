"""The Library page: to browse, search and read; to write, edit and delete without losing anything."""

import pytest

from pages.ui import words
from services.domain.scripts import make_script
from services.errors import EmbedderUnavailable
from services.library import save
from services.records.yaml_files import YamlRecordStore
from services.workbench import Workbench
from tests.pages.view import HOSTILE


def edit(demo, script_id, **changes):
    """Somebody else saves a script."""
    with Workbench(demo) as other:
        record = other.catalogue.records[script_id]
        made = make_script(**{**record.script.as_json(), **changes})
        save(made, base=record.digest, store=other.records, embedder=other.embedder())


def bare(hostile):
    """As it would stand where nothing keeps Markdown out."""
    return f"A {hostile}"


def texts_of(demo):
    with Workbench(demo) as workbench:
        return {i: r.script for i, r in workbench.catalogue.records.items()}


def test_it_lists_all_scripts_and_reads_the_first(demo, open_app):
    view = open_app(demo, "library")
    assert len(view.titles()) == 92
    assert "92 scripts" in view.said()
    assert view.app.subheader[0].value == view.titles()[0]
    assert list(view.app.dataframe[0].value.columns) == ["Title", "Section", "Focus", "Min.", "Status", "Parts"]


def test_a_link_opens_its_script(demo, open_app):
    view = open_app(demo, "library", script="feet-first")
    assert view.app.subheader[0].value == "Feet first"
    assert view.texts()[0].startswith("Push your left foot into the carpet")


def test_a_link_to_a_script_that_is_gone_says_so(demo, open_app):
    view = open_app(demo, "library", script="no-such-one")
    assert "There is no script 'no-such-one' any more." in view.said()
    assert len(view.titles()) == 92


def test_section_and_status_are_filters(demo, open_app):
    view = open_app(demo, "library")
    view.app.pills[0].set_value(["awakening"]).run()
    assert len(view.titles()) == 30
    assert "30 of 92 scripts" in view.said()
    view.app.pills[1].set_value(["draft"]).run()
    assert "No script fits." in view.said()


def test_focus_areas_are_filters(demo, open_app):
    view = open_app(demo, "library").fill("Focus areas", ["grief"])
    assert "Her chair in the kitchen" in view.titles()
    assert len(view.titles()) < 20


def test_search_finds_words_of_the_text_in_any_order_and_case(demo, open_app):
    view = open_app(demo, "library").fill("Search", "CARPET foot pushes")
    assert "Feet first" in view.titles()


def test_a_search_that_finds_nothing_says_what_to_do(demo, open_app):
    view = open_app(demo, "library").fill("Search", "xylophone quark")
    view.app.pills[0].set_value(["awakening"]).run()
    assert "No script fits. Take a word out of the search, or a filter off." in view.said()
    view.press("Clear search and filters")
    assert (len(view.titles()), view.field("Search").value) == (92, "")


def test_an_edit_is_saved_and_read_back(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit")
    view.fill("Title", "Feet first, slowly").press("Save")
    assert view.app.subheader[0].value == "Feet first, slowly"
    assert view.app.query_params == {"script": "feet-first"}
    assert texts_of(demo)["feet-first"].title == "Feet first, slowly"
    assert any("Saved 'Feet first, slowly'" in toast.value.replace("\\", "") for toast in view.app.toast)


def test_after_a_save_the_reader_shows_the_saved_script(demo, open_app):
    view = open_app(demo, "library").press("New script")
    view.fill("Title", "A boat of one's own").fill("Text", "Row.\n\nRow again.").press("Save")
    assert view.app.query_params == {"script": "a-boat-of-ones-own"}
    assert view.app.subheader[0].value == "A boat of one's own"
    assert "93 scripts" in view.said()


def test_an_edit_changes_the_ranking(demo, open_app):
    question = "to stop biting my nails, the context is meetings at work"
    view = open_app(demo, "library", script="the-recovery-room").press("Edit")
    view.fill("Title", "Nails").fill("Situation", "For somebody who bites their nails in meetings at work.")
    view.fill("Text", "You stop biting your nails. In meetings at work your hands rest.").press("Save")
    view.go("retrieve").fill("Questionnaire", None).fill("Raw query", question)
    assert view.hits()["awakening"][0] == "the-recovery-room"


def test_two_edits_do_not_show_each_others_words(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Title", "Mine").press("Cancel")
    assert view.press("Edit").field("Title").value == "Feet first"


def test_cancel_changes_nothing(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "Gone.").press("Cancel")
    assert view.app.subheader[0].value == "Feet first"
    assert texts_of(demo)["feet-first"].text.startswith("Push your left foot")


def test_an_open_edit_survives_a_visit_to_another_page(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "Half a thought")
    view.go("retrieve").go("library")
    assert view.field("Text").value == "Half a thought"


@pytest.mark.parametrize(("label", "said"), [("Title", "The script has no title."), ("Text", "has no text.")])
def test_a_refused_save_keeps_what_was_typed(demo, open_app, label, said):
    view = open_app(demo, "library", script="feet-first").press("Edit")
    view.fill("Situation", "Typed a moment ago.").fill(label, "").press("Save")
    assert said in view.said()
    assert view.field("Situation").value == "Typed a moment ago."
    assert view.run().field(label).value == ""


def test_a_failed_save_keeps_what_was_typed(demo, open_app, monkeypatch):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "Words to keep")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    view.press("Save")
    assert view.app.error
    assert "Traceback" not in view.said()
    assert view.field("Text").value == "Words to keep"
    monkeypatch.undo()
    monkeypatch.setenv("SCRIPTORIUM_WORKSPACE", str(demo))
    view.press("Save")
    assert texts_of(demo)["feet-first"].text == "Words to keep"


def test_a_new_script_leaves_a_broken_file_alone(demo, open_app):
    broken = demo / "records" / "induction" / "a-lamp.yaml"
    broken.write_text("id: [")
    view = open_app(demo, "library").press("New script").fill("Title", "A lamp").fill("Text", "Light.").press("Save")
    assert view.app.query_params == {"script": "a-lamp-2"}
    assert broken.read_text() == "id: ["


def test_an_id_that_was_taken_meanwhile_keeps_what_was_typed(demo, open_app, monkeypatch):
    view = open_app(demo, "library").press("New script").fill("Title", "Feet first").fill("Text", "Hop.")
    monkeypatch.setattr("pages.ui.editing.editor.free_id", lambda *_: "feet-first")
    view.press("Save")
    assert "There is a script 'feet-first' already." in view.said()
    assert view.field("Text").value == "Hop."
    assert texts_of(demo)["feet-first"].text.startswith("Push your left foot")


def test_a_title_that_another_script_has_gets_an_id_of_its_own(demo, open_app):
    view = open_app(demo, "library").press("New script").fill("Title", "feet  First").fill("Text", "Hop.")
    assert "There is a script of this title already, in Awakening. Saved, both stay." in view.said()
    view.press("Save")
    assert view.app.query_params == {"script": "feet-first-2"}


def test_a_link_begins_a_new_script_of_a_section(demo, open_app):
    view = open_app(demo, "library", new="awakening")
    assert view.app.subheader[0].value == "A new script"
    assert view.field("Section").value == "awakening"
    assert "new" not in view.press("Cancel").app.query_params


def test_a_conflict_keeps_what_was_typed_and_shows_the_other_version(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "My words.")
    edit(demo, "feet-first", text="Their words.")
    view.press("Save")
    assert "Somebody else saved this script while you were editing." in view.said()
    assert view.field("Text").value == "My words."
    assert "Their words." in view.texts()
    assert texts_of(demo)["feet-first"].text == "Their words."
    view.press("Save mine over it")
    assert texts_of(demo)["feet-first"].text == "My words."
    assert view.texts() == ["My words."]


def test_a_conflict_can_be_given_up(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "My words.")
    edit(demo, "feet-first", text="Their words.")
    view.press("Save").press("Give mine up")
    assert view.texts() == ["Their words."]


def test_delete_and_undo(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("delete_script_feet-first")
    assert "Deleted 'Feet first'." in view.said()
    assert "script" not in view.app.query_params
    assert "Feet first" not in view.titles()
    view.press("Undo")
    assert view.app.subheader[0].value == "Feet first"
    assert "Undo" not in view.labels()
    assert "feet-first" in texts_of(demo)


def test_a_delete_can_be_dismissed(demo, open_app):
    view = open_app(demo, "library", script="feet-first").press("delete_script_feet-first").press("Dismiss")
    assert "Undo" not in view.labels()
    assert len(view.titles()) == 91


def test_a_script_that_could_not_be_embedded_says_why(demo, open_app, monkeypatch):
    def unreachable(*_):
        raise EmbedderUnavailable("The model cannot be reached.", "Try again later.")

    view = open_app(demo, "library", script="feet-first").press("Edit").fill("Text", "New words.")
    monkeypatch.setattr("services.library.embed", unreachable)
    view.press("Save")
    assert "It is saved, but cannot be retrieved yet: The model cannot be reached." in view.said()
    assert texts_of(demo)["feet-first"].text == "New words."


def test_a_read_only_workspace_can_be_read_and_not_changed(demo, open_app, monkeypatch):
    monkeypatch.setattr(YamlRecordStore, "writable", property(lambda _: False))
    view = open_app(demo, "library", script="feet-first")
    assert "This workspace is read-only" in view.said()
    assert view.app.subheader[0].value == "Feet first"
    assert not {"Edit", "Delete", "New script"} & set(view.labels())


def test_an_empty_workspace_offers_the_first_step(empty, open_app):
    view = open_app(empty, "library")
    assert "This library has no scripts yet" in view.said()
    view.press("Write the first script").fill("Title", "One").fill("Text", "Breathe.").press("Save")
    assert view.titles() == ["One"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_write_is_text_and_never_markup(empty, open_app, hostile):
    view = open_app(empty, "library").press("Write the first script")
    view.fill("Title", f"A {hostile}").fill("Text", f"Breathe {hostile} out").fill("Author", hostile)
    view.fill("Situation", hostile).press("Save")
    # The words of a script are drawn by st.text, which reads no markup.
    assert view.texts() == [f"Breathe {hostile} out"]
    assert words.plain(hostile) in view.shown()
    assert bare(hostile) not in view.shown()
    view.go("retrieve").fill("What it should help with", hostile)
    assert bare(hostile) not in view.shown()
    assert not [html.value for html in view.app.get("html") if "<img" in html.value]
    [button] = [b for b in view.app.button if b.key and b.key.startswith("read_")]
    assert words.plain(hostile) in button.label
    assert bare(hostile) not in button.label
    button.click().run()
    assert f"Breathe {hostile} out" in view.texts()
