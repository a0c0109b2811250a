"""The Library in a browser: by keyboard alone, on a phone, and with titles that Markdown would read."""

import re

import pytest
from playwright.sync_api import Page, expect

from services.domain.scripts import Record, make_script
from tests.browser.looking import fits, settled
from tests.doubles import store_of

pytestmark = pytest.mark.browser

# What Streamlit draws as something else in one place or another: addresses, icons, emoji, colours, arrows, maths.
ODD = (
    "http://x.example/?b&c www.y.example a@b.example :smile: :material/home: :streamlit: :red[r] :small[s] -> <-> -- "
    ">= $x$ [x] [^1] &amp; <b>b</b> ![i](x.png) [l](m) `c` _u_ **s** ~~d~~ # 1. \\"
)
_MOST_TABS = 40
# What a person can use is called by its label or its words; a region that scrolls has the focus too. The rows of the
# list are a picture whose cells, once told to whoever cannot see it, take the focus in its place.
_FOCUSED = """(e => ["A", "BUTTON", "CANVAS", "INPUT"].includes(e.tagName)
  ? e.getAttribute("aria-label") || e.innerText || e.dataset.testid || e.tagName : e.tagName)(
  document.activeElement.closest("canvas") || document.activeElement)"""


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Go on by keyboard until what is called so has the focus."""
    seen = []
    for _ in range(_MOST_TABS):
        page.keyboard.press(key)
        seen.append(page.evaluate(_FOCUSED))
        if name in seen[-1]:
            return
    raise AssertionError(f"The keyboard does not reach '{name}': {seen}")


def drawn(page: Page, selector: str) -> str:
    """The text of the one element, character for character."""
    [element] = page.locator(selector).all()
    return element.text_content().strip()


def test_titles_are_drawn_character_for_character(server, visit):
    store = store_of(server.workspace)
    with store.writing("an odd title"):
        known = store.catalogue().records["feet-first"]
        odd = make_script(**{**known.script.as_json(), "title": ODD, "situation": ODD})
        # Without vectors: those of the former title would be found out by the check.
        store.put([Record(odd, None)])
    page = visit(f"{server.url}/library?script=feet-first&search=y.example")
    expect(page.locator("#glide-cell-1-0")).to_be_attached()
    assert drawn(page, "#glide-cell-1-0") == ODD
    assert drawn(page, ".st-key-reading_title h3") == ODD
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(ODD, exact=True)).to_be_visible()
    assert page.locator(".st-key-shelf_opened :is(a, img, code, em, del)").count() == 0
    page.locator("[class*='st-key-delete_script_'] button").click()
    expect(page.get_by_text(f"Deleted '{ODD}'.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name=ODD, exact=True)).to_be_visible()


def test_two_scripts_become_drafts_and_approved_again_by_keyboard_alone(server, visit):
    page = visit(f"{server.url}/library")
    expect(page.get_by_text(re.compile(r"^\d+ scripts$"))).to_be_visible()
    settled(page)
    tab_to(page, "Search")
    page.keyboard.type("iron")
    expect(page.get_by_text(re.compile(r"^\d of \d+ scripts$"))).to_be_visible()
    # It empties the field, so that the list is another one again.
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile(r"^\d+ scripts$"))).to_be_visible()
    settled(page)
    tab_to(page, "data-grid-canvas")
    for ticked in (1, 2):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Space")
        expect(page.get_by_text(f"{ticked} ticked")).to_be_visible()
        settled(page)
    tab_to(page, "Change", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change 2 scripts")).to_be_visible()
    tab_to(page, "Draft")
    page.keyboard.press("Enter")
    settled(page)
    tab_to(page, "Change 2 scripts", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Changed 2 scripts.")).to_be_visible()
    settled(page)
    tab_to(page, "Undo all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("As before: 2 scripts.")).to_be_visible()


def test_on_a_phone_a_script_is_found_and_edited(server, visit):
    page = visit(f"{server.url}/library", width=390, height=844)
    page.get_by_label("Search", exact=True).fill("xylophone quark")
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value("")
    expect(page.locator(".dvn-scroller")).to_be_visible()
    fits(page)
    page.locator(".dvn-scroller").click(position={"x": 80, "y": 35 * 3 + 17})
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Text", exact=True)).to_be_visible()
    fits(page)
