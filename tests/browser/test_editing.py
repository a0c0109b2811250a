"""Editing with real keys: what is typed reaches the disk, whatever is pressed next."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from services.domain.scripts import Record
from services.records import record_format
from tests.browser.looking import fits, settled
from tests.doubles import store_of

pytestmark = pytest.mark.browser


def begin(visit, server, script, **how) -> Page:
    page = visit(f"{server.url}/library?script={script}", **how)
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    expect(page).to_have_url(re.compile("edit="))
    # What draws the text comes from the server as a part of its own, later than the rest where the machine is slow.
    expect(field(page)).to_be_visible()
    return settled(page)


def field(page: Page, label: str = "Text"):
    return page.get_by_label(label, exact=True)


def type_first(page: Page, words: str, label: str = "Text") -> None:
    """Put the words before all others, as fast as hands can."""
    field(page, label).click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)


def stored(server, section, script) -> str:
    path = server.workspace / "records" / section / f"{script}.yaml"
    return record_format.decode(path.read_bytes(), source=path.name).script.text


def test_ctrl_s_stores_the_last_words_typed(server, visit):
    page = begin(visit, server, "feet-first")
    type_first(page, "Now. ")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    assert stored(server, "awakening", "feet-first").startswith("Now. Push your left foot")


def test_what_is_typed_and_reloaded_at_once_comes_back(server, visit):
    page = begin(visit, server, "her-chair-in-the-kitchen")
    type_first(page, "Typed. ")
    page.reload()
    expect(field(page)).to_have_value(re.compile(r"^Typed\. "))
    expect(page.get_by_text("What you type is kept")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    assert stored(server, "induction", "her-chair-in-the-kitchen").startswith("Typed. ")


def test_all_of_it_is_reached_by_keys_and_the_name_is_remembered(server, visit):
    page = begin(visit, server, "a-slow-river-through-the-middle")
    field(page, "Title").focus()
    reached: list[str] = []
    while len(reached) < 40 and "Situation" not in reached:
        reached.append(page.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText"))
        page.keyboard.press("Tab")
    told = " | ".join(reached)
    for label in ("Title", "Text", "Save", "Cancel", "Sign", "Section", "Status", "Focus areas", "Author", "Situation"):
        assert label in told, told
    page.get_by_role("button", name=re.compile("^Sign")).press("Enter")
    page.get_by_role("textbox", name="Your name").fill("Änne; Müller")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Signed as Änne; Müller")).to_be_visible()
    page.keyboard.press("Escape")
    type_first(page, "By keys. ")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("By keys.")).to_be_visible()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Signed as Änne; Müller")).to_be_visible()


def test_a_newer_version_is_shown_beside_what_was_typed_on_a_phone_too(server, visit):
    page = begin(visit, server, "rinse-and-sit-up", width=390, height=844)
    expect(field(page)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Save")).to_be_in_viewport()
    type_first(page, "Mine. ")
    store = store_of(server.workspace)
    before = store.catalogue().records["rinse-and-sit-up"].script
    with store.writing("saving as somebody else"):
        store.put([Record(replace(before, text=f"{before.text} Theirs."))])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else saved this script")).to_be_visible()
    expect(field(page)).to_have_value(re.compile(r"^Mine\. "))
    page.get_by_role("button", name="Put both together").click()
    expect(page.get_by_text("Both versions are together")).to_be_visible()
    expect(field(page)).to_have_value(re.compile(r"^Mine\. .* Theirs\.\s*$", re.DOTALL))
    fits(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    assert stored(server, "awakening", "rinse-and-sit-up").startswith("Mine. ")
