"""An upload as a person does it: files chosen, looked through with the keyboard, added, undone; also on a phone."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import fits, settled
from tests.office import docx, paragraph

pytestmark = pytest.mark.browser
SLOW = 60_000


def files(folder: Path) -> list[Path]:
    wave = "Die Welle\r\n\r\nSchließe die Augen \u2013 höre das Meer, wie es kommt und geht.\r\n"
    made = {
        "a-welle.txt": wave.encode("cp1252"),
        "ferry.docx": docx(
            paragraph("The last ferry") + paragraph("The ferry leaves the pier. You stay, and you breathe out.")
        ),
        "broken.pdf": b"%PDF-1.7\nnothing more",
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def reachable(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name)
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport(ratio=1)


def retitled(page: Page, title: str) -> None:
    """Change the title of the first row without a mouse."""
    settled(page)
    page.get_by_test_id("data-grid-canvas").first.focus()
    for key in ("ArrowRight", "Enter"):
        # The grid takes in one key before it looks at the next.
        page.wait_for_timeout(200)
        page.keyboard.press(key)
    editor = page.locator("#portal textarea")
    expect(editor).to_be_focused()
    # As fast as hands are: what comes within a few milliseconds after the editor has opened, the grid forgets.
    page.wait_for_timeout(300)
    editor.press("Control+A")
    page.keyboard.type(title, delay=40)
    expect(editor).to_have_value(title)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")


def test_files_are_chosen_looked_through_added_and_undone(server, visit, tmp_path):
    before = {path.name for path in server.workspace.glob("records/*/*.yaml")}
    page = visit(f"{server.url}/upload")
    page.locator("input[type=file]").first.set_input_files(files(tmp_path))
    page.get_by_role("button", name="Read 3 files").click()
    expect(page.get_by_text("2 scripts: 2 new")).to_be_visible(timeout=SLOW)
    retitled(page, "Der Atem des Meeres")
    expect(page.get_by_test_id("stSelectbox").locator("input")).to_have_value("Der Atem des Meeres (a-welle.txt)")
    expect(page.get_by_text("broken.pdf: It cannot be read as a PDF")).to_be_visible()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download this list").click()
    (head, row) = csv.reader(io.StringIO(Path(begun.value.path()).read_text("utf-8-sig"), newline=""))
    assert head == ["what", "why and what to do"]
    assert row[0] == "broken.pdf"
    assert "It cannot be read as a PDF" in row[1]
    assert "copy its words into a text file" in row[1]
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page)
    for name in ("Throw this upload away", "Add 2 scripts"):
        reachable(page, name)
    page.get_by_role("button", name="Add 2 scripts").click()
    expect(page.get_by_role("link", name="Der Atem des Meeres")).to_be_visible(timeout=SLOW)
    stored = next(server.workspace.glob("records/*/der-atem-des-meeres.yaml")).read_text("utf-8")
    assert "Schließe die Augen \u2013 höre das Meer" in stored
    assert "\\r" not in stored
    fits(page)
    reachable(page, "Undo this upload")
    page.get_by_role("button", name="Undo this upload").click()
    expect(page.get_by_text("The upload is undone: 2 scripts moved to the bin.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    fits(page)
    assert {path.name for path in server.workspace.glob("records/*/*.yaml")} == before
