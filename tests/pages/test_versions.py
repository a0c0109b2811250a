"""The history of a script and the bin, as a practitioner meets them."""

from pathlib import Path

from services.workbench import Workbench
from tests.doubles import script
from tests.pages.conftest import Open
from tests.pages.view import HOSTILE, View

HARMLESS = "You are calm. Breathe out."
HURTFUL = f"You are calm. <script>alert(1)</script> {' '.join(HOSTILE)} Breathe out."


def drawn(view: View) -> str:
    return "\n".join(element.value for element in view.app.get("html"))


def test_read_what_changed_restore_delete_and_empty(empty: Path, open_app: Open) -> None:
    with Workbench(empty) as bench:
        bench.author = "Bert"
        first = bench.save(script("one", title="# Hostile *title*", text=HARMLESS), None).record
        bench.save(script("one", title="# Hostile *title*", text=HURTFUL), first.digest)
    view = open_app(empty, "library", script="one").press("History")
    (choice,) = view.app.radio
    assert [option.split(": ", 1)[1] for option in choice.options] == ["**edited** by Bert", "**written** by Bert"]
    html = drawn(view)
    assert "<script>" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<ins" in html
    assert "<del" not in html
    assert "Restore this version" not in view.labels()
    assert all(typed not in view.shown() for typed in HOSTILE[1:5])
    view.fill("Your name", "Anna")
    assert "Signed as Anna" in [popover.proto.popover.label for popover in view.app.get("popover")]
    view.app.radio[0].set_value(1).run()
    view.press("Restore this version")
    assert view.texts() == [HARMLESS]
    with Workbench(empty) as bench:
        told = [(v.author, v.what.value) for v in bench.history("one")]
        assert told[:2] == [("Anna", "restored"), ("Bert", "edited")]

    view.press("delete_script_one").press("Dismiss").press("Bin")
    assert "Hostile *title*" in view.said()
    view.press("Delete for good").press("No, keep")
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
    view.app.radio[0].set_value(2).run()
    view.press("Restore this version")
    assert view.texts() == [HARMLESS]
