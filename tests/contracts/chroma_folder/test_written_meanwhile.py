"""Other processes write to the folder while it is copied."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.domain.inspection import StoredRows
from services.errors import StoreUnreadable
from services.stores import chroma_copy
from services.stores.chroma_folder import ChromaFolder
from tests.contracts.chroma_folder.folders import plain, read, segment_files
from tests.strangers import make_chroma


def test_a_folder_that_keeps_changing_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_copy, "_WAITS", (0.01, 0.01))
    copy_file, copied = chroma_copy._copy_file, []

    def copy_and_change(source: Path, target: Path) -> str:
        copied.append(source.name)
        digest = copy_file(source, target)
        os.utime(source, ns=(len(copied), len(copied)))
        return digest

    monkeypatch.setattr(chroma_copy, "_copy_file", copy_and_change)
    with closing(ChromaFolder(folder)) as store, pytest.raises(StoreUnreadable) as caught:
        store.collections()
    assert caught.value.cause == f"Another process is writing to {folder}."
    assert copied.count("chroma.sqlite3") == 3


@pytest.mark.parametrize("how", ["grows", "same size and time", "goes away"])
def test_a_change_during_the_copy_is_seen_and_the_copy_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    database, copy_file, copied = folder / "chroma.sqlite3", chroma_copy._copy_file, []

    def copy_and_change(source: Path, target: Path) -> str:
        copied.append(source)
        digest = copy_file(source, target)
        if len(copied) == 1:
            stat = source.stat()
            with source.open("r+b") as file:
                if how == "grows":
                    file.seek(0, os.SEEK_END)
                    file.write(b"\0" * 4096)
                else:  # SQLite's count of changes: the database means the same with another one
                    file.seek(24)
                    file.write(b"\0\0\1\1")
            if how == "same size and time":
                os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            if how == "goes away":
                source.rename(source.with_name("gone"))
                source.with_name("gone").rename(source)
                (folder / segment_files(folder, "length.bin")[0].parent.name / "new.bin").write_bytes(b"")
        return digest

    monkeypatch.setattr(chroma_copy, "_copy_file", copy_and_change)
    with closing(ChromaFolder(folder)) as store:
        assert [c.count for c in store.collections()] == [1_200, 1_200]
    assert copied.count(database) == 2


# Adds ten rows whenever it is told to, and says when they are there.
WRITER = """
import chromadb, sys
from chromadb.config import Settings
client = chromadb.PersistentClient(sys.argv[1], Settings(anonymized_telemetry=False))
made = client.get_collection("scripts", embedding_function=None)
print("on", flush=True)
for n, _ in enumerate(sys.stdin):
    made.add([f"{n}-{i}" for i in range(10)], [[1.0, i] for i in range(10)])
    print("there", flush=True)
"""


def test_beside_a_process_that_writes_a_whole_moment_is_read_or_nothing(
    tmp_path: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain(10, 2)})
    monkeypatch.setattr(chroma_copy, "_WAITS", (0.01,) * 4)
    copy_file, left = chroma_copy._copy_file, [0]
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:

        def copy_while_it_writes(source: Path, target: Path) -> str:
            writes = source.name == chroma_copy.DATABASE and left[0] > 0
            if writes:
                left[0] -= 1
                writer.stdin.write("\n")
                writer.stdin.flush()
            digest = copy_file(source, target)
            assert not writes or writer.stdout.readline() == "there\n"
            return digest

        def read_while_it_writes(times: int) -> StoredRows:
            left[0] = times
            with closing(ChromaFolder(folder)) as store:
                return store.rows("scripts", 100_000)

        assert writer.stdout.readline() == "on\n"
        monkeypatch.setattr(chroma_copy, "_copy_file", copy_while_it_writes)
        # Ten rows, ten more for each time that it writes, and five times the database is copied at most.
        assert len(read_while_it_writes(1).ids) == 20
        assert len(read_while_it_writes(3).ids) == 50
        with pytest.raises(StoreUnreadable, match="Another process is writing"):
            read_while_it_writes(5)
        writer.stdin.close()
    rows = read(folder)["scripts"]
    assert len(rows.ids) == 100
    assert np.isfinite(rows.vectors).all()
