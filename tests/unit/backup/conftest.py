"""A workspace that has been backed up."""

import pytest

from services.backup import backup
from tests.doubles import store_of
from tests.unit.backup.zips import CONFIG


@pytest.fixture
def backed(workspace, tmp_path):
    """A workspace with something of each kind, and its backup."""
    with (store := store_of(workspace)).writing("emptying"):
        store.discard("induction-anger")
    kinds = ("runs/one.json", "checks/2026-11.jsonl", "canaries/x.yaml", "derived/index/CURRENT", "editing/a.json")
    for name in (*kinds, "questionnaires/q.yaml", ".git/logs/HEAD"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_bytes(name.encode())
    (workspace / ".git" / "HEAD").write_bytes(b"ref: refs/heads/main\n")
    (workspace / ".git" / "config").write_bytes(CONFIG)
    out = tmp_path / "out" / "backup.zip"
    backup(workspace, out)
    return out
