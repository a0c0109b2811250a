"""A store of three records."""

from pathlib import Path

import pytest

from services.records.yaml_files import YamlRecordStore
from tests import doubles
from tests.doubles import script, store_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return doubles.make_workspace(tmp_path / "workspace", [script("one"), script("two"), script("three", "awakening")])


@pytest.fixture
def store(root: Path) -> YamlRecordStore:
    return store_of(root)
