"""A workspace of two scripts for a person whose home has no settings of git."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from services.records import git_files
from tests.doubles import TinyWorkbench, make_workspace, script


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(git_files, "locked", partial(git_files.locked, patience=0.0))
    return make_workspace(tmp_path / "workspace", [script("one"), script("two", "awakening")])


@pytest.fixture
def bench(root: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened
