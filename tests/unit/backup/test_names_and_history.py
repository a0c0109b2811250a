"""Odd names come back, a history too, and nothing that git would run."""

import contextlib
import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.backup import LIST, backup
from services.restore import repositories, restore, unpacking
from tests.doubles import TinyWorkbench, make_workspace, script
from tests.unit.backup.zips import CONFIG, add, forge, free, tree, whole

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
    done = restore(root / "b.zip", root / "to", free, whole)
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

    done = restore(forge(backed, tmp_path / "f.zip", edit), tmp_path / "new", free, whole)
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
    assert restore(tmp_path / "b.zip", tmp_path / "new", free, whole).left_out == ()
    git = shutil.which("git")
    if git:
        subprocess.run([git, "-C", tmp_path / "new", "gc", "-q"], check=True)
        assert not list((tmp_path / "new" / ".git" / "refs").rglob("main"))
        backup(tmp_path / "new", tmp_path / "b.zip")
    shutil.rmtree(root)
    assert restore(tmp_path / "b.zip", root, free, whole).left_out == ()
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

    done = restore(forge(backed, tmp_path / "f.zip", edit), tmp_path / "new", free, whole)
    assert done.left_out == (".git/HEAD",)
    assert (tmp_path / "new" / ".git" / "HEAD").read_bytes() == b"ref: refs/heads/main\n"
