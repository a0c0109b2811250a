"""The map in a real browser: it draws, what is picked on it reaches the table, and its file opens with no network."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services import wiring
from services.workbench import Workbench
from tests.browser.conftest import serve
from tests.browser.looking import fits, settled
from tests.doubles import FlatFitter

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def drawn(checked, tmp_path_factory):
    """A server on the demo with its map drawn, without UMAP: loading that takes longer than all that is tested."""
    root = Path(shutil.copytree(checked, tmp_path_factory.mktemp("drawn") / "workspace"))
    with pytest.MonkeyPatch.context() as patch, Workbench(root) as workbench:
        patch.setattr(wiring, "fitter", FlatFitter)
        workbench.refresh()
        workbench.draw_map()
    yield from serve(root)


def looped(page, plot):
    """Draw a lasso around the right half of the picture."""
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2)
    page.mouse.down()
    for across, down in ((0.75, 0.02), (0.99, 0.05), (0.99, 0.5), (0.99, 0.98), (0.5, 0.98), (0.5, 0.02)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=3)
    page.mouse.up()


def test_a_lasso_on_the_map_reaches_the_table_and_its_file_opens_with_no_network(drawn, visit, browser, tmp_path):
    page = settled(visit(f"{drawn.url}/map"))
    points = page.locator(".stPlotlyChart .scatterlayer path.point")
    expect(points.nth(91)).to_be_attached()
    expect(page.get_by_text("reads as alike lie together")).to_be_visible()
    page.locator("[data-title='Lasso Select']").click()
    looped(page, page.locator(".nsewdrag").first)
    expect(page.get_by_text(re.compile(r"^Picked: \d+ scripts$"))).to_be_visible()
    count = int(re.search(r"\d+", page.get_by_text(re.compile(r"^Picked: \d+ scripts$")).inner_text())[0])
    assert 2 < count < 92
    expect(page.get_by_text(f"{count} of 92 · {count} ticked")).to_be_visible()
    settled(page).get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    file = tmp_path / "map.html"
    taken.value.save_as(file)
    offline = browser.new_context(offline=True)
    away = offline.new_page()
    wrong = []
    away.on("pageerror", lambda error: wrong.append(str(error)))
    away.goto(file.as_uri())
    expect(away.locator("#map path.point").nth(91)).to_be_attached()
    offline.close()
    assert wrong == []


def seen(page):
    """The tool in hand, and what the picture is zoomed to."""
    return page.locator(".st-key-map_picture_frame .js-plotly-plot").evaluate(
        "(plot) => [plot._fullLayout.dragmode, ...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]"
    )


def test_zoom_and_tool_stay_while_the_colours_change(drawn, visit):
    page = settled(visit(f"{drawn.url}/map"))
    expect(page.locator(".stPlotlyChart path.point").nth(91)).to_be_attached()
    whole = seen(page)
    page.locator("[data-title='Zoom in']").click()
    page.locator("[data-title='Box Select']").click()
    before = seen(page)
    assert before[1] > whole[1]
    page.get_by_role("combobox", name="Colour by").click()
    page.get_by_role("option", name="Status").click()
    expect(page.locator(".legendtext", has_text="approved")).to_be_visible()
    settled(page).wait_for_function(
        "() => document.querySelector('.st-key-map_picture_frame .js-plotly-plot').scriptoriumKept"
    )
    assert seen(page) == pytest.approx(before)
    # The tool is taken up by a press that nothing else on the page hears: what is open stays open.
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Induction", exact=True).click()
    expect(page.locator(".legendtext", has_text="approved · 31")).to_be_visible()
    settled(page).wait_for_function(
        "() => document.querySelector('.st-key-map_picture_frame .js-plotly-plot').scriptoriumKept"
    )
    expect(page.get_by_role("button", name="Clear")).to_be_enabled()
    page.keyboard.press("Escape")
    page.locator("[data-title='Reset axes']").click()
    assert seen(page)[1:] == pytest.approx(whole[1:])


def test_a_link_opens_on_a_phone_in_the_dark(drawn, visit):
    phone = settled(visit(f"{drawn.url}/map?chosen=quiet-lungs&colour=cluster", width=390, height=844, dark=True))
    expect(phone.get_by_text("Picked: 1 script")).to_be_visible()
    fits(phone)
