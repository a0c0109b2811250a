"""A map of more scripts than are told of in advance: drawn by the graphics card, and asked of what is pointed at."""

import re

import pytest
from playwright.sync_api import expect

from services import wiring, workspaces
from services.domain.scripts import Record
from services.domain.settings import EmbedderSettings, Settings
from services.embedders.hashing import Hashing
from services.map.look import Look
from services.records import record_format
from services.vectors import embed
from services.workbench import Workbench
from tests.browser.conftest import serve
from tests.browser.looking import settled
from tests.doubles import SECTIONS, FlatFitter, script, store_of

pytestmark = pytest.mark.browser

MANY = Look(SECTIONS).most_texts + 1
PLOT = ".st-key-map_picture_frame .js-plotly-plot"
# How many points are drawn, and where the first of them is on the screen.
DRAWN = "(plot) => plot._fullData.reduce((sum, trace) => sum + trace.x.length, 0)"
LEFTMOST = """(plot) => {
  const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
  const silent = plot._fullData.filter((trace) => trace.hoverinfo === "none");
  const points = silent.flatMap((trace) => Array.from(trace.x, (x, row) => [x, trace.y[row]]));
  const [x, y] = points.reduce((one, other) => other[0] < one[0] ? other : one);
  return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""


@pytest.fixture
def large(tmp_path):
    """A server on so many scripts, with their map drawn.

    Written past the store, which takes its time to be safe. The server searches them in memory, since the index is
    another process's, this one's: to build one would take longer than all that is tested.
    """
    root = tmp_path / "large"
    workspaces.create(root, Settings(name="Large", sections=SECTIONS, embedder=EmbedderSettings(name="hashing")))
    scripts = [script(f"s-{i}", SECTIONS[i % 3], text=f"wave{i} tide{i} shore{i}") for i in range(MANY)]
    records = [Record(one, found) for one, found in zip(scripts, embed(scripts, Hashing()), strict=True)]
    store = store_of(root)
    with store.writing("beginning"):
        store.put(records[:3])
    with pytest.MonkeyPatch.context() as patch, Workbench(root) as holder:
        holder.refresh()
        for one in records[3:]:
            path = root / "records" / one.script.section / f"{one.script.id}.yaml"
            path.write_bytes(record_format.encode(one))
        patch.setattr(wiring, "fitter", FlatFitter)
        with Workbench(root) as workbench:
            # The first knows three scripts until it looks again.
            assert len(workbench.draw_map().scripts) == MANY
        yield from serve(root)


def pointed(page):
    """The card of the leftmost point, with the pointer on it."""
    page.wait_for_function(f"() => document.querySelector('{PLOT}')?.scriptoriumPointing")
    across, down = page.locator(PLOT).evaluate(LEFTMOST)
    page.mouse.move(across - 30, down - 30)
    page.mouse.move(across, down, steps=2)
    card = page.locator(".scriptorium-card")
    expect(card).to_be_visible()
    return card


def around(page, plot):
    """Draw a box around the right half of the picture."""
    box = plot.bounding_box()
    x, y, width, height = (box[name] for name in ("x", "y", "width", "height"))
    page.mouse.move(x + width / 2, y + 2)
    page.mouse.down()
    page.mouse.move(x + 0.8 * width, y + height / 2)
    page.mouse.move(x + width - 2, y + height - 2)
    page.mouse.up()


def test_very_many_are_drawn_pointed_at_picked_and_filtered(large, visit):
    # Without what is found out about them afterwards, which draws the picture once more.
    page = visit(f"{large.url}/map?without=names&without=joined&without=gaps", height=1100)
    expect(page.locator(".legendtext")).to_have_count(3)
    plot = settled(page).locator(PLOT)
    expect(plot.locator("canvas.gl-canvas").first).to_be_attached()
    assert plot.evaluate(DRAWN) == MANY

    card = pointed(page)
    title, beginning, section = told = card.locator("div").all_inner_texts()
    number = int(re.fullmatch(r"S (\d+)", title)[1])
    assert (beginning, section) == (f"wave{number} tide{number} shore{number}", SECTIONS[number % 3].capitalize())

    # Under the pointer at rest the same numbers are other scripts' now: of the one that went nothing is told.
    colours = page.get_by_role("combobox", name="Colour by")
    colours.fill("Status")
    colours.press("Enter")
    expect(page.locator(".legendtext")).to_have_text([f"approved · {MANY:,}"])
    expect(card).to_have_count(0)
    settled(page)
    assert pointed(page).locator("div").all_inner_texts() == told

    settled(page).get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Affirmations", exact=True).click()
    expect(page.locator(".legendtext")).to_have_text([f"approved · {MANY // 3:,}"])
    assert settled(page).locator(PLOT).evaluate(DRAWN) == MANY // 3

    page.keyboard.press("Escape")
    page.locator("[data-title='Box Select']").click()
    around(page, page.locator(".nsewdrag").first)
    picked = page.get_by_text(re.compile(r"^Picked: [\d,]+ scripts$"))
    expect(picked).to_be_visible()
    assert 2 < int(re.sub(r"\D", "", picked.inner_text())) < MANY // 3
    expect(page.locator(".st-key-map_panel").get_by_test_id("stDataFrame")).to_be_visible()
