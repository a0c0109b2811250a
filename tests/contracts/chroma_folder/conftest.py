"""A Chroma folder of one's own to break, and where copies of it are made."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.contracts.chroma_folder.folders import plain
from tests.strangers import make_chroma


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where copies are made; empty afterwards, whatever happened."""
    made = tmp_path / "room"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    yield made
    assert list(made.iterdir()) == []


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two collections, large enough for index files of their own. Tests copy it."""
    folder = tmp_path_factory.mktemp("pattern") / "stranger"
    return make_chroma(folder, {"one": plain(1_200, 8), "two": plain(1_200, 8)})


@pytest.fixture
def folder(tmp_path: Path, room: Path, pattern: Path) -> Path:
    """A folder of one's own to break."""
    return Path(shutil.copytree(pattern, tmp_path / "stranger"))
