"""The app on a server of its own, and Chromium to look at it."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from services import workspaces

ROOT = Path(__file__).parents[2]
# The first has no window to draw, and takes less of the processor than the others.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages of the browser's own, drawn beforehand for nobody.
    "--disable-features=PreloadTopChromeWebUI,PreloadTopChromeWebUILessNavigations,WebUIOmniboxPopup",
]
# Streamlit's own front end asks for these below the path of a page first, and then where they are.
OWN_404 = re.compile(
    r"/(attention|library|map|upload|judge|evaluate|tune|health|retrieve|model|inspect|silent_bug)/_stcore/(health|host-config)$"
)
Visit = Callable[..., Page]

# Long, for a machine that does much else: what comes soon waits for nothing.
expect.set_options(timeout=40_000)


class Server:
    """A running app on a workspace of its own."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *(f"--{k}={v}" for k, v in options.items())],
            cwd=ROOT,
            env={**os.environ, workspaces.ENVIRONMENT: str(workspace)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _await(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError("The app did not start.")


def serve(root: Path) -> Iterator[Server]:
    server = Server(root)
    yield server
    server.close()


@pytest.fixture(scope="module")
def server(checked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On a copy of the demo that is indexed and checked: else it begins with both, beside what is tested."""
    yield from serve(Path(shutil.copytree(checked, tmp_path_factory.mktemp("served") / "workspace")))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has visited yet, on a copy of the demo without an index."""
    root = tmp_path / "workspace"
    workspaces.copy(ROOT / "data" / "demo", root)
    yield from serve(root)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        missing = "Chromium is not installed: the browser tests need it."
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: what the pages are made of, some megabytes of program, is fetched and compiled once."""
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def visit(context: BrowserContext) -> Iterator[Visit]:
    """Open an address as a person does who was never here. At the end nothing may have gone wrong on any page."""
    pages, wrong = [], []

    def visited(url: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> Page:
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        # What moves while a page waits is drawn by the processor that computes what it waits for.
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        host = urlsplit(url).netloc

        def foreign(address: str) -> bool:
            return not address.startswith(("data:", "blob:")) and urlsplit(address).netloc != host

        def said(message) -> None:
            if message.type == "error" and not OWN_404.search(message.location["url"]):
                wrong.append(f"console: {message.text}")

        def answered(response) -> None:
            if response.status >= 400 and not OWN_404.search(response.url):
                wrong.append(f"{response.status}: {response.url}")

        page.on("console", said)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("response", answered)
        page.on("request", lambda r: wrong.append(f"foreign: {r.url}") if foreign(r.url) else None)
        page.goto(url)
        return page

    yield visited
    for page in pages:
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.close()
    context.clear_cookies()
    assert wrong == []
