"""Fixtures that several suites share."""

import os
from pathlib import Path

import hypothesis
import pytest

from services.indexes import probe
from services.stores import chroma_folder
from tests import doubles, warm

# On CI the same examples each time: what is found there must be about the change. Elsewhere others each time.
hypothesis.settings.register_profile("ci", derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True)
def _warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that open a Chroma folder begin with Chroma loaded, but for the tests of their beginning."""
    if hasattr(os, "fork") and not request.node.get_closest_marker("cold"):
        monkeypatch.setattr(chroma_folder, "subprocess", warm)
        monkeypatch.setattr(probe, "subprocess", warm)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Nine small scripts, three a section."""
    scripts = [
        doubles.script(f"{section}-{word}", section, focus_areas=(word,))
        for section in doubles.SECTIONS
        for word in ("sleep", "anger", "grief")
    ]
    return doubles.make_workspace(tmp_path / "workspace", scripts)
