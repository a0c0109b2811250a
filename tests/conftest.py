"""Fixtures that several suites share."""

import os
from itertools import groupby
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from services import workspaces
from services.indexes import probe
from services.stores import chroma_folder
from services.workbench import Workbench
from tests import doubles, warm

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"

# On CI the same examples each time: what is found there must be about the change. Elsewhere others each time.
hypothesis.settings.register_profile("ci", derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the browser's files among all others: of two workers one computes while the other waits for pages."""
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    browsing = [tests for tests in files if tests[0].get_closest_marker("browser")]
    others = [tests for tests in files if not tests[0].get_closest_marker("browser")]
    every, done = sum(map(len, others)) / max(1, len(browsing)), 0
    spread = []
    for number, tests in enumerate(browsing, 1):
        spread += tests
        while others and done < every * number:
            done += len(others[0])
            spread += others.pop(0)
    items[:] = [*spread, *(test for tests in others for test in tests)]


@pytest.fixture(autouse=True)
def _warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that open a Chroma folder begin with Chroma loaded, but for the tests of their beginning."""
    if hasattr(os, "fork") and not request.node.get_closest_marker("cold"):
        monkeypatch.setattr(chroma_folder, "subprocess", warm)
        monkeypatch.setattr(probe, "subprocess", warm)


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with its index and a check by the real model, made once by whichever worker is first; tests copy it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    root = shared / "checked"
    with FileLock(shared / "checked.lock"):
        if not root.exists():
            made = shared / "being-checked"
            workspaces.copy(DEMO, made)
            with Workbench(made) as workbench:
                workbench.check()
            made.rename(root)
    return root


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Nine small scripts, three a section."""
    scripts = [
        doubles.script(f"{section}-{word}", section, focus_areas=(word,))
        for section in doubles.SECTIONS
        for word in ("sleep", "anger", "grief")
    ]
    return doubles.make_workspace(tmp_path / "workspace", scripts)
