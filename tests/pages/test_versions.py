"""The history of a script and the bin, as a practitioner meets them."""

import time
from pathlib import Path

import pytest

from services.domain.history import FIRST
from services.domain.settings import Paths
from services.records.git_history import GitHistory
from services.workbench import Workbench
from tests.doubles import script
from tests.pages.conftest import Open
from tests.pages.view import HOSTILE, View, undone

HARMLESS = "You are calm. Breathe out."
HURTFUL = f"You are calm. <script>alert(1)</script> {' '.join(HOSTILE)} Breathe out."


def choose(view: View, workspace: Path, place: int) -> None:
    """Choose a version; the driver tells the page its label, as a browser does."""
    view.app.radio[0].set_value(GitHistory(Paths(workspace)).versions("one")[place].commit).run()


def drawn(view: View) -> str:
    return "\n".join(element.value for element in view.app.get("html"))


def test_read_what_changed_restore_delete_and_empty(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        bench.author = "Bert"
        first = bench.save(script("one", title="# Hostile *title*", text=HARMLESS), None).record
        bench.save(script("one", title="# Hostile *title*", text=HURTFUL), first.digest)
    view = open_app(empty, "library", script="one").press("History")
    (choice,) = view.app.radio
    assert [option.split(": ", 1)[1].split(" · ")[0] for option in choice.options] == [
        "**edited** by Bert",
        "**written** by Bert",
    ]
    html = drawn(view)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<ins" in html
    assert "<del" not in html
    assert "Restore this version" not in view.labels()
    assert all(typed not in view.shown() for typed in HOSTILE[1:5])
    view.fill("Your name", "Anna")
    assert "Signed as Anna" in [popover.proto.popover.label for popover in view.app.get("popover")]
    choose(view, empty, 1)
    view.press("Restore this version")
    assert view.texts() == [HARMLESS]
    with Workbench(empty) as bench:
        told = [(v.author, v.what.value) for v in bench.history("one")]
        assert told[:2] == [("Anna", "restored"), ("Bert", "edited")]

    view.press("delete_script_one").press("Dismiss").press("Bin")
    assert "Hostile *title*" in view.said()
    view.press("Delete for good")
    assert "Its versions stay in the history." in view.said()
    view.press("No, keep")
    assert "Yes, delete" not in view.labels()
    view.press("Bring back")
    assert view.texts() == [HARMLESS]
    view.press("delete_script_one").press("Dismiss").press("Bin").press("Empty the bin").press("Yes, delete")
    assert "The bin is empty" in view.said()
    with Workbench(empty) as bench:
        assert bench.bin() == []
        assert bench.history("one")[0].author == "Anna"


def test_a_script_that_is_gone_still_has_its_history(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        bench.save(script("one", text=HARMLESS), None)
        bench.save(script("other", text=HARMLESS), None)
        bench.delete("one")
        bench.empty_bin([(b.id, b.digest) for b in bench.bin()])
    view = open_app(empty, "library", script="one", history="1")
    assert "taken out of the bin for good" in view.app.radio[0].options[0]
    assert "The script was gone after this" in view.said()
    choose(view, empty, 2)
    view.press("Restore this version")
    assert view.texts() == [HARMLESS]


def test_each_of_three_quick_saves_is_shown_and_restored(
    empty: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One second for all of them: then not even the time tells the versions apart.
    now = time.time()
    with monkeypatch.context() as patch, Workbench(empty) as bench:
        patch.setattr(time, "time", lambda: now)
        base = None
        for text in ("You are first.", "You are second.", "You are third.", "You are fourth."):
            base = bench.save(script("one", text=text), base).record.digest
    view = open_app(empty, "library", script="one", history="1")
    (choice,) = view.app.radio
    assert [undone(label).rpartition(" ")[2] for label in choice.options[:3]] == ["(3)", "(2)", "(1)"]
    assert len(set(choice.options)) == 4
    for place, text in enumerate(("fourth", "third", "second")):
        choose(view, empty, place)
        assert f"{text}</ins>" in drawn(view)
    view.press("Restore this version")
    assert view.texts() == ["You are second."]


def test_a_version_that_changed_only_details(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        base = bench.save(script("one", text=HARMLESS), None).record.digest
        bench.save(script("one", text=HARMLESS, status="draft", focus_areas=("sleep",)), base)
    view = open_app(empty, "library", script="one", history="1")
    said = view.said()
    assert "The text itself is as it was." in said
    assert "Status" in said.splitlines()
    assert "Focus areas" in said.splitlines()
    assert "Breathe out." not in drawn(view)
    view.app.toggle[0].set_value(True).run()
    assert HARMLESS in drawn(view)


def test_what_was_there_before_its_history(demo: Path, open_app: Open) -> None:
    with Workbench(demo) as bench:
        bench.refresh()
        bench.delete("seat-14a")
        assert bench.history("quiet-lungs")[0].purpose == FIRST
    view = open_app(demo, "library", script="quiet-lungs", history="1")
    assert "**as the library began** · " in view.app.radio[0].options[0]
    assert "outside" not in view.app.radio[0].options[0]


def test_a_damaged_script_is_named_and_brought_back(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        bench.save(script("one", text=HARMLESS), None)
        bench.save(script("other"), None)
    path = empty / "records" / "induction" / "one.yaml"
    path.write_text("title: [\n")
    view = open_app(empty, "library")
    assert "1 file cannot be read" in view.said()
    view.press("See what can be done")
    assert "**Its file cannot be read.** It may have been changed outside." in view.said()
    assert "YAML" not in view.said()
    assert "one.yaml" in view.texts()[0]
    view.press("History")
    assert "Restoring a version replaces it" in view.said()
    view.press("Back to the script").press("Restore the last version")
    assert view.texts() == [HARMLESS]
    assert "cannot be read" not in view.said()
    view.press("Bin")
    assert "one, which cannot be read" in view.said()
    view.press("Read it")
    assert view.texts() == ["title: ["]


def test_an_id_that_is_taken_again(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        bench.save(script("one", text=HARMLESS), None)
        bench.delete("one")
        bench.save(script("one", title="Another", text="You are another."), None)
    view = open_app(empty, "library", bin="1")
    view.press("Read it")
    assert view.texts() == [HARMLESS]
    view.press("Close").press("Bring back")
    assert "'Another' in the library has that id by now" in view.said()
    assert "It can come back beside it as 'one-2'" in view.said()
    view.press("Bring it back under another id")
    assert view.texts() == [HARMLESS]
    with Workbench(empty) as bench:
        bench.refresh()
        assert sorted(bench.catalogue.records) == ["one", "one-2"]
        assert bench.bin() == []


def test_what_was_deleted_outside_is_in_the_bin_too(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        bench.save(script("one", title="Committed", text=HARMLESS), None)
        bench.save(script("two", title="Not committed"), None)
        (empty / "records" / "induction" / "one.yaml").unlink()
        bench.save(script("other"), None)
    (empty / "records" / "induction" / "two.yaml").unlink()
    view = open_app(empty, "library", bin="1").until(lambda v: "Deleted outside" in v.said())
    said = view.said()
    assert "Deleted outside the workbench · 2" in said
    assert "**Not committed**" in said
    assert "The bin is empty." in said
    with Workbench(empty) as bench:
        bench.refresh()
        (name,) = (f"one_{one.commit[:12]}" for one in bench.lost() if one.id == "one")
    view.press(f"read_{name}")
    assert view.texts() == [HARMLESS]
    view.press(f"back_{name}")
    assert view.texts() == [HARMLESS]
    view.press("Bin")
    assert "Deleted outside the workbench · 1" in view.said()
