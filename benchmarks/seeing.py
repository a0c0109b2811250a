"""The map in a real browser: how soon there is something to be seen, and how soon a filter shows."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import corpus
from benchmarks.table import Row, limited, paired
from benchmarks.timing import Pairs, typical
from services import workspaces
from services.domain.model_digest import Stamp
from services.embedders.hashing import Hashing
from services.vectors import recipe_of
from services.workbench import Workbench
from tests.browser.conftest import CHROMIUM, FLAGS

_ROOT = Path(__file__).parents[1]
_DEMO = _ROOT / "data" / "demo"
_SCRIPTS = 20_000
_FIRST_MILLISECONDS, _FILTER_MILLISECONDS = 2_000, 1_000
# The same points without us: a page of Streamlit that draws them and filters by section.
_BARE = """
import sys
import numpy as np
import streamlit as st
st.set_page_config(layout="wide")
points = np.random.default_rng(0).standard_normal((int(sys.argv[1]), 2), dtype=np.float32)
names = ["Induction", "Affirmations", "Awakening"]
chosen = st.pills("Section", names, selection_mode="multi") or names
kind = "scattergl" if len(points) > 1_000 else "scatter"
data = [
    {"type": kind, "mode": "markers", "name": name, "x": points[number::3, 0], "y": points[number::3, 1]}
    for number, name in enumerate(names)
    if name in chosen
]
st.plotly_chart({"data": data, "layout": {"height": 640}}, on_select="rerun", key="points")
"""
_DRAWN = ".js-plotly-plot .nsewdrag"
_COUNT = """() => {
    const plot = document.querySelector(".js-plotly-plot");
    return ((plot && plot._fullData) || []).reduce((sum, trace) => sum + (trace.x ? trace.x.length : 0), 0);
}"""
# As on machines where Python keeps what it has compiled.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
# A drawing by the processor, where there is no graphics card.
_GRAPHICS = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")


def rows(*, quick: bool) -> Iterator[Row]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        yield Row("the map in a browser", "Needs Chromium.", "not measured: Chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield from _first(browser, Path(folder), rounds=2 if quick else 7)
        browser.close()
        flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=found, args=[*flags, *_GRAPHICS])
        yield from _filter(browser, Path(folder), 600 if quick else _SCRIPTS, rounds=2 if quick else 7)
        browser.close()


def _first(browser: Browser, folder: Path, rounds: int) -> Iterator[Row]:
    bare = folder / "bare.py"
    bare.write_text(_BARE)
    times: dict[str, list[float]] = {"sketch": [], "figure": [], "bare": []}
    # One more than is counted: it compiles what is compiled once on a machine.
    for number in range(rounds + 1):
        root = folder / f"demo-{number}"
        workspaces.copy(_DEMO, root)
        with _served("app.py", {workspaces.ENVIRONMENT: str(root)}) as url, _visited(browser) as page:
            sketch, figure = _opened(page, f"{url}/map", ".sketch i", f".st-key-map_picture_frame {_DRAWN}")
        with _served(str(bare), {}, "92") as url, _visited(browser) as page:
            (plain,) = _opened(page, url, _DRAWN)
        if number:
            for name, seconds in (("sketch", sketch), ("figure", figure), ("bare", plain)):
                times[name].append(seconds)
    row = paired(
        "cold start to the first map of the demo, in a browser",
        "From opening the address of a server that nobody has visited, on a demo without an index, in a browser that "
        "knows nothing of it, to every script as a point; against a page of Streamlit that does nothing but draw as "
        "many points.",
        Pairs(times["sketch"], times["bare"]),
        note=f"the figure to work with after {typical(times['figure'])}",
    )
    yield limited(row, _FIRST_MILLISECONDS, times["sketch"])


def _filter(browser: Browser, folder: Path, count: int, rounds: int) -> Iterator[Row]:
    root, bare = folder / "many", folder / "bare.py"
    corpus.write_workspace(root, count, Stamp.of(recipe_of(Hashing())), "hashing")
    with Workbench(root) as workbench:
        # The index, a check and a full map, which a page would else begin with.
        workbench.check()
        workbench.draw_map()
    with contextlib.ExitStack() as open_:
        ours = open_.enter_context(_served("app.py", {workspaces.ENVIRONMENT: str(root)}))
        plain = open_.enter_context(_served(str(bare), {}, str(count)))
        filtered = _Filtered(open_.enter_context(_visited(browser))), _Filtered(open_.enter_context(_visited(browser)))
        filtered[0].open(f"{ours}/map", popover="Filter")
        filtered[1].open(plain)
        pairs = Pairs()
        for number in range(rounds + 1):
            # One section, then two, then another one.
            pressed = ("Induction", "Affirmations", "Induction", "Awakening")[number % 4]
            for one, taken in zip(filtered, (pairs.ours, pairs.bare), strict=True):
                seconds = one.press(pressed)
                if number:
                    taken.append(seconds)
    row = paired(
        f"a filter on a map of {count:,} scripts, in a browser",
        "From a press on a section to the points drawn, one or two of three sections; against a page of Streamlit that "
        "draws and filters as many points. The processor draws here, in place of a graphics card.",
        pairs,
        note=f"slowest {typical([max(pairs.ours)])}",
    )
    yield limited(row, _FILTER_MILLISECONDS, pairs.ours)


@dataclass
class _Filtered:
    """A page with a filter by section."""

    page: Page

    def open(self, url: str, popover: str = "") -> None:
        self.page.goto(url)
        self.page.locator(_DRAWN).first.wait_for(state="attached", timeout=300_000)
        self._at_rest()
        if popover:
            self.page.get_by_role("button", name=popover).first.click()

    def press(self, section: str) -> float:
        """Seconds until other points are drawn."""
        before = self.page.evaluate(_COUNT)
        pill = self.page.get_by_role("button", name=section, exact=True).last
        started = time.perf_counter()
        pill.click()
        self.page.wait_for_function(f"(before) => ![0, before].includes(({_COUNT})())", arg=before, timeout=60_000)
        took = time.perf_counter() - started
        self._at_rest()
        return took

    def _at_rest(self) -> None:
        self.page.wait_for_function("() => !document.querySelector('[data-test-script-state=running]')")
        self.page.wait_for_timeout(1_500)


def _opened(page: Page, url: str, *selectors: str) -> list[float]:
    """Seconds from here until each of these is there."""
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    times = []
    for selector in selectors:
        page.locator(selector).first.wait_for(state="attached", timeout=120_000)
        times.append(time.perf_counter() - started)
    return times


@contextlib.contextmanager
def _visited(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@contextlib.contextmanager
def _served(program: str, environment: dict[str, str], *arguments: str) -> Iterator[str]:
    """The address of an app that nobody has visited."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", program, *options, "--", *arguments],
        cwd=_ROOT,
        env={**_ENVIRONMENT, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
            break
        time.sleep(0.02)
    yield url
    process.terminate()
    process.wait()
