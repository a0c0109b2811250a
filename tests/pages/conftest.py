"""The app as Streamlit's own test driver runs it, on a workspace of each test's own."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from services import wiring, workspaces
from services.domain.settings import EmbedderSettings
from services.ports import Embedder
from tests.pages.view import View

ROOT = Path(__file__).parents[2]
APP = ROOT / "app.py"
Open = Callable[..., View]
_PAGES: dict = {}


@pytest.fixture(scope="session", autouse=True)
def _scanned_once() -> Iterator[None]:
    """Each app looks through all installed packages for components: once is enough, and half the time of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def minilm() -> Embedder:
    """The real model, asked for each text once in all tests of pages: most of them check the same demo."""
    return wiring.asking_once(wiring.embedder(EmbedderSettings("minilm"), {}))


@contextmanager
def asking_once(minilm: Embedder) -> Iterator[None]:
    """Every workbench that is opened meanwhile asks this one."""
    make = wiring.embedder

    def embedder(chosen: EmbedderSettings, secrets: Mapping[str, str]) -> Embedder:
        return minilm if chosen == EmbedderSettings("minilm") else make(chosen, secrets)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "embedder", embedder)
        yield


@pytest.fixture(autouse=True)
def _asked_once(minilm: Embedder) -> Iterator[None]:
    with asking_once(minilm):
        yield


@pytest.fixture
def demo(checked: Path, tmp_path: Path) -> Path:
    """Checked too, so that no page begins with a check of its own."""
    return Path(shutil.copytree(checked, tmp_path / "workspace"))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    root = tmp_path / "empty"
    workspaces.create(root, workspaces.new_settings("Empty", (), "minilm"))
    return root


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page on a workspace, as a person does who follows a link with these parameters."""

    def opened(workspace: Path, page: str = "retrieve", **parameters: str) -> View:
        monkeypatch.setenv(workspaces.ENVIRONMENT, str(workspace))
        app = AppTest.from_file(APP, default_timeout=60)
        if page != "retrieve":
            # The driver knows the pages only after a run; a person's browser opens any of them first, and so does it
            # from the second time on.
            app._registered_pages = _PAGES or app.run()._registered_pages
            _PAGES.update(app._registered_pages)
            app.switch_page(f"pages/{page}.py")
        app.query_params.clear()
        app.query_params.update(parameters)
        view = View(app.run())
        assert not app.exception
        return view

    st.cache_resource.clear()
    yield opened
    st.cache_resource.clear()
