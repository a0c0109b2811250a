"""Beside git itself: its commits and checkouts appear, and it finds nothing amiss with ours."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from services.domain.history import What
from services.records import git_history
from tests.doubles import SECTIONS, TinyWorkbench, make_workspace, script
from tests.unit.git_history.edits import FIRST, edit, told

GIT = shutil.which("git")
with_git = pytest.mark.skipif(GIT is None and "CI" not in os.environ, reason="asks git, which is not here")


def git(root: Path, *arguments: str) -> str:
    named = ("-c", "user.name=Bert", "-c", "user.email=bert@example.org")
    done = subprocess.run(["git", "-C", str(root), *named, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@with_git
def test_git_sees_a_clean_and_sound_repository(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "Edited.")
    bench.check()
    bench.delete("one")
    assert git(root, "status", "--short") == ""
    assert git(root, "fsck", "--strict", "--no-dangling") == ""
    log = git(root, "log", "--format=%an|%s").splitlines()
    assert log[0] == "Scriptorium|deleting 'one'"
    assert log[-1] == f"outside|{git_history.FIRST}"
    assert log.count("Scriptorium|saving 'one'") == 1
    assert not [name for name in git(root, "ls-files").splitlines() if name.startswith(("derived", ".writer"))]


@with_git
def test_commits_and_checkouts_of_git_appear(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "Ours.")
    path = root / "records" / "induction" / "one.yaml"
    path.write_text(path.read_text().split("\ndigest:")[0].replace("Ours.", "Theirs.") + "\n")
    git(root, "commit", "-qam", "By hand")
    assert told(bench)[0] == ("Bert", What.EDITED)
    git(root, "gc", "-q")
    git(root, "checkout", "-q", "HEAD~1", "--", ".")
    bench.refresh()
    assert bench.catalogue.records["one"].script.text == "Ours."
    edit(bench, "Ours again.")
    assert told(bench)[:3] == [("Scriptorium", What.EDITED), ("outside", What.RESTORED), ("Bert", What.EDITED)]
    git(root, "checkout", "-q", "-b", "side", "HEAD~1")
    edit(bench, "On the side.")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "-s", "ours", "-m", "Merged", "side")
    bench.refresh()
    edit(bench, "After the merge.")
    texts = {bench.version("one", v.commit).script.text for v in bench.history("one")}
    assert {"On the side.", "Ours again.", "After the merge."} <= texts
    assert git(root, "status", "--short") == ""


def test_a_workspace_that_another_repository_keeps_gets_none_of_its_own(tmp_path: Path) -> None:
    outer = make_workspace(tmp_path / "outer", [script("one")])
    with TinyWorkbench(outer) as bench:
        bench.save(script("two"), None)
        # The outer repository tracks the files of a workspace further down, as a project does with its demo.
        inner = make_workspace(outer / "questionnaires" / "demo", [script("one")])
        (inner / "workspace.yaml").rename(inner / "kept.yaml")
        shutil.copy(inner / "kept.yaml", inner / "workspace.yaml")
        bench.save(script("three"), None)
    with TinyWorkbench(inner) as bench:
        bench.save(script("two"), None)
        assert not (inner / ".git").exists()
        assert "belongs to the repository outer" in bench.past.problem
        assert (bench.history("two"), bench.records.lagging) == ([], "")
    beside = make_workspace(outer / "elsewhere", [script("one")])
    with TinyWorkbench(beside) as bench:
        bench.save(script("two"), None)
        assert (beside / ".git").is_dir(), "the outer one does not keep it"


def test_a_copy_of_a_workspace_begins_its_own_history(root: Path, bench: TinyWorkbench, tmp_path: Path) -> None:
    edit(bench, "Edited.")
    shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns(".git", "derived"))
    with TinyWorkbench(tmp_path / "copy") as other:
        other.save(script("three"), None)
        assert told(other) == [FIRST]
    assert SECTIONS[0] == "induction"
