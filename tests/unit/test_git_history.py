"""The history of scripts: every write is one commit, and nothing that is amiss with a repository costs a save."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain import history
from services.domain.history import Facts, Touch, What, versions
from services.domain.settings import Paths
from services.errors import NotFound, RecordMoved, StorageFailed
from services.records import git_files, git_history
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, make_workspace, record, script, store_of

GIT = shutil.which("git")
with_git = pytest.mark.skipif(GIT is None and "CI" not in os.environ, reason="asks git, which is not here")
ANNA = "Anna <anna@example.org>"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(git_files, "PATIENCE_SECONDS", 0.0)
    return make_workspace(tmp_path / "workspace", [script("one"), script("two", "awakening")])


@pytest.fixture
def bench(root: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened


def git(root: Path, *arguments: str) -> str:
    named = ("-c", "user.name=Bert", "-c", "user.email=bert@example.org")
    done = subprocess.run(["git", "-C", str(root), *named, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(bench: TinyWorkbench, script_id: str = "one") -> list[tuple[str, What]]:
    return [(version.author, version.what) for version in bench.history(script_id)]


def edit(bench: TinyWorkbench, text: str, section: str = "induction") -> None:
    bench.refresh()
    bench.save(script("one", section, text=text), bench.catalogue.records["one"].digest)


FIRST = ("outside", What.CREATED)


def test_every_write_is_a_version_with_its_author(bench: TinyWorkbench) -> None:
    bench.author = ANNA
    edit(bench, "Edited.")
    with history.signed("Bert"):
        edit(bench, "Moved.", "awakening")
    bench.delete("one")
    bench.restore("one")
    assert told(bench) == [
        ("Anna", What.RESTORED),
        ("Anna", What.DELETED),
        ("Bert", What.MOVED),
        ("Anna", What.EDITED),
        FIRST,
    ]
    assert told(bench, "two") == [FIRST]
    assert bench.history("one")[0].digest == bench.catalogue.records["one"].digest
    assert bench.records.lagging == ""


def test_nobody_named_is_the_workbench_itself(bench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(bench, "First.")
    monkeypatch.setenv(git_history.ENVIRONMENT, "Carla")
    edit(bench, "Second.")
    assert [author for author, _ in told(bench)] == ["Carla", "Scriptorium", "outside"]


def test_a_version_is_read_and_restored_with_its_vectors(bench: TinyWorkbench) -> None:
    before = bench.catalogue.records["one"]
    edit(bench, "Quite other words, in another section.", "awakening")
    first = bench.history("one")[-1]
    assert bench.version("one", first.commit).script == before.script
    embedder = bench.embedder()
    assert isinstance(embedder, TinyEmbedder)
    embedder.asked.clear()
    with pytest.raises(RecordMoved):
        bench.restore_version("one", first.commit, before.digest)
    saved = bench.restore_version("one", first.commit, bench.catalogue.records["one"].digest)
    assert saved.record.digest == before.digest
    assert embedder.asked == [], "the version's own vectors fit"
    assert bench.catalogue.records["one"].script.section == "induction"
    assert bench._index.last is not None
    assert bench._index.last.index.digests("induction")["one"] == before.digest
    edit(bench, "Away again.")
    bench.restore_version("one", first.commit, bench.catalogue.records["one"].digest)
    assert [what for _, what in told(bench)][:2] == [What.RESTORED, What.EDITED]


def test_a_deleted_script_comes_back_from_the_bin_or_from_the_history(bench: TinyWorkbench) -> None:
    kept = bench.catalogue.records["one"]
    edit(bench, "Edited.")
    bench.delete("one")
    bench.save(kept.script, None)
    bench.delete("one")
    assert [(b.id, b.title, b.section) for b in bench.bin()] == [("one", "One", "induction")] * 2
    edited = next(b for b in bench.bin() if not kept.digest.startswith(b.digest))
    assert bench.restore("one", edited.digest).record.script.text == "Edited."
    assert len(bench.bin()) == 1
    bench.delete("one")
    thrown = bench.empty_bin([(b.id, b.digest) for b in bench.bin()])
    assert (len(thrown), bench.bin()) == (2, [])
    assert told(bench)[0][1] is What.EMPTIED
    with pytest.raises(NotFound):
        bench.restore("one")
    first = bench.history("one")[-1]
    assert bench.restore_version("one", first.commit, None).record.digest == kept.digest


@pytest.mark.parametrize("commit", ["", "0" * 40, "../../../etc/passwd", "HEAD", "é" * 40])
def test_what_is_no_version_is_not_found(bench: TinyWorkbench, commit: str) -> None:
    edit(bench, "Edited.")
    with pytest.raises(NotFound):
        bench.version("one", commit)
    with pytest.raises(NotFound):
        bench.version("../one", bench.history("one")[0].commit)


def test_what_a_kill_or_an_editor_left_is_committed_by_the_next_write(root: Path, bench: TinyWorkbench) -> None:
    bench.author = ANNA
    edit(bench, "Edited.")
    with store_of(root).writing("killed before its commit"):
        store_of(root).put([])
    path = root / "records" / "induction" / "one.yaml"
    lines = path.read_text().split("\ndigest:")[0].replace("Edited.", "By hand.") + "\n"
    path.write_text(lines)
    (root / "records" / "awakening" / "two.yaml").unlink()
    bench.save(script("three"), None)
    assert told(bench) == [("outside", What.EDITED), ("Anna", What.EDITED), FIRST]
    assert told(bench, "two") == [("outside", What.DELETED), FIRST]
    assert told(bench, "three") == [("Anna", What.CREATED)]
    assert bench.history("one")[0].purpose == history.FOUND


def test_a_lock_that_git_left_loses_no_save_and_the_next_write_tells(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    lock = root / ".git" / "index.lock"
    lock.touch()
    saved = bench.save(script("one", text="Second."), bench.catalogue.records["one"].digest)
    assert "the history does not have it yet" in saved.warning
    assert str(lock) in saved.warning
    assert bench.catalogue.records["one"].script.text == "Second."
    assert len(bench.history("one")) == 2
    lock.unlink()
    edit(bench, "Third.")
    assert bench.records.lagging == ""
    assert [author for author, _ in told(bench)] == ["Scriptorium", "outside", "Scriptorium", "outside"]


def test_a_lock_that_a_kill_of_ours_left_is_known_as_ours(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    ours, lock = root / ".git" / "scriptorium" / "index", root / ".git" / "index.lock"
    ours.touch()
    lock.hardlink_to(ours)
    edit(bench, "Second.")
    assert (bench.records.lagging, lock.exists(), len(bench.history("one"))) == ("", False, 3)


def test_a_damaged_repository_is_told_and_loses_no_save(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    (root / ".git" / "refs" / "heads" / "main").write_text("0" * 39 + "1\n")
    bench.past._log._order = (None, [])
    saved = bench.save(script("one", text="Second."), bench.catalogue.records["one"].digest)
    assert bench.catalogue.records["one"].script.text == "Second."
    assert "the history does not have it yet" in saved.warning
    with pytest.raises(StorageFailed, match="The history cannot be read"):
        bench.history("one")


def test_during_a_merge_nothing_is_committed(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    (root / ".git" / "MERGE_HEAD").write_text("0" * 40)
    assert "Finish it with git" in bench.save(script("new"), None).warning
    assert bench.history("new") == []


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


def test_what_a_branch_names_is_on_the_disk_before_it_names_it(
    root: Path, bench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(bench, "First.")
    synced: set[int] = set()
    fsync, move_head = os.fsync, git_files.move_head
    unsynced: list[str] = []

    def noting(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    before = set((root / ".git" / "objects").rglob("*"))

    def looking(*arguments: object) -> None:
        new = [path for path in (root / ".git" / "objects").rglob("*") if path not in before]
        assert [path.suffix for path in new if path.is_file()].count(".pack") == 1
        touched = {*new, *(path.parent for path in new)}
        unsynced.extend(str(path) for path in touched if path.stat().st_ino not in synced)
        move_head(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "fsync", noting)
    monkeypatch.setattr(git_files, "move_head", looking)
    # The records make a pack; the trees and the commit are files of their own.
    monkeypatch.setattr(git_files, "_LOOSE", 6)
    with bench.records.writing("filling"):
        bench.records.put([record(script(f"more-{n}")) for n in range(10)])
    assert (unsynced, bench.records.lagging) == ([], "")
    assert synced


def test_a_head_that_leads_out_of_the_repository_is_written_nowhere(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    (root / ".git" / "HEAD").write_text("ref: ../../outside\n")
    assert "HEAD in the workspace's repository names no branch." in bench.save(script("new"), None).warning
    assert sorted(path.name for path in root.parent.iterdir()) == ["workspace"]


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


def test_another_process_is_followed_and_what_was_read_is_kept(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    assert len(bench.history("one")) == 2
    with TinyWorkbench(root) as other:
        other.author = ANNA
        edit(other, "Second.")
    bench.refresh()
    edit(bench, "Third.")
    assert [author for author, _ in told(bench)] == ["Scriptorium", "Anna", "Scriptorium", "outside"]
    remembered = Paths(root).derived / "history" / "commits.jsonl"
    whole = remembered.read_bytes()
    remembered.write_bytes(b'[1]\n{"commit": 3}\n{"blob": "x"' + whole[: len(whole) // 2])
    with TinyWorkbench(root) as fresh:
        assert fresh.history("one") == bench.history("one")


def test_what_a_commit_did_is_told_by_its_files_alone() -> None:
    a, b = "records/induction/one.yaml", "records/awakening/one.yaml"

    def touch(number: int, before: dict[str, str], after: dict[str, str], purpose: str = "") -> Touch:
        return Touch(str(number), "2026-11-21T00:00:00Z", "Anna", purpose, before, after)

    touches = [
        touch(1, {}, {a: "x"}, "importing"),
        touch(2, {a: "x"}, {a: "y"}),
        touch(3, {a: "y"}, {b: "z"}),
        touch(4, {b: "z"}, {b: "z2"}),
        touch(5, {b: "z2"}, {"bin/awakening/one.0.yaml": "z2"}),
        touch(6, {"bin/awakening/one.0.yaml": "z2"}, {}),
        touch(7, {}, {a: "x"}),
    ]
    found = versions(touches, lambda blob: Facts(f"record {blob}", blob[0]))
    assert [(v.commit, v.what) for v in found] == [
        ("7", What.RESTORED),
        ("6", What.EMPTIED),
        ("5", What.DELETED),
        ("4", What.EMBEDDED),
        ("3", What.MOVED),
        ("2", What.EDITED),
        ("1", What.IMPORTED),
    ]
    assert [v.digest for v in found[:3]] == ["record x", "", ""]
    assert [v.section for v in found[1:3]] == ["awakening", "awakening"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Anna", "Anna <scriptorium@localhost>"),
        (ANNA, ANNA),
        ("  Änne   Müller ", "Änne Müller <scriptorium@localhost>"),
        ("Eve\nauthor <x> <y@z>", "Eve author x <y@z>"),
        ("<>", ""),
        ("\x00\n", ""),
        ("\ud800", "\ufffd <scriptorium@localhost>"),
    ],
)
def test_a_typed_name_becomes_a_sound_author(typed: str, written: str) -> None:
    assert history.author(typed) == written


def test_a_copy_of_a_workspace_begins_its_own_history(root: Path, bench: TinyWorkbench, tmp_path: Path) -> None:
    edit(bench, "Edited.")
    shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns(".git", "derived"))
    with TinyWorkbench(tmp_path / "copy") as other:
        other.save(script("three"), None)
        assert told(other) == [FIRST]
    assert SECTIONS[0] == "induction"
