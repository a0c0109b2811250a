"""Judge with the keyboard alone, on a phone's width."""

import re

import pytest
from playwright.sync_api import expect

from services.workbench import Workbench
from tests.browser.looking import settled

pytestmark = pytest.mark.browser
WIDE = "[document.scrollingElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"


def told(page, words: str) -> None:
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(words))
    settled(page)


def grades(workspace) -> list[tuple[int, str]]:
    with Workbench(workspace) as workbench:
        given = workbench.judgements.all()[0].get("moths", ())
        return [(judgement.grade, judgement.note) for judgement in sorted(given, key=lambda one: one.time)]


def test_candidates_are_graded_noted_and_gone_back_to_without_a_mouse(server, visit):
    page = visit(f"{server.url}/judge?questionnaire=moths&section=awakening", width=390, height=844)
    page.get_by_role("textbox", name="Your name").fill("Anna")
    page.keyboard.press("Enter")
    told(page, r"^0 of \d+ judged")
    first = page.get_by_role("heading", level=3).inner_text()
    # On the first screen, below the question in one line; and the keys that scroll are the page's.
    expect(page.get_by_role("heading", level=3)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Just right")).to_be_in_viewport()
    expect(page.locator("kbd:visible")).to_have_count(0)
    page.keyboard.press("PageDown")
    expect(page.get_by_role("heading", level=3)).not_to_be_in_viewport()
    page.keyboard.press("2")
    told(page, "^1 of")
    heading = page.get_by_role("heading", level=3)
    expect(heading).not_to_have_text(first)
    # The next one begins at its top, below the navigation and above the grades.
    expect(heading).to_be_in_viewport()
    expect(page.get_by_role("button", name="Just right")).to_be_in_viewport()
    note = page.get_by_role("textbox", name="Note")
    page.keyboard.press("e")
    page.keyboard.type("3 at most")
    page.keyboard.press("Enter")
    expect(note).not_to_be_focused()
    settled(page)
    page.keyboard.press("0")
    told(page, "^2 of")
    page.keyboard.press("b")
    told(page, "^2 of .*You said 'Does not fit' just now")
    expect(note).to_have_value("3 at most")
    assert max(page.evaluate(WIDE)) <= 390
    assert grades(server.workspace) == [(2, ""), (0, "3 at most")]
