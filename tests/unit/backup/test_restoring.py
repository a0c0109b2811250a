"""A backup is everything in one file, and replaces a workspace whole or not at all."""

import errno
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from blake3 import blake3

from services.backup import backup
from services.domain.settings import Paths
from services.errors import InvalidInput, StorageFailed, WorkspaceBusy
from services.restore import restore, settle, swapping, verify
from services.restore.beside import unpacking
from services.wiring import writer_lock
from tests.doubles import TinyWorkbench, store_of
from tests.unit.backup.zips import beside, free, tree, whole
from tests.unit.command_line import make, run

ROOT = Path(__file__).parents[3]
# Dies before its step number so and so; with 0 it says how many there were.
KILLED = """
import contextlib, os, sys
from pathlib import Path
from services.restore import restore
steps = 0
def hook(event, args):
    global steps
    if event in ('os.rename', 'os.mkdir', 'os.rmdir', 'os.remove', 'open', 'ctypes.dlsym', 'ctypes.get_errno'):
        steps += 1
        if steps == int(sys.argv[3]):
            os._exit(9)
sys.addaudithook(hook)
from services.domain.history import Looked
restore(Path(sys.argv[1]), Path(sys.argv[2]), lambda _: contextlib.nullcontext(), lambda _: Looked())
print(steps)
"""


def test_everything_but_what_is_derived_comes_back_byte_for_byte(workspace, backed, tmp_path):
    done = restore(backed, tmp_path / "new" / "place", free, whole)
    assert tree(tmp_path / "new" / "place") == tree(workspace)
    assert not (tmp_path / "new" / "place" / "derived").exists()
    # Nine scripts, one of them in the bin.
    assert (done.records, done.before) == (8, "")
    assert done.digest == blake3(backed.read_bytes()).hexdigest()


def test_the_same_workspace_gives_the_same_file(workspace, backed, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(workspace, copy)
    again = backup(copy, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == backed.read_bytes()
    assert again.records == 8


def test_links_are_not_followed_and_are_named(workspace, tmp_path):
    (tmp_path / "secret").write_text("not yours")
    (workspace / "link").symlink_to(tmp_path / "secret")
    done = backup(workspace, tmp_path / "b.zip")
    assert done.left_out == ("link",)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "link" not in archive.namelist()


def test_it_does_not_lie_in_the_workspace(workspace):
    with pytest.raises(InvalidInput, match="inside the workspace"):
        backup(workspace, workspace / "b.zip")
    assert not (workspace / "b.zip").exists()


def test_the_old_workspace_stays_beside_the_new_one(workspace, backed):
    (workspace / "records" / "induction" / "induction-sleep.yaml").unlink()
    shutil.rmtree(workspace / "questionnaires")
    before = tree(workspace)

    done = restore(backed, workspace, free, whole)

    assert Path(done.before).name.startswith("workspace.before-restore-")
    assert tree(Path(done.before)) == before
    assert "records/induction/induction-sleep.yaml" in tree(workspace)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_two_restores_in_one_second_keep_both_old_ones(workspace, backed, monkeypatch):
    monkeypatch.setattr(swapping.time, "strftime", lambda _: "T")
    names = [Path(restore(backed, workspace, free, whole).before).name for _ in range(2)]
    assert names == ["workspace.before-restore-T", "workspace.before-restore-T-2"]


def test_where_folders_cannot_be_exchanged_they_are_renamed(workspace, backed, monkeypatch):
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    before = tree(workspace)
    done = restore(backed, workspace, free, whole)
    assert tree(Path(done.before)) == before == tree(workspace)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_a_restore_killed_between_two_renames_is_finished_by_whoever_opens(workspace, backed, monkeypatch):
    before = tree(workspace)
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    monkeypatch.setattr(swapping, "settle", lambda _: None)
    restore(backed, workspace, free, whole)
    assert not workspace.exists()
    settle(workspace)
    assert tree(workspace) == before
    settle(workspace)
    assert len(beside(workspace)) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems rename twice")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(workspace, backed, tmp_path):
    (workspace / "mark").write_text("old")
    old, new = tree(workspace), tree(workspace)
    del new["mark"]

    def tried(moment):
        """Whether it was killed, what is there now, and how many steps there were."""
        root = tmp_path / f"try-{moment}" / "workspace"
        shutil.copytree(workspace, root)
        command = [sys.executable, "-c", KILLED, str(backed), str(root), str(moment)]
        done = subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True)
        return done.returncode == 9, tree(root), done.stdout

    killed, found, steps = tried(0)
    assert (killed, found) == (False, new)
    seen = set()
    # At the first step, somewhere among the files, and at each of the last ones, where the folders are exchanged.
    for moment in (1, int(steps) // 2, *range(int(steps) - 4, int(steps) + 1)):
        killed, found, _ = tried(moment)
        assert killed, moment
        assert found in (old, new), moment
        seen.add(found == new)
    assert seen == {True, False}


def test_what_a_kill_left_unpacked_goes_with_the_next_look_and_what_is_in_use_stays(workspace, backed, tmp_path):
    killed = [sys.executable, "-c", KILLED, str(backed), str(workspace), "40"]
    assert subprocess.run(killed, cwd=ROOT, check=False, timeout=60).returncode == 9
    [left] = set(beside(workspace)) - {"out", "workspace"}
    assert left.startswith(".workspace.unpacking-")
    assert (tmp_path / left / "workspace.yaml").exists() or any((tmp_path / left).rglob("*.yaml"))
    (tmp_path / ".workspace.unpacking-mine").mkdir()
    with unpacking(workspace) as used:
        verify(backed, workspace, whole)
        assert beside(workspace) == sorted([used.name, ".workspace.unpacking-mine", "out", "workspace"])
    restore(backed, tmp_path / "other", free, whole)
    assert beside(workspace) == [".workspace.unpacking-mine", "other", "out", "workspace"]


def test_text_that_an_earlier_version_kept_unsaved_is_in_it(workspace, tmp_path):
    (workspace / "derived" / "editing").mkdir(parents=True, exist_ok=True)
    key = "0123456789abcdef"
    (workspace / "derived" / "editing" / f"{key}.json").write_bytes(b"typed")
    with TinyWorkbench(workspace) as bench:
        bench.backup(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.read(f"editing/{key}.json") == b"typed"


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EBUSY])
@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_that_cannot_be_exchanged_is_left_as_it_is(workspace, backed, monkeypatch, number, exchange):
    before, renamed = tree(workspace), os.rename

    def refusing(source, target):
        if Path(source) == workspace:
            raise OSError(number, os.strerror(number))
        renamed(source, target)

    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    monkeypatch.setattr(os, "rename", refusing)
    if exchange:
        monkeypatch.setattr(swapping, "_MOUNTS", workspace.parent / "out" / "mounts")
        (workspace.parent / "out" / "mounts").write_bytes(b"36 35 98:0 /x %s rw\n" % os.fsencode(workspace))
    with pytest.raises(StorageFailed, match="a volume of its own" if exchange else "could not be written"):
        restore(backed, workspace, free, whole)
    assert (tree(workspace), beside(workspace)) == (before, ["out", "workspace"])


def test_what_an_earlier_restore_left_beside_does_not_stop_the_next(workspace, backed, monkeypatch):
    (workspace.parent / ".workspace.verified" / "x").mkdir(parents=True)
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    done = restore(backed, workspace, free, whole)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_while_somebody_writes_nothing_is_replaced(workspace, backed, monkeypatch):
    before = tree(workspace)
    monkeypatch.setattr("services.records.lock.PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr("services.records.lock.WriterLock.__init__.__defaults__", (0.1,))
    with store_of(workspace).writing("saving"), pytest.raises(WorkspaceBusy):
        restore(backed, workspace, lambda purpose: writer_lock(Paths(workspace), purpose), whole)
    assert (tree(workspace, ("derived", ".writer.lock", ".writer.holder")), beside(workspace)) == (
        before,
        ["out", "workspace"],
    )


def test_from_the_command_line_and_back(tmp_path, capsys):
    folder, out = make(tmp_path / "corpus"), tmp_path / "b.zip"
    (tmp_path / "one.txt").write_text("Waves roll slowly into the harbour.")
    run(capsys, "--workspace", folder, "import", tmp_path / "one.txt", "--section", "induction")
    code, made = run(capsys, "--workspace", folder, "backup", "--out", out)
    assert (code, made["records"], made["digest"]) == (0, 1, blake3(out.read_bytes()).hexdigest())

    code, done = run(capsys, "--workspace", tmp_path / "other", "restore", out)
    assert (code, done["records"], done["digest"]) == (0, 1, made["digest"])
    code, asked = run(capsys, "--workspace", tmp_path / "other", "retrieve", "--query", "harbour waves")
    assert [hit["title"] for hit in asked["sections"]["induction"]["hits"]] == ["Waves roll slowly into the harbour."]
