"""Model identity as a person meets it: the banner and where it leads, the silent bug, a stranger's store, a change."""

import re

import pytest
from playwright.sync_api import expect

from services import workspaces
from services.workbench import Workbench
from tests.browser.conftest import ROOT, serve

pytestmark = pytest.mark.browser
SLOW = 90_000
# As many scripts of a section, so that models have little to read.
FEW = 4


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The demo with a few scripts of each section."""
    root = tmp_path_factory.mktemp("small") / "workspace"
    workspaces.copy(ROOT / "data" / "demo", root)
    with Workbench(root) as workbench:
        records = workbench.catalogue.records.values()
        kept = {
            r.script.id
            for s in workbench.settings.sections
            for r in [r for r in records if r.script.section == s][:FEW]
        }
        workbench.delete_many({r.script.id: r.digest for r in records if r.script.id not in kept})
        workbench.check()
    yield from serve(root)


@pytest.fixture(scope="module")
def mismatched(tmp_path_factory):
    """A workspace that asks with another model than the one that embedded it; both have 384 dimensions."""
    root = tmp_path_factory.mktemp("mismatched") / "workspace"
    workspaces.copy(ROOT / "data" / "demo", root, embedder="hashing")
    yield from serve(root)


def test_a_mismatch_is_on_every_page_and_leads_to_the_cell_that_shows_it(mismatched, visit):
    page = visit(f"{mismatched.url}/library")
    banner = page.get_by_text("what retrieval would return there is random")
    for name in ("Retrieve", "Model", "Inspect", "The silent bug"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(banner).to_be_visible()
    page.get_by_role("link", name="See health").click()
    expect(page).to_have_url(re.compile(r"/health\?cell=induction\.model$"))
    expect(page.get_by_text("Induction · Model: ■ mismatch")).to_be_visible()
    expect(page.get_by_role("heading", name="All three collections were embedded by another model")).to_be_visible()


def test_a_mismatch_is_mended_and_the_banner_goes(mismatched, visit):
    page = visit(f"{mismatched.url}/health")
    page.get_by_role("button", name="Embed anew and rebuild").click()
    expect(page.get_by_text("Rebuilt and proved in")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="All three collections can be trusted")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Retrieve", exact=True).click()
    expect(page.locator('[class*="st-key-read_"] button:visible')).to_have_count(15)
    expect(page.get_by_text("is random")).to_have_count(0)


def test_the_silent_bug_is_drawn_before_and_after(small, visit):
    page = visit(f"{small.url}/silent_bug")
    page.get_by_role("button", name="Reproduce it").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=SLOW)
    page.get_by_role("button", name="Repair it").click()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(6)


def test_a_strangers_store_is_inspected_with_the_keyboard_alone(small, visit):
    with Workbench(small.workspace) as workbench:
        generation = workbench.health().generation
    index = small.workspace / "derived" / "index"
    folder = next(index.glob("*/chroma")) if not generation else index / generation / "chroma"
    page = visit(f"{small.url}/inspect")
    field = page.get_by_role("textbox", name="Chroma folder or PostgreSQL address")
    field.focus()
    page.keyboard.type(str(folder))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("all-MiniLM-L6-v2"))).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Inspect another").click()
    page.get_by_role("textbox", name="Chroma folder or PostgreSQL address").fill("/nowhere/at/all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is no folder /nowhere/at/all.")).to_be_visible()
