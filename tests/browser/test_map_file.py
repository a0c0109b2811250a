"""The exported map in a real browser: it opens from a disk, without a network, and asks for nothing."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.landscape import Cluster
from services.exporting import maps
from services.map.beside import Names
from services.map.look import Layers, Look
from tests.unit.map.landscapes import ASKED, HOSTILE, LANDSCAPE, ROWS, SECTIONS, asked, compared, row, seen, the_map

pytestmark = pytest.mark.browser


@pytest.fixture
def offline(browser, tmp_path):
    """Opens a file with the network refused. At the end nothing was asked for but the file, and nothing went wrong."""
    context = browser.new_context(offline=True, color_scheme="dark")
    wrong, asked = [], []

    def opened(data):
        (tmp_path / "map.html").write_bytes(data)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "map.html").as_uri())
        page.wait_for_selector(".chart .main-svg")
        return page

    yield opened
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_map_opens_from_a_disk_and_is_read(offline):
    shown = maps.Shown(the_map(), ROWS, Look(SECTIONS), Layers(ASKED, LANDSCAPE))
    page = offline(maps.as_bytes(shown, "html", with_text=True))

    legend = page.locator("#map .legendtext").all_text_contents()
    assert legend[:2] == ["Induction · 3", "Affirmations · 4"]
    # Seven scripts, two hits with their rings, a gap and the question.
    assert page.locator("#map path.point").count() == 11
    assert page.locator("#map .annotation").all_text_contents() == ["harbour · tide", "<i>oak</i>"]
    # Titles are text, also in the table below.
    assert page.locator("img").count() == 0
    page.get_by_text("As a table").click()
    assert page.locator("tbody tr").first.locator("td").first.inner_text() == HOSTILE
    # The dark theme's ink.
    assert page.evaluate("getComputedStyle(document.querySelector('.legendtext')).fill") == "rgb(233, 230, 223)"

    # d, in the ring of its hit.
    box = page.locator("#map path.point").nth(3).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#map .hovertext").first.wait_for()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#script h2").wait_for()
    assert page.locator("#script h2").inner_text() == "D"
    assert page.locator("#script").inner_text().count("wave") == 40


def names_shown(page):
    """The names on the picture that can be read, each with its left, right, top and bottom edge."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#map .annotation-text")]
          .filter((one) => getComputedStyle(one).visibility === "visible")
          .map((one) => [one, one.getBoundingClientRect()])
          .map(([one, box]) => [one.textContent, box.left, box.right, box.top, box.bottom])"""
    )


def meet(one, other):
    return one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]


def test_names_never_lie_over_one_another_and_come_forward_where_somebody_comes_nearer(offline):
    # Six clusters of one script each, a tenth of the way apart; the seventh script is far.
    places = [(step / 10, step / 10) for step in range(6)] + [(9.0, 0.0)]
    made = the_map(positions=np.array(places, np.float32), clusters=np.array([0, 1, 2, 3, 4, 5, -1]))
    clusters = tuple(
        Cluster(step, (f"a long name, {step}",), ("abcdef"[step],), {"induction": 1}, (step / 10, step / 10))
        for step in range(6)
    )
    landscape = replace(LANDSCAPE, clusters=clusters, joined=(), gaps=())
    page = offline(maps.as_bytes(maps.Shown(made, ROWS, Look(SECTIONS), Layers(None, landscape)), "html"))

    page.wait_for_function("() => document.querySelectorAll('#map .annotation-text').length === 6")
    shown = names_shown(page)
    assert 1 < len(shown) < 6
    assert shown[0][0] == "a long name, 0"
    assert not [(one[0], other[0]) for one in shown for other in shown if one[0] < other[0] and meet(one, other)]
    page.evaluate('Plotly.relayout("map", { "yaxis.range": [-0.1, 0.7], "xaxis.range": [-0.5, 1.5] })')
    assert len(names_shown(page)) == 6


def test_many_scripts_are_drawn_by_the_graphics_card_within_what_the_file_forbids_itself(offline):
    many = 1_001
    rows = tuple(row(f"s-{number}", "induction") for number in range(many))
    grid = np.stack(np.divmod(np.arange(many), 40), axis=1).astype(np.float32)
    made = the_map(
        scripts=tuple(one.script.id for one in rows),
        positions=grid,
        digests=("",) * many,
        fitted=np.ones(many, bool),
        clusters=np.zeros(many, np.int64),
    )
    page = offline(maps.as_bytes(maps.Shown(made, rows, Look(SECTIONS)), "html"))

    page.wait_for_selector("#map .gl-canvas")
    assert page.get_by_text("WebGL is not supported").count() == 0
    assert page.title() == "Map of 1,001 scripts"


def test_two_maps_open_from_a_disk_and_a_script_is_followed_from_one_to_the_other(offline):
    turned = the_map(positions=the_map().positions[:, ::-1])
    found = compared(seen("one", asked=asked()), seen("two", map=turned, asked=asked(same_model=False)))
    names = (Names("one", HOSTILE), Names("one"))
    page = offline(maps.beside_as_bytes(maps.ShownBeside(found, (ROWS, ROWS), names, Look(SECTIONS))))

    assert page.locator("h2").all_inner_texts() == [f"Read by one, asked by {HOSTILE}", "Read by one", "Who asks"]
    assert page.locator("img").count() == 0
    charts = [page.locator(".chart").nth(side) for side in (0, 1)]
    # Seven scripts and two questionnaires.
    assert [chart.locator("path.point").count() for chart in charts] == [9, 9]
    left, right = (chart.bounding_box() for chart in charts)
    assert left["x"] + left["width"] < right["x"]
    # b, which stands across on the left and up on the right.
    box = charts[0].locator("path.point").nth(1).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    ring = charts[1].locator(".scriptorium-ring")
    ring.wait_for()
    there = charts[1].locator("path.point").nth(1).bounding_box()
    around = ring.bounding_box()
    for at, size in (("x", "width"), ("y", "height")):
        assert abs(there[at] + there[size] / 2 - around[at] - around[size] / 2) < 1
    assert charts[0].locator(".scriptorium-ring").count() == 0

    page.set_viewport_size({"width": 390, "height": 844})
    first, second = (chart.bounding_box() for chart in charts)
    assert first["y"] + first["height"] < second["y"]
    # Plotly draws anew a moment later.
    page.wait_for_function("document.documentElement.scrollWidth === 390")
