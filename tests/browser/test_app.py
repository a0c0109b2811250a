"""What only a browser can show: addresses, keys, dialogs, progress, widths and colours."""

import re

import pytest
from playwright.sync_api import Page, expect

from services.workbench import Workbench
from tests.browser.looking import fits, settled

pytestmark = pytest.mark.browser


def hits(page: Page):
    """The titles of the hits, section by section, each with its rank before it."""
    return page.locator('[class*="st-key-read_"] button:visible')


def pick(page: Page, title: str) -> None:
    page.get_by_test_id("stSelectbox").first.locator("input").click()
    page.get_by_role("option", name=title, exact=True).click()


def framed(page: Page) -> None:
    """The whole frame stands around the page."""
    for name in ("Retrieve", "Library", "Health"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


# The first of this file: nobody has visited the server before.
def test_the_first_visit_of_all_opens_a_script_inside_the_frame(server, visit):
    page = visit(f"{server.url}/library?script=feet-first")
    expect(page.get_by_role("heading", name="Feet first")).to_be_visible()
    expect(page.get_by_text("Push your left foot into the carpet")).to_be_visible()
    framed(page)
    expect(page).to_have_url(f"{server.url}/library?script=feet-first")
    expect(page).to_have_title(re.compile("Scriptorium|Library"))


def test_a_cold_deep_link_opens_a_view_of_retrieve(fresh, visit):
    path = "/retrieve?questionnaire=foreman"
    page = visit(f"{fresh.url}{path}")
    expect(page.get_by_label("What it should help with")).to_have_value("being in charge of my old mates")
    expect(hits(page)).to_have_count(15)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    framed(page)
    expect(page).to_have_url(f"{fresh.url}{path}")


def test_a_questionnaire_leads_to_its_hits_and_an_address_that_opens_them(server, visit):
    page = visit(server.url)
    expect(hits(page)).to_have_count(15)
    before = hits(page).all_inner_texts()
    pick(page, "Foreman")
    expect(page).to_have_url(f"{server.url}/?questionnaire=foreman")
    expect(page.get_by_label("What it should help with")).to_have_value("being in charge of my old mates")
    expect(hits(page).first).not_to_have_text(before[0])
    after = hits(settled(page)).all_inner_texts()
    assert after != before
    other = visit(page.url)
    expect(hits(other)).to_have_text(after)
    page.go_back()
    expect(hits(page)).to_have_text(before)


def test_a_new_question_is_asked_with_enter(server, visit):
    page = visit(server.url)
    expect(hits(page)).to_have_count(15)
    settled(page)
    page.get_by_test_id("stSelectbox").first.locator("svg").first.click()
    expect(page.get_by_text("Say what the session should help with")).to_be_visible()
    expect(page.get_by_label("What it should help with")).to_have_value("")
    field = page.get_by_label("What it should help with")
    field.fill("grieving for my wife")
    field.press("Enter")
    expect(page.get_by_role("button", name="Her chair in the kitchen")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/?focus=grieving+for+my+wife")


def test_what_is_typed_survives_a_click_on_retrieve(server, visit):
    page = visit(server.url)
    expect(hits(page)).to_have_count(15)
    page.get_by_label("What is hard about it").fill("the dog died")
    page.get_by_role("button", name="Retrieve", exact=True).click()
    expect(page).to_have_url(re.compile("challenge=the\\+dog\\+died"))
    expect(page.get_by_text("the context is the dog died")).to_be_visible()
    expect(page.get_by_label("What is hard about it")).to_have_value("the dog died")


def test_a_hit_opens_whole_with_the_matched_passage_and_leads_to_the_library(server, visit):
    with Workbench(server.workspace) as workbench:
        answer = workbench.retrieve(workbench.all_questionnaires["foreman"])
    hit = next(h for h in answer.sections["induction"].hits if h.passage.kind == "body" and h.passage.start)
    page = visit(f"{server.url}/?questionnaire=foreman")
    hits(page).filter(has_text=hit.script.title).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".st-key-reading_before")).to_be_visible()
    expect(dialog.locator(".st-key-reading_matched")).to_have_css("border-left-style", "solid")
    shown = dialog.locator(".st-key-reading_matched").inner_text()
    assert shown.split() == hit.passage_text.split()
    dialog.get_by_role("link", name="Open in the library").click()
    expect(page).to_have_url(f"{server.url}/library?script={hit.script.id}")
    expect(page.get_by_role("heading", name=hit.script.title)).to_be_visible()


def test_an_edit_changes_the_ranking(server, visit):
    page = visit(f"{server.url}/library?script=the-recovery-room")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title", exact=True).fill("Nails left alone")
    page.get_by_label("Text", exact=True).fill("You stop biting your nails. In meetings at work your hands rest.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Nails left alone")).to_be_visible()
    expect(page.get_by_text("You stop biting your nails.")).to_be_visible()
    page.get_by_role("link", name="Retrieve", exact=True).click()
    expect(hits(page)).to_have_count(15)
    for label, typed in (
        ("What it should help with", "stopping biting my nails"),
        ("What is hard about it", "meetings at work"),
    ):
        page.get_by_label(label).fill(typed)
        page.get_by_label(label).press("Enter")
    expect(page.get_by_text("biting my nails, the context is meetings at work")).to_be_visible()
    expect(hits(page).nth(10)).to_have_text(re.compile(r"1\s+Nails left alone"))


def test_delete_and_undo(server, visit):
    page = visit(f"{server.url}/library?script=shutters-up")
    page.locator("[class*='st-key-delete_script_'] button").click()
    expect(page.get_by_text("Deleted 'Shutters up'.")).to_be_visible()
    expect(page.get_by_text("91 scripts")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Shutters up")).to_be_visible()
    expect(page.get_by_text("92 scripts")).to_be_visible()


def test_the_list_follows_the_search_while_it_is_typed(server, visit):
    page = visit(f"{server.url}/library")
    expect(page.get_by_text("92 scripts")).to_be_visible()
    search = page.get_by_label("Search", exact=True)
    search.press_sequentially("tinnitus", delay=30)
    expect(page.get_by_text(re.compile(r"^\d of 92 scripts"))).to_be_visible()
    expect(page).to_have_url(re.compile("search=tinnitus"))
    search.fill("xylophone quark")
    expect(page.get_by_text("No script fits.")).to_be_visible()


def test_a_row_opens_its_script(server, visit):
    page = visit(f"{server.url}/library")
    expect(page.get_by_text("92 scripts")).to_be_visible()
    # The cells are drawn on a canvas: the third row, in the middle of its title.
    page.locator(".dvn-scroller").click(position={"x": 80, "y": 35 * 3 + 17})
    expect(page).to_have_url(f"{server.url}/library?script=a-slow-river-through-the-middle")
    expect(page.get_by_role("heading", name="A slow river through the middle")).to_be_visible()


def test_the_index_is_rebuilt_to_success(server, visit):
    page = visit(f"{server.url}/health")
    expect(page.get_by_role("heading", name="All three collections can be trusted")).to_be_visible()
    page.get_by_role("button", name="Rebuild the index").click()
    expect(page.get_by_text("Rebuilt and proved in")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Rebuild the index")).to_be_visible()


LIGHT = ("/", "/library?script=feet-first", "/health", "/model", "/inspect", "/silent_bug")
DARK = ("/", "/library?script=feet-first", "/health")


@pytest.mark.parametrize(
    ("path", "dark"), [*((path, False) for path in LIGHT), *((path, True) for path in DARK)], ids=str
)
def test_pages_fit_a_phone_and_a_desk_in_light_and_dark(server, visit, path, dark):
    page = visit(f"{server.url}{path}", dark=dark)
    expect(
        page.get_by_text(
            re.compile(
                "Expected|Push your left foot|can be trusted|See what it costs|Which model made these|Reproduce it"
            )
        ).first
    ).to_be_visible()
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        fits(page)
    ground = page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
    assert ground == ("rgb(25, 26, 29)" if dark else "rgb(252, 251, 248)")


def test_on_a_phone_an_open_script_takes_the_place_of_the_list(server, visit):
    page = visit(f"{server.url}/library?script=feet-first", width=390, height=844)
    expect(page.get_by_role("heading", name="Feet first")).to_be_in_viewport()
    expect(page.get_by_label("Search", exact=True)).to_be_hidden()
    page.get_by_role("button", name="All scripts").click()
    expect(page.get_by_label("Search", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{server.url}/library")
