"""Fixtures that several suites share."""

import os
from pathlib import Path

import hypothesis
import pytest

from tests import doubles

# On CI the same examples each time: what is found there must be about the change. Elsewhere others each time.
hypothesis.settings.register_profile("ci", derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Nine small scripts, three a section."""
    scripts = [
        doubles.script(f"{section}-{word}", section, focus_areas=(word,))
        for section in doubles.SECTIONS
        for word in ("sleep", "anger", "grief")
    ]
    return doubles.make_workspace(tmp_path / "workspace", scripts)
