"""Attention as a person with a keyboard meets it, and on a phone."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from services.workbench import Workbench
from tests.browser.looking import fits, settled

pytestmark = pytest.mark.browser


def reach(page, name: str) -> None:
    """Go on with the tab key until the button of this name has the focus, and press it."""
    settled(page)
    focused = "['BUTTON', 'SUMMARY'].includes(document.activeElement.tagName) ? document.activeElement.innerText : ''"
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(focused).split("\n"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"'{name}' cannot be reached.")


def test_a_pair_is_settled_with_the_keyboard_alone_and_taken_back(server, visit):
    with Workbench(server.workspace) as workbench:
        script = workbench.catalogue.records["seat-14a"].script
        workbench.save(replace(script, id="seat-14b", title="Seat 14B", text=f"{script.text} Good night."), None)
    page = visit(f"{server.url}/attention", width=390, height=844)
    heading = page.get_by_role("heading", name="Near-duplicates to settle · 1")
    expect(heading).to_be_visible(timeout=60_000)
    reach(page, "Compare")
    expect(page.locator("mark", has_text="Good night")).to_be_visible()
    fits(page)
    reach(page, "Both are meant")
    expect(page.get_by_text("are both meant.")).to_be_visible()
    expect(heading).to_have_count(0)
    reach(page, "Both are meant: 1 pair")
    reach(page, "Take back")
    expect(heading).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.get_by_role("link", name=re.compile(r"Attention · \d+"))).to_be_visible()
