"""Writing: the old bytes or the new ones, and a refusal that says what to do."""

import errno
import os
from pathlib import Path

import pytest

from services.errors import InvalidInput, StorageFailed
from services.ground import files


def test_the_new_bytes_replace_the_old(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.yaml"
    files.write_atomically(path, b"old")
    files.write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["file.yaml"]


def test_through_a_link_a_person_writes_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("real")
    files.write_named(link, b"new")
    assert ((tmp_path / "real").read_bytes(), link.is_symlink()) == (b"new", True)


def test_nothing_but_a_file_is_written_over(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    circle = tmp_path / "circle"
    circle.symlink_to("circle")
    for there in (tmp_path, pipe):
        with pytest.raises(InvalidInput, match="is no file that could be written anew"):
            files.write_named(there, b"x")
    assert pipe.is_fifo()
    for there, why in ((tmp_path / ("x" * 300), "File name too long"), (circle, "Too many levels")):
        with pytest.raises(StorageFailed, match=f"could not be written: {why}"):
            files.write_named(there, b"x")


def test_a_file_is_shared_as_other_files_are(tmp_path: Path) -> None:
    path, plain = tmp_path / "a", tmp_path / "b"
    files.write_atomically(path, b"x")
    plain.write_bytes(b"x")
    assert path.stat().st_mode == plain.stat().st_mode


def test_everything_is_on_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("replace"), replace(a, b)))
    files.write_atomically(tmp_path / "a", b"x")
    assert done == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOSPC, "Free some space and save again."),
        (errno.EFBIG, "raise the limit"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "ask for the permission"),
        (errno.EIO, "Check the disk"),
    ],
)
def test_what_the_system_refuses_leaves_the_old_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int, told: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    path = tmp_path / "file.yaml"
    files.write_atomically(path, b"old")
    monkeypatch.setattr(os, step, refuse)
    with pytest.raises(StorageFailed) as caught:
        files.write_atomically(path, b"new")
    assert caught.value.cause == f"file.yaml could not be written: {os.strerror(code)}."
    assert told in caught.value.next_step
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.yaml"]


def test_move(tmp_path: Path) -> None:
    source, target = tmp_path / "a" / "file", tmp_path / "b" / "c" / "file"
    files.write_atomically(source, b"x")
    files.move(source, target)
    assert target.read_bytes() == b"x"
    assert not source.exists()
    with pytest.raises(StorageFailed, match="file could not be written: No such file"):
        files.move(source, target)


def test_sweep_takes_half_written_files_only(tmp_path: Path) -> None:
    for name in (f"{files.TEMPORARY_PREFIX}abc", "kept.yaml", ".hidden"):
        (tmp_path / name).write_bytes(b"x")
    files.sweep(tmp_path)
    files.sweep(tmp_path / "not-there")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".hidden", "kept.yaml"]
