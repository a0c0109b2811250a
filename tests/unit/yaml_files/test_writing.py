"""Writers: half-written files, many threads, a full disk, a folder of somebody else."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import StorageFailed
from services.records.yaml_files import YamlRecordStore
from tests.doubles import record, script, store_of
from tests.unit.yaml_files.stored import assert_manifest_holds, path_of, put


def test_what_could_not_be_read_back_is_not_written(root: Path, store: YamlRecordStore) -> None:
    before = path_of(root, "induction/one").read_bytes()
    with pytest.raises(Exception, match="digest does not fit"):
        put(store, Record(replace(script("one"), title="  not normalised ")))
    assert path_of(root, "induction/one").read_bytes() == before


def test_half_written_files_are_swept_away_by_the_next_writer(root: Path, store: YamlRecordStore) -> None:
    left = [root / ".writing-a", root / "records" / "induction" / ".writing-b", root / "questionnaires" / ".writing-c"]
    for path in left:
        path.write_bytes(b"half")
    assert store.catalogue().broken == ()
    with store.writing("testing"):
        assert not any(path.exists() for path in left)


def test_progress_is_told(store: YamlRecordStore) -> None:
    told: list[tuple[int, int]] = []
    with store.writing("testing"):
        store.put([record(script("a")), record(script("b"))], lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_readers_and_writers_in_many_threads(root: Path, store: YamlRecordStore) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                put(store, record(script(f"t{number}", text=f"Turn {turn}.")))
                assert store.catalogue().records[f"t{number}"].script.text == f"Turn {turn}."
        except BaseException as error:  # noqa: BLE001  told below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.catalogue().records) == 7
    assert_manifest_holds(root)


FULL_DISK = """
import resource, sys, pathlib
from services.errors import StorageFailed
from tests.doubles import record, script, store_of
store = store_of(pathlib.Path(sys.argv[1]))
big = record(script("one", text="A long and winding sentence. " * 2000))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with store.writing("saving"):
        store.put([record(script("two", text="Small.")), big])
except StorageFailed as error:
    print(error.cause, error.next_step)
print(sorted(store.catalogue().records), store.catalogue().broken, store.catalogue().unmanifested)
"""
READ_ONLY = """
import os, sys, pathlib
from services.errors import StorageFailed
from tests.doubles import store_of
root = pathlib.Path(sys.argv[1])
# From inside: the folders above belong to somebody else.
os.chdir(root.parent)
os.setgid(65534)
os.setuid(65534)
store = store_of(pathlib.Path(root.name))
print(store.writable, sorted(store.catalogue().records))
try:
    with store.writing("saving"):
        pass
except StorageFailed as error:
    print(error)
"""


def run(program: str, root: Path) -> list[str]:
    """In a process of its own, which gives up rights that it cannot get back."""
    told = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_full_disk_keeps_the_old_bytes_and_states_what_was_stored(root: Path) -> None:
    before = path_of(root, "induction/one").read_bytes()
    told, after = run(FULL_DISK, root)
    assert told == (
        "one.yaml could not be written: File too large. "
        "The system limits how large a file may be; raise the limit and save again."
    )
    assert after == "['one', 'three', 'two'] () ()"
    assert path_of(root, "induction/one").read_bytes() == before
    assert store_of(root).catalogue().records["two"].script.text == "Small."
    assert list((root / "records").rglob(".writing-*")) == []


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_a_workspace_of_somebody_else_is_read_and_not_written(root: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    told = run(READ_ONLY, root)
    assert told[0] == "False ['one', 'three', 'two']"
    assert told[1] == (
        "The workspace workspace is read-only. "
        "Copy it to a folder where you may write, and open it there with --workspace."
    )


@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_workspace_is_read_and_not_written(root: Path, store: YamlRecordStore) -> None:
    root.chmod(0o555)
    try:
        assert len(store.catalogue().records) == 3
        with pytest.raises(StorageFailed, match="is read-only"), store.writing("saving"):
            pass
    finally:
        root.chmod(0o755)


def test_paths_of_a_workspace(root: Path) -> None:
    assert Paths(root).lock == root / ".writer.lock"
