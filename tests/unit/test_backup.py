"""A backup is everything in one file; it is verified before it replaces anything."""

import contextlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from blake3 import blake3

from services import restore as module
from services.backup import LIST, backup
from services.domain.settings import Paths
from services.errors import InvalidBackup, InvalidInput, InvalidSettings, NotFound, StorageFailed, WorkspaceBusy
from services.restore import restore, settle
from services.wiring import writer_lock
from tests.doubles import store_of
from tests.unit.command_line import make, run

ROOT = Path(__file__).parents[2]


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
restore(Path(sys.argv[1]), Path(sys.argv[2]), lambda _: contextlib.nullcontext())
print(steps)
"""


def free(_):
    return contextlib.nullcontext()


def tree(root, without=("derived", ".writer.lock")):
    found = (p for p in sorted(root.rglob("*")) if p.is_file())
    named = {p.relative_to(root).as_posix(): p.read_bytes() for p in found}
    return {name: data for name, data in named.items() if name.split("/")[0] not in without}


def beside(root):
    return sorted(p.name for p in root.parent.iterdir())


@pytest.fixture
def backed(workspace, tmp_path):
    """A workspace with something of each kind, and its backup."""
    with (store := store_of(workspace)).writing("emptying"):
        store.discard("induction-anger")
    for name in (".git/HEAD", "runs/one.json", "checks/2026-11.jsonl", "canaries/x.yaml", "derived/index/CURRENT"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_bytes(name.encode())
    out = tmp_path / "out" / "backup.zip"
    backup(workspace, out)
    return out


def forge(source, target, edit):
    """The same backup with other members: ``edit`` changes them and the list in place."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    listed = json.loads(members.pop(LIST))
    edit(members, listed)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in {**members, LIST: json.dumps(listed).encode()}.items():
            archive.writestr(name, data)
    return target


def add(name, data=b"x"):
    def edit(members, listed):
        members[name] = data
        listed["files"][name] = {"size": len(data), "digest": blake3(data).hexdigest()}

    return edit


def test_everything_but_what_is_derived_comes_back_byte_for_byte(workspace, backed, tmp_path):
    done = restore(backed, tmp_path / "new" / "place", free)
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

    done = restore(backed, workspace, free)

    assert Path(done.before).name.startswith("workspace.before-restore-")
    assert tree(Path(done.before)) == before
    assert "records/induction/induction-sleep.yaml" in tree(workspace)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_two_restores_in_one_second_keep_both_old_ones(workspace, backed, monkeypatch):
    monkeypatch.setattr(module.time, "strftime", lambda _: "T")
    names = [Path(restore(backed, workspace, free).before).name for _ in range(2)]
    assert names == ["workspace.before-restore-T", "workspace.before-restore-T-2"]


def test_where_folders_cannot_be_exchanged_they_are_renamed(workspace, backed, monkeypatch):
    monkeypatch.setattr(module, "_exchanged", lambda *_: False)
    before = tree(workspace)
    done = restore(backed, workspace, free)
    assert tree(Path(done.before)) == before == tree(workspace)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_a_restore_killed_between_two_renames_is_finished_by_whoever_opens(workspace, backed, monkeypatch):
    before = tree(workspace)
    monkeypatch.setattr(module, "_exchanged", lambda *_: False)
    monkeypatch.setattr(module, "settle", lambda _: None)
    restore(backed, workspace, free)
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


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(workspace, backed, tmp_path, share):
    data, before = backed.read_bytes(), tree(workspace)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InvalidBackup, match="cut short"):
        restore(cut, workspace, free)
    assert (tree(workspace), beside(workspace)) == (before, ["cut.zip", "out", "workspace"])


def test_every_byte_that_is_turned_is_found_or_means_nothing(workspace, backed, tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "sync", lambda: None)
    data, before = bytearray(backed.read_bytes()), tree(workspace)
    turned, refused = tmp_path / "turned.zip", 0
    for place in range(0, len(data), max(1, len(data) // 80)):
        turned.write_bytes(data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :])
        target = tmp_path / f"t{place}"
        try:
            restore(turned, target, free)
        except InvalidBackup:
            refused += 1
            assert not target.exists()
        else:
            assert tree(target) == before
    assert refused > 60


def test_the_damaged_member_is_named(workspace, backed, tmp_path):
    name = "records/awakening/awakening-sleep.yaml"

    def edit(members, listed):
        members[name] = members[name].replace(b"calm", b"cold")

    with pytest.raises(InvalidBackup, match=f"'{name}' in it is damaged"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free)


def test_a_member_that_is_missing_or_too_many_is_named(workspace, backed, tmp_path):
    def lose(members, listed):
        del members["workspace.yaml"]

    def smuggle(members, listed):
        members["runs/more"] = b"x"

    with pytest.raises(InvalidBackup, match=r"'workspace\.yaml' is not in it"):
        restore(forge(backed, tmp_path / "f.zip", lose), workspace, free)
    with pytest.raises(InvalidBackup, match=r"'runs/more' is in it and not in backup\.json"):
        restore(forge(backed, tmp_path / "f.zip", smuggle), workspace, free)


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/outside",
        "runs/../../outside",
        "runs//x",
        "runs/./x",
        "C:/outside",
        "runs\\..\\outside",
        "derived/index/CURRENT",
        ".writer.lock",
        "Workspace.yaml",
        "runs/one.json.",
        "runs/",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(workspace, backed, tmp_path, name):
    before = tree(tmp_path)
    forged = forge(backed, tmp_path / "f.zip", add(name))
    with pytest.raises(InvalidBackup):
        restore(forged, workspace, free)
    forged.unlink()
    assert tree(tmp_path) == before
    assert not Path("/etc/outside").exists()


def test_names_that_are_one_in_unicode_are_refused(workspace, backed, tmp_path):
    def edit(members, listed):
        add("runs/é")(members, listed)
        add("runs/e\u0301")(members, listed)

    with pytest.raises(InvalidBackup, match="one file on some systems"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free)


def test_sizes_that_lie_are_refused_before_anything_is_unpacked(workspace, backed, tmp_path):
    def edit(members, listed):
        members["runs/bomb"] = b"\0" * 10_000_000
        listed["files"]["runs/bomb"] = {"size": 3, "digest": "0" * 64}

    with pytest.raises(InvalidBackup, match="not the size"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free)


def test_a_disk_without_room_is_said_before_anything_is_unpacked(workspace, backed, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(StorageFailed, match="Its files need"):
        restore(backed, workspace, free)
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
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free)


def test_what_is_no_backup_is_refused(workspace, tmp_path):
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("records/a.yaml", "x")
    with pytest.raises(InvalidBackup, match=r"no backup\.json"):
        restore(other, workspace, free)
    other.write_text("hello")
    with pytest.raises(InvalidBackup, match="is no backup"):
        restore(other, workspace, free)
    with pytest.raises(NotFound):
        restore(tmp_path / "nowhere.zip", workspace, free)


def test_a_backup_of_what_is_no_workspace_is_refused(workspace, backed, tmp_path):
    def edit(members, listed):
        add("workspace.yaml", b"format: other/1\n")(members, listed)

    with pytest.raises(InvalidBackup, match="is no workspace"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free)


def test_a_folder_of_something_else_is_not_replaced(backed, tmp_path):
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear")
    with pytest.raises(InvalidSettings, match="is no workspace"):
        restore(backed, other, free)
    assert tree(other) == {"letter.txt": b"Dear"}


def test_while_somebody_writes_nothing_is_replaced(workspace, backed, monkeypatch):
    before = tree(workspace)
    monkeypatch.setattr("services.records.lock.PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr("services.records.lock.WriterLock.__init__.__defaults__", (0.1,))
    with store_of(workspace).writing("saving"), pytest.raises(WorkspaceBusy):
        restore(backed, workspace, lambda purpose: writer_lock(Paths(workspace), purpose))
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
