"""A workspace of three scripts to upload into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles import TinyWorkbench, make_workspace, script
from tests.unit.upload.uploading import BOLD, CALM


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = [
        script("calm-lake", "induction", text=CALM, focus_areas=("sleep",)),
        script("bold-steps", "affirmations", text=BOLD),
        script("back-again", "awakening"),
    ]
    return make_workspace(tmp_path / "workspace", made)


@pytest.fixture
def bench(root: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened
