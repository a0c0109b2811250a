"""A real workspace of the six scripts."""

from pathlib import Path

import pytest

from tests.doubles import TinyWorkbench, make_workspace
from tests.unit.map.understanding.harbour import SCRIPTS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "workspace", SCRIPTS)


@pytest.fixture
def bench(root: Path):
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened
