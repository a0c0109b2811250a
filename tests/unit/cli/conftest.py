"""A workspace as the command line makes it."""

import shutil
from pathlib import Path

import pytest

from services.cli.main import main
from tests.unit.command_line import SCRIPTS, make


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scripts, imported from a table once. Tests copy it."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "scripts.csv").write_text(SCRIPTS)
    make(folder / "corpus")
    assert main(["--workspace", str(folder / "corpus"), "import", str(folder / "scripts.csv")]) == 0
    return folder


@pytest.fixture
def workspace(imported: Path, tmp_path: Path) -> Path:
    """The workspace, with the table that it was imported from beside it."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return tmp_path / "corpus"
