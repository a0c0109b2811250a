"""What the browser tests wait for."""

from playwright.sync_api import Page, expect


def settled(page: Page) -> Page:
    """Wait until the app has drawn all: a key that is pressed before may meet what is about to be replaced."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.get_by_test_id("stMainBlockContainer").get_by_test_id("stElementContainer").first).to_be_attached()
    expect(page.locator('[data-stale="true"]')).to_have_count(0)
    return page


# Of the page and of its main part.
_FITS = """() => [document.scrollingElement, document.querySelector("[data-testid=stMain]")]
  .every(element => element.scrollWidth <= element.clientWidth)"""


def fits(page: Page) -> None:
    """Nothing is wider than the window, once it has been laid out for it."""
    page.wait_for_function(_FITS, timeout=40_000)
