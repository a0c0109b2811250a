"""What is no backup, or has no room, is refused before anything is unpacked."""

import shutil
import zipfile

import pytest
from blake3 import blake3

from services.domain.history import Looked
from services.errors import InvalidBackup, InvalidSettings, NotFound, StorageFailed
from services.restore import restore, unpacking, verify
from tests.unit.backup.zips import add, beside, forge, free, tree, whole


def test_a_backup_is_verified_wholly_without_changing_anything(workspace, backed, tmp_path):
    before = tree(workspace)
    found = verify(backed, workspace, lambda folder: Looked(str((folder / "records").is_dir())))
    assert (found.records, found.newest, found.digest) == (8, "True", blake3(backed.read_bytes()).hexdigest())
    assert found.questionnaires == 1
    assert (tree(workspace), beside(workspace)) == (before, ["out", "workspace"])
    damaged = forge(backed, tmp_path / "f.zip", lambda members, _: members.update({"runs/one.json": b"runs/two.json"}))
    with pytest.raises(InvalidBackup, match="is damaged"):
        verify(damaged, workspace, whole)


def test_sizes_that_lie_are_refused_before_anything_is_unpacked(workspace, backed, tmp_path):
    def edit(members, listed):
        members["runs/bomb"] = b"\0" * 10_000_000
        listed["files"]["runs/bomb"] = {"size": 3, "digest": "0" * 64}

    with pytest.raises(InvalidBackup, match="not the size"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free, whole)


def test_a_disk_without_room_is_said_before_anything_is_unpacked(workspace, backed, monkeypatch):
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(StorageFailed, match="Its files need"):
        restore(backed, workspace, free, whole)
    assert beside(workspace) == ["out", "workspace"]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda _, listed: listed.update(format="scriptorium-backup/9"), "Its format is 'scriptorium-backup/9'"),
        (lambda _, listed: listed.update(files=[1]), "backup.json in it is damaged"),
        (lambda _, listed: listed["files"].update({"workspace.yaml": 7}), "backup.json in it is damaged"),
    ],
)
def test_another_format_is_refused(workspace, backed, tmp_path, edit, said):
    with pytest.raises(InvalidBackup, match=said):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free, whole)


def test_what_is_no_backup_is_refused(workspace, tmp_path):
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("records/a.yaml", "x")
    with pytest.raises(InvalidBackup, match=r"no backup\.json"):
        restore(other, workspace, free, whole)
    other.write_text("hello")
    with pytest.raises(InvalidBackup, match="is no backup"):
        restore(other, workspace, free, whole)
    with pytest.raises(NotFound):
        restore(tmp_path / "nowhere.zip", workspace, free, whole)


def test_a_backup_of_what_is_no_workspace_is_refused(workspace, backed, tmp_path):
    def edit(members, listed):
        add("workspace.yaml", b"format: other/1\n")(members, listed)

    with pytest.raises(InvalidBackup, match="is no workspace"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free, whole)


def test_a_folder_of_something_else_is_not_replaced(backed, tmp_path):
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear")
    with pytest.raises(InvalidSettings, match="is no workspace"):
        restore(backed, other, free, whole)
    assert tree(other) == {"letter.txt": b"Dear"}
