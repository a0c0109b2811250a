"""Evaluate as a person meets it: begun and left, found again, passed on as a link, and taken along as a file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.looking import fits, settled

pytestmark = pytest.mark.browser


def test_an_evaluation_goes_on_when_it_is_left_and_its_link_opens_the_same(server, visit):
    page = settled(visit(f"{server.url}/evaluate"))
    page.get_by_role("button", name="Evaluate", exact=True).click()
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_label("Search")).to_be_visible()
    page.get_by_role("link", name="Evaluate").click()
    expect(page.get_by_text("over 24 questionnaires")).to_be_visible(timeout=60_000)
    settled(page).get_by_role("button", name="Decades of excuses").click()
    expect(page.get_by_text("Words in common").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"run=.*questionnaire=decades-of-excuses"))
    settled(page).get_by_role("button", name="Download").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Rankings, as a TREC run").click()
    first = Path(taken.value.path()).read_text().splitlines()[0].split()
    assert first[:2] == ["a-few-words-for-nan.induction", "Q0"]
    assert first[3] == "1"
    phone = settled(visit(page.url, width=390, height=844, dark=True))
    expect(phone.get_by_text("broken molar")).to_be_visible()
    fits(phone)
