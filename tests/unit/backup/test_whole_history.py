"""A history comes back whole or not at all, and that is said."""

import shutil
import subprocess

import pytest

from services.domain.history import KEPT_ELSEWHERE
from services.records import git_history
from tests.doubles import TinyWorkbench, make_workspace, script

GIT = shutil.which("git")
pytestmark = pytest.mark.skipif(GIT is None, reason="asks git, which is not here")


def edit(bench, text):
    bench.refresh()
    saved = bench.save(script("one", text=text), bench.catalogue.records["one"].digest)
    assert saved.warning == ""


@pytest.fixture
def lender(tmp_path):
    root = make_workspace(tmp_path / "lender", [script("one"), script("two")])
    with TinyWorkbench(root) as bench:
        edit(bench, "Lent.")
    return root


def cloned(lender, root, *options):
    subprocess.run(
        [GIT, "clone", "-q", *options, lender.as_uri() if options[0] != "--shared" else lender, root], check=True
    )
    return root


def test_what_is_borrowed_is_in_the_backup(lender, tmp_path):
    root = cloned(lender, tmp_path / "workspace", "--shared")
    with TinyWorkbench(root) as bench:
        edit(bench, "Mine.")
        told = bench.history("one")
        assert bench.backup(tmp_path / "b.zip").history == ""
        shutil.rmtree(lender)
        found = bench.verify_backup(tmp_path / "b.zip")
        assert (found.history, found.newest) == ("", told[0].time)
        assert bench.replace_all(tmp_path / "b.zip").history == ""
        assert bench.history("one") == told
        assert len(told) == 3
        assert bench.version("one", told[1].commit).script.text == "Lent."
        edit(bench, "After it.")
        assert len(bench.history("one")) == 4
    subprocess.run([GIT, "-C", root, "fsck", "--strict", "--no-dangling"], check=True)


@pytest.mark.parametrize("options", [["--shared"], ["--filter=blob:none", "--no-checkout"]])
def test_a_history_that_is_not_whole_is_said_and_a_new_one_begins(lender, tmp_path, options):
    subprocess.run([GIT, "-C", lender, "config", "uploadpack.allowFilter", "true"], check=True)
    root = cloned(lender, tmp_path / "workspace", *options)
    if "--no-checkout" in options:
        shutil.copytree(lender, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git", "derived"))
    shutil.move(lender, tmp_path / "gone")
    with TinyWorkbench(root) as bench:
        bench.refresh()
        made = bench.backup(tmp_path / "b.zip")
        assert made.history == git_history.MISSING
        found = bench.verify_backup(tmp_path / "b.zip")
        assert (found.records, found.history, found.newest) == (2, made.history, "")
        assert bench.replace_all(tmp_path / "b.zip").history == made.history
        edit(bench, "After it.")
        assert [version.purpose for version in bench.history("one")] == ["saving 'one'", git_history.FIRST]


def test_a_history_that_lies_outside_is_said(lender, tmp_path):
    root = tmp_path / "workspace"
    subprocess.run([GIT, "-C", lender, "worktree", "add", "-q", "-b", "side", root], check=True)
    with TinyWorkbench(root) as bench:
        bench.refresh()
        assert bench.backup(tmp_path / "b.zip").history == KEPT_ELSEWHERE
        found = bench.verify_backup(tmp_path / "b.zip")
        assert (found.history, found.left_out) == (KEPT_ELSEWHERE, (".git",))


@pytest.mark.parametrize("lost", ["tree", "blob"])
def test_one_object_that_is_lost_is_found(lender, tmp_path, lost):
    with TinyWorkbench(lender) as bench:
        bench.backup(tmp_path / "b.zip")
        assert bench.verify_backup(tmp_path / "b.zip").history == ""
        named = "HEAD~1^{tree}" if lost == "tree" else "HEAD~1:records/induction/one.yaml"
        name = subprocess.run(
            [GIT, "-C", lender, "rev-parse", named], check=True, capture_output=True, text=True
        ).stdout.strip()
        (lender / ".git" / "objects" / name[:2] / name[2:]).unlink()
        bench.backup(tmp_path / "b.zip")
        assert bench.verify_backup(tmp_path / "b.zip").history == git_history.MISSING
