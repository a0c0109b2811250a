"""Fixtures that several suites share."""

from pathlib import Path

import pytest

from tests import doubles


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Nine small scripts, three a section."""
    scripts = [
        doubles.script(f"{section}-{word}", section, focus_areas=(word,))
        for section in doubles.SECTIONS
        for word in ("sleep", "anger", "grief")
    ]
    return doubles.make_workspace(tmp_path / "workspace", scripts)
