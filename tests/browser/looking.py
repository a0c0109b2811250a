"""What the browser tests wait for."""

from playwright.sync_api import Page, expect


def settled(page: Page) -> Page:
    """Wait until the app has drawn all: a key that is pressed before may meet what is about to be replaced."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.get_by_test_id("stMainBlockContainer").get_by_test_id("stElementContainer").first).to_be_attached()
    expect(page.locator('[data-stale="true"]')).to_have_count(0)
    return page
