"""Nothing that is amiss with a repository costs a save: locks, damage, a merge, and what a kill left."""

import os
from pathlib import Path

import pytest

from services.domain import history
from services.domain.history import What
from services.errors import StorageFailed
from services.records import git_files
from tests.doubles import TinyWorkbench, record, script, store_of
from tests.unit.git_history.edits import ANNA, FIRST, edit, told


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
