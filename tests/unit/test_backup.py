"""A backup is everything in one file; it is verified before it replaces anything."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.backup import LIST, backup
from services.domain.settings import Paths
from services.errors import InvalidBackup, InvalidInput, InvalidSettings, NotFound, StorageFailed, WorkspaceBusy
from services.restore import reading, repositories, restore, settle, swapping, unpacking, verify
from services.wiring import writer_lock
from tests.doubles import TinyWorkbench, make_workspace, script, store_of
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


CONFIG = b"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"


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
    kinds = ("runs/one.json", "checks/2026-11.jsonl", "canaries/x.yaml", "derived/index/CURRENT", "editing/a.json")
    for name in (*kinds, "questionnaires/q.yaml", ".git/logs/HEAD"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_bytes(name.encode())
    (workspace / ".git" / "HEAD").write_bytes(b"ref: refs/heads/main\n")
    (workspace / ".git" / "config").write_bytes(CONFIG)
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
    monkeypatch.setattr(swapping.time, "strftime", lambda _: "T")
    names = [Path(restore(backed, workspace, free).before).name for _ in range(2)]
    assert names == ["workspace.before-restore-T", "workspace.before-restore-T-2"]


def test_where_folders_cannot_be_exchanged_they_are_renamed(workspace, backed, monkeypatch):
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    before = tree(workspace)
    done = restore(backed, workspace, free)
    assert tree(Path(done.before)) == before == tree(workspace)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_a_restore_killed_between_two_renames_is_finished_by_whoever_opens(workspace, backed, monkeypatch):
    before = tree(workspace)
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    monkeypatch.setattr(swapping, "settle", lambda _: None)
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
    monkeypatch.setattr(unpacking.os, "sync", lambda: None)
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
        "derived/index/CURRENT",
        ".writer.lock",
        "runs/",
        "workspace.yaml/x",
        "runs/" + 300 * "x",
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


@pytest.mark.parametrize(
    "name", ["C:/outside", "runs\\..\\outside", "runs/one.json.", "runs/aux.txt", "runs/a|b", "a /b"]
)
def test_names_that_windows_takes_for_something_else_are_refused_there(workspace, backed, tmp_path, monkeypatch, name):
    forged = forge(backed, tmp_path / "f.zip", add(name))
    restore(forged, tmp_path / "here", free)
    assert (tmp_path / "here" / name).read_bytes() == b"x"
    before = tree(workspace)
    monkeypatch.setattr(reading.os, "name", "nt")
    with pytest.raises(InvalidBackup, match="on this system"):
        reading._check_path(name)
    monkeypatch.undo()
    assert tree(workspace) == before


def test_what_this_disk_takes_for_one_file_is_refused(backed, tmp_path, monkeypatch):
    """As a disk does that takes one.json for One.JSON."""
    opened = Path.open

    def folding(path, mode="r", *more, **named):
        if mode == "xb" and path.parent.is_dir():
            there = {p.name.casefold() for p in path.parent.iterdir()}
            if path.name.casefold() in there:
                raise FileExistsError(17, "File exists", str(path))
        return opened(path, mode, *more, **named)

    forged = forge(backed, tmp_path / "f.zip", add("runs/One.JSON"))
    monkeypatch.setattr(Path, "open", folding)
    with pytest.raises(InvalidBackup, match=r"'runs/One.JSON' cannot be a file on this disk: File exists\."):
        restore(forged, tmp_path / "new", free)
    monkeypatch.undo()
    assert not (tmp_path / "new").exists()
    assert restore(forged, tmp_path / "new", free).files == 20


@pytest.mark.parametrize("name", [".GIT/config", "Derived/index/CURRENT"])
def test_other_spellings_of_reserved_names_are_refused_where_the_disk_takes_them_for_the_same(
    backed, tmp_path, monkeypatch, name
):
    forged = forge(backed, tmp_path / "f.zip", add(name))
    assert restore(forged, tmp_path / "new", free).left_out == ()
    there = unpacking.os.path.lexists
    monkeypatch.setattr(unpacking.os.path, "lexists", lambda path: there(Path(path).with_name(Path(path).name.lower())))
    with pytest.raises(InvalidBackup, match="is a name that the workbench or git uses"):
        restore(forged, tmp_path / "other", free)


ODD = (
    'a:b"c<d>e|f?*.txt',
    "Case.txt",
    "case.TXT",
    "back\\slash",
    "caf\u00e9",
    "cafe\u0301",
    " lead and trail ",
    "dots...",
    "line\nbreak\x1b[31m",
    "aux",
    LIST,
    "backup.odd/1",
    "\udcff\udc80.bin",
    ".git/refs/heads/backup.json",
    '.git/refs/heads/"quoted"<x>|',
    "-rf",
)
LETTERS = st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)) | st.sampled_from('\\:"<>|. ?*\udcff')
PARTS = st.text(LETTERS, min_size=1, max_size=12).filter(lambda p: p not in {".", ".."} and p[:9] != ".writing-")


def there_and_back(root, names):
    """A workspace with files of these names, as its backup brings it back, and what that said."""
    (root / "from").mkdir(parents=True)
    (root / "from" / "workspace.yaml").write_text("format: scriptorium-workspace/1\n")
    (root / "from" / ".git").mkdir()
    for name, data in {".git/HEAD": b"ref: refs/heads/main\n", ".git/config": CONFIG}.items():
        (root / "from" / name).write_bytes(data)
    for name in names:
        path = root / "from" / name
        # A folder of this name, or a file where a folder is wanted: the other one is tried elsewhere.
        with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(repr(name).encode())
    backup(root / "from", root / "b.zip")
    done = restore(root / "b.zip", root / "to", free)
    again = backup(root / "to", root / "again.zip")
    assert again.digest == done.digest
    assert tree(root / "to") == tree(root / "from")
    return done


@pytest.mark.skipif(os.name == "nt", reason="these names cannot be there")
def test_odd_names_come_back(tmp_path):
    done = there_and_back(tmp_path, ODD)
    assert (done.left_out, done.files) == ((), 3 + len(ODD))


@pytest.mark.skipif(os.name == "nt", reason="these names cannot be there")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(names=st.lists(st.lists(PARTS, min_size=1, max_size=3).map("/".join), max_size=6))
def test_whatever_this_disk_holds_comes_back(tmp_path_factory, monkeypatch, names):
    monkeypatch.setattr(unpacking.os, "sync", lambda: None)
    kept = [n for n in names if n.split("/")[0] not in (".git", "derived", ".writer.lock", ".writer.holder")]
    there_and_back(tmp_path_factory.mktemp("odd"), kept)


HOSTILE = {
    ".git/config": "[core]\n\tfsmonitor = touch x\n[user]\n\tname = Anna Müller\n\temail = anna@example.org\n".encode(),
    ".git/hooks/post-commit": b"#!/bin/sh\ntouch /tmp/ran\n",
    ".git/hooks/post-commit.sample": b"# an example",
    ".git/info/attributes": b"* filter=evil\n",
    ".git/info/exclude": b"# comments\nrecords\n",
    ".git/objects/info/alternates": b"/home/somebody/.git/objects\n",
    ".git/index.lock": b"",
    ".git/modules/x/config": b"[core]\n\tfsmonitor = touch /tmp/ran\n",
    ".git/commondir": b"/home/somebody/.git\n",
    ".git/refs/heads/evil": b"ref: ../../../outside\n",
    "records/.git": b"gitdir: /home/somebody/.git\n",
    "runs/deep/.git/config": b"[core]\n\tsshCommand = touch /tmp/ran\n",
    "runs/deep/.git/HEAD": b"ref: refs/heads/main\n",
    # A repository that is not called so.
    "runs/bare/HEAD": b"ref: refs/heads/main\n",
    "runs/bare/config": b"[core]\n\tfsmonitor = touch /tmp/ran\n",
    "runs/bare/objects/x": b"",
    "runs/bare/refs/x": b"",
}


def test_what_git_would_run_or_read_elsewhere_is_left_out_and_named(backed, tmp_path):
    def edit(members, listed):
        for name, data in HOSTILE.items():
            add(name, data)(members, listed)

    done = restore(forge(backed, tmp_path / "f.zip", edit), tmp_path / "new", free)
    assert sorted(done.left_out) == [
        ".git/commondir",
        ".git/config",
        ".git/hooks",
        ".git/info/attributes",
        ".git/info/exclude",
        ".git/modules",
        ".git/objects/info/alternates",
        ".git/refs/heads/evil",
        "records/.git",
        "runs/bare/config",
        "runs/deep/.git/config",
    ]
    found = tree(tmp_path / "new")
    assert {name for name in found if name in HOSTILE} == {
        ".git/config",
        "runs/deep/.git/config",
        "runs/deep/.git/HEAD",
        "runs/bare/HEAD",
        "runs/bare/objects/x",
        "runs/bare/refs/x",
    }
    assert found["runs/deep/.git/config"] == CONFIG
    named = "[user]\n\tname = Anna Müller\n\temail = anna@example.org\n"
    assert found[".git/config"] == CONFIG + named.encode()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Anna", True),
        ("Anna \\\nx = y", False),
        ('"Anna"', False),
        ("Anna # x", False),
        ("Anna\n[alias]\nx = !sh", True),
    ],
)
def test_only_a_plain_name_is_taken_from_a_strangers_settings(name, kept):
    data, whole = repositories.settings(f"[user]\n\tname = {name}\n".encode(), folds=False, posix=True)
    assert data == CONFIG + (b"[user]\n\tname = Anna\n" if kept else b"")
    assert whole is (name == "Anna")


def test_a_history_comes_back_packed_or_not(tmp_path):
    root = make_workspace(tmp_path / "workspace", [script("one")])
    with TinyWorkbench(root) as bench:
        bench.save(script("two"), None)
        bench.save(script("two", text="Edited."), bench.catalogue.records["two"].digest)
        told = bench.history("two")
        bench.backup(tmp_path / "b.zip")
    assert restore(tmp_path / "b.zip", tmp_path / "new", free).left_out == ()
    git = shutil.which("git")
    if git:
        subprocess.run([git, "-C", tmp_path / "new", "gc", "-q"], check=True)
        assert not list((tmp_path / "new" / ".git" / "refs").rglob("main"))
        backup(tmp_path / "new", tmp_path / "b.zip")
    shutil.rmtree(root)
    assert restore(tmp_path / "b.zip", root, free).left_out == ()
    with TinyWorkbench(root) as bench:
        assert bench.history("two") == told
        assert bench.past.newest() == told[0].time
        bench.save(script("three"), None)
        assert bench.past.newest() == bench.history("three")[0].time
        assert bench.records.lagging == ""
        assert bench.newest() == bench.past.newest()
    if git:
        done = subprocess.run([git, "-C", root, "status", "--short"], check=True, capture_output=True)
        assert done.stdout == b""


def test_a_damaged_history_is_no_reason_to_refuse_a_backup(tmp_path):
    root = make_workspace(tmp_path / "workspace", [script("one")])
    with TinyWorkbench(root) as bench:
        bench.save(script("two"), None)
        (root / ".git" / "refs" / "heads" / "main").write_text("0" * 39 + "1\n")
        backup(root, tmp_path / "b.zip")
        found = bench.verify_backup(tmp_path / "b.zip")
        assert (found.records, found.newest, bench.newest()) == (2, "", "")
        assert bench.replace_all(tmp_path / "b.zip").records == 2
        assert set(bench.catalogue.records) == {"one", "two"}


def test_a_head_that_leads_out_of_the_repository_is_not_followed(workspace, backed, tmp_path):
    def edit(members, listed):
        add(".git/HEAD", b"ref: ../../outside\n")(members, listed)

    done = restore(forge(backed, tmp_path / "f.zip", edit), tmp_path / "new", free)
    assert done.left_out == (".git/HEAD",)
    assert (tmp_path / "new" / ".git" / "HEAD").read_bytes() == b"ref: refs/heads/main\n"


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
        restore(backed, workspace, free)
    assert (tree(workspace), beside(workspace)) == (before, ["out", "workspace"])


def test_what_an_earlier_restore_left_beside_does_not_stop_the_next(workspace, backed, monkeypatch):
    (workspace.parent / ".workspace.verified" / "x").mkdir(parents=True)
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    done = restore(backed, workspace, free)
    assert beside(workspace) == ["out", "workspace", Path(done.before).name]


def test_a_backup_is_verified_wholly_without_changing_anything(workspace, backed, tmp_path):
    before = tree(workspace)
    found = verify(backed, workspace, lambda folder: str((folder / "records").is_dir()))
    assert (found.records, found.newest, found.digest) == (8, "True", blake3(backed.read_bytes()).hexdigest())
    assert found.questionnaires == 1
    assert (tree(workspace), beside(workspace)) == (before, ["out", "workspace"])
    damaged = forge(backed, tmp_path / "f.zip", lambda members, _: members.update({"runs/one.json": b"runs/two.json"}))
    with pytest.raises(InvalidBackup, match="is damaged"):
        verify(damaged, workspace, str)


def test_sizes_that_lie_are_refused_before_anything_is_unpacked(workspace, backed, tmp_path):
    def edit(members, listed):
        members["runs/bomb"] = b"\0" * 10_000_000
        listed["files"]["runs/bomb"] = {"size": 3, "digest": "0" * 64}

    with pytest.raises(InvalidBackup, match="not the size"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free)


def test_a_disk_without_room_is_said_before_anything_is_unpacked(workspace, backed, monkeypatch):
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
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
