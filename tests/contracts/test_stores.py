"""Stores that somebody else made: what every adapter tells of them, and what a Chroma folder can do to its reader."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.errors import NotFound, StoreUnreadable
from services.ports import StrangerStore
from services.stores import chroma_copy
from services.stores.chroma_folder import ChromaFolder
from tests.strangers import Given, make_chroma, tamper, untouched

ROOT = Path(__file__).parents[2]
EAST, NORTH, WEST = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)
Make = Callable[[Mapping[str, Given]], StrangerStore]


def plain(count: int = 3, dimensions: int = 2, **more: object) -> Given:
    vectors = np.random.default_rng(5).normal(size=(count, dimensions)).astype(np.float32)
    return Given(vectors, [f"Text {number}." for number in range(count)], **more)


@pytest.fixture(params=["chroma"])
def make(request: pytest.FixtureRequest, tmp_path: Path):
    """Fills a store of each kind and opens it."""
    opened: list[StrangerStore] = []

    def fill(collections: Mapping[str, Given]) -> StrangerStore:
        assert request.param == "chroma"
        opened.append(ChromaFolder(make_chroma(tmp_path / "stranger", collections)))
        return opened[-1]

    yield fill
    for store in opened:
        store.close()


def test_collections_come_by_name_with_size_dimensions_and_distance(make: Make) -> None:
    store = make({"b-two": plain(4, 3, distance="l2"), "a-one": plain(2, 5), "c-three": plain(1, 2, distance="ip")})
    told = [(c.name, c.count, c.dimensions, c.distance) for c in store.collections()]
    assert told == [("a-one", 2, 5, "cosine"), ("b-two", 4, 3, "l2"), ("c-three", 1, 2, "ip")]


def test_rows_are_what_was_put_in(make: Make) -> None:
    given = Given(
        np.array([EAST, NORTH, WEST], np.float32),
        ["Breathe.", "Ünïcödé 深呼吸 🙂\n\nlet go", "Rest."],
        ids=["one", "two", "three"],
        metadatas=[{"author": "A"}, {"page": 7}, {"kept": True}],
    )
    store = make({"scripts": given})
    rows = store.rows("scripts", 100)
    assert rows.ids == ("one", "two", "three")
    assert rows.documents == tuple(given.documents)
    assert rows.vectors.dtype == np.float32
    np.testing.assert_array_equal(rows.vectors, given.vectors)
    assert [dict(told) for told in rows.metadatas] == [{"author": "A"}, {"page": "7"}, {"kept": "True"}]


def test_a_row_without_a_document_has_none(make: Make) -> None:
    store = make({"scripts": Given(np.array([EAST, NORTH, WEST], np.float32), ["Breathe.", None, "Rest."])})
    rows = store.rows("scripts", 100)
    assert dict(zip(rows.ids, rows.documents, strict=True)) == {
        "row-0000": "Breathe.",
        "row-0001": None,
        "row-0002": "Rest.",
    }
    found = dict(zip(rows.ids, rows.vectors.tolist(), strict=True))
    assert found == {"row-0000": list(EAST), "row-0001": list(NORTH), "row-0002": list(WEST)}


def test_fewer_rows_than_there_are_come_spread_evenly(make: Make) -> None:
    store = make({"scripts": plain(2_500)})
    assert store.rows("scripts", 5).ids == ("row-0000", "row-0500", "row-1000", "row-1500", "row-2000")
    assert len(store.rows("scripts", 2_400).ids) == 2_400
    assert len(store.rows("scripts", 9_999).ids) == 2_500


def test_a_collection_that_is_not_there_is_not_found(make: Make) -> None:
    store = make({"scripts": plain()})
    with pytest.raises(NotFound, match="no collection 'others'"):
        store.rows("others", 10)


def test_it_can_be_closed_twice_and_asked_again(make: Make) -> None:
    store = make({"scripts": plain()})
    first = store.rows("scripts", 10).ids
    store.close()
    store.close()
    assert store.rows("scripts", 10).ids == first


# What only a Chroma folder can do.


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where copies are made; empty afterwards, whatever happened."""
    made = tmp_path / "room"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    yield made
    assert list(made.iterdir()) == []


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two collections, large enough for index files of their own."""
    folder = tmp_path_factory.mktemp("pattern") / "stranger"
    return make_chroma(folder, {"one": plain(1_200, 8), "two": plain(1_200, 8)})


@pytest.fixture
def folder(tmp_path: Path, room: Path, pattern: Path) -> Path:
    """A folder of one's own to break."""
    return Path(shutil.copytree(pattern, tmp_path / "stranger"))


def read(folder: Path, limit: int = 10_000, patience: float = 120) -> dict[str, object]:
    """Rows of every collection; the folder itself is untouched, however that ends."""
    with untouched(folder), closing(ChromaFolder(folder, patience)) as store:
        return {collection.name: store.rows(collection.name, limit) for collection in store.collections()}


def refused(folder: Path, *words: str, **more: float) -> StoreUnreadable:
    with pytest.raises(StoreUnreadable) as caught:
        read(folder, **more)
    for word in words:
        assert word in caught.value.cause
    assert caught.value.next_step
    return caught.value


def segment_files(folder: Path, name: str) -> list[Path]:
    found = sorted(folder.glob(f"*/{name}"))
    assert len(found) == 2
    return found


def test_what_is_read_of_a_folder_with_index_files(folder: Path) -> None:
    rows = read(folder)["two"]
    assert len(rows.ids) == 1_200
    np.testing.assert_allclose(rows.vectors, plain(1_200, 8).vectors, rtol=1e-5)


def test_a_read_only_folder_is_read(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o555)
    assert len(read(folder)["one"].ids) == 1_200


def test_claims_are_told_by_where_they_are_made(tmp_path: Path, room: Path) -> None:
    told = {"embedding_model": "some-model", "scriptorium_model_digest": "00ff", "owner": "Ada", "model": "x", "n": 3}
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain(metadata=told)})
    with closing(ChromaFolder(folder)) as store:
        (found,) = store.collections()
    assert found.claims == {
        "metadata.embedding_model": "some-model",
        "metadata.scriptorium_model_digest": "00ff",
        "metadata.model": "x",
    }


@pytest.mark.parametrize(
    ("function", "claim"),
    [
        ({"type": "known", "name": "default", "config": {}}, "default"),
        (
            {"type": "known", "name": "openai", "config": {"model_name": "text-embedding-ada-002"}},
            "text-embedding-ada-002",
        ),
    ],
    ids=["chroma's own", "openai"],
)
def test_the_embedding_function_is_a_claim(tmp_path: Path, room: Path, function: dict, claim: str) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain()})
    told = json.dumps({"hnsw": {"space": "l2"}, "embedding_function": function})
    tamper(folder, f"UPDATE collections SET config_json_str = '{told}', schema_str = NULL")
    with closing(ChromaFolder(folder)) as store:
        (found,) = store.collections()
    assert found.claims == {"embedding_function": claim}
    assert found.distance == "l2"


def test_an_empty_store_holds_nothing(tmp_path: Path, room: Path) -> None:
    assert read(make_chroma(tmp_path / "stranger", {})) == {}


def test_an_empty_collection_has_no_rows(tmp_path: Path, room: Path) -> None:
    rows = read(make_chroma(tmp_path / "stranger", {"scripts": plain(0)}))["scripts"]
    assert (rows.ids, rows.documents, len(rows.vectors)) == ((), (), 0)


def test_other_databases_in_the_folder_are_read_too(tmp_path: Path, room: Path) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain()})
    code = (
        "import chromadb, sys; from chromadb.config import Settings\n"
        "s = Settings(anonymized_telemetry=False, is_persistent=True, persist_directory=sys.argv[1])\n"
        "chromadb.AdminClient(s).create_database('second')\n"
        "c = chromadb.PersistentClient(sys.argv[1], Settings(anonymized_telemetry=False), database='second')\n"
        "c.create_collection('scripts', embedding_function=None).add(['x'], [[1.0, 2.0, 3.0]])\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    found = read(folder)
    assert list(found) == ["scripts", "second/scripts"]
    assert found["second/scripts"].vectors.tolist() == [[1, 2, 3]]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for wrong in (tmp_path / "nowhere", tmp_path / "a\0b"):
        with pytest.raises(NotFound, match="There is no folder"):
            ChromaFolder(wrong).collections()


def test_a_file(tmp_path: Path, room: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("words")
    with pytest.raises(StoreUnreadable, match="is a file, not a folder"):
        ChromaFolder(path).collections()
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain()})
    with pytest.raises(StoreUnreadable) as caught:
        ChromaFolder(folder / "chroma.sqlite3").collections()
    assert caught.value.next_step == f"Give the folder that it lies in: {folder}"


def test_a_folder_of_something_else(tmp_path: Path, room: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"meow")
    refused(folder, "is no Chroma folder: it has no chroma.sqlite3")


def test_a_folder_around_a_chroma_folder_is_told_which(tmp_path: Path, room: Path) -> None:
    inner = make_chroma(tmp_path / "outer" / "derived" / "chroma", {"scripts": plain()})
    assert refused(tmp_path / "outer", "no Chroma folder").next_step == f"Did you mean {inner}?"


def test_a_folder_from_before_chroma_0_4(tmp_path: Path, room: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "chroma-collections.parquet").write_bytes(b"PAR1")
    refused(folder, "before 0.4")


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "is empty"), (b"not a database at all", "is no SQLite database")],
    ids=["empty", "words"],
)
def test_a_database_that_is_none(tmp_path: Path, room: Path, content: bytes, word: str) -> None:
    folder = tmp_path / "stranger"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(content)
    refused(folder, word)


def test_a_database_of_something_else(tmp_path: Path, room: Path) -> None:
    folder = tmp_path / "stranger"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        database.execute("CREATE TABLE recipes (soup TEXT)")
    refused(folder, "a database of something else")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_database(folder: Path, share: float) -> None:
    path = folder / "chroma.sqlite3"
    os.truncate(path, int(path.stat().st_size * share))
    refused(folder, "chroma.sqlite3 is damaged")


def test_a_schema_that_cannot_be_opened(folder: Path) -> None:
    tamper(folder, "ALTER TABLE collections RENAME COLUMN dimension TO measure")
    refused(folder, "of a version of Chroma that cannot be opened here")


@pytest.mark.parametrize("name", ["data_level0.bin", "header.bin", "length.bin", "link_lists.bin"])
@pytest.mark.parametrize("size", [None, 0, 0.5], ids=["gone", "empty", "half"])
def test_index_files_that_are_cut_short(folder: Path, name: str, size: float | None) -> None:
    for path in segment_files(folder, name):
        if size is None:
            path.unlink()
        else:
            os.truncate(path, int(path.stat().st_size * size))
    refused(folder, f"the index file {name} is")


@pytest.mark.parametrize("seed", range(3))
def test_index_files_of_noise(folder: Path, seed: int) -> None:
    """Of some of these Chroma's process dies, of others it says something; ours goes on either way."""
    random = np.random.default_rng(seed)
    for path in segment_files(folder, "data_level0.bin"):
        path.write_bytes(random.bytes(path.stat().st_size))
    refused(folder, "is damaged")


def test_a_reader_that_dies_is_told_with_its_code(folder: Path) -> None:
    with untouched(folder), closing(ChromaFolder(folder)) as store:
        store.collections()
        assert store._child is not None
        store._child.send_signal(signal.SIGSEGV)
        with pytest.raises(StoreUnreadable, match=r"The collection 'one' in .* died with code -11") as caught:
            store.rows("one", 10)
    assert "It was not changed" in caught.value.next_step


def test_index_files_that_are_gone_altogether(folder: Path) -> None:
    for path in segment_files(folder, "header.bin"):
        for inner in path.parent.iterdir():
            inner.unlink()
        path.parent.rmdir()
    refused(folder, "is damaged")


def test_a_reader_that_hangs_is_given_up(folder: Path) -> None:
    refused(folder, "could not be read within 0.05 seconds", patience=0.05)


def test_a_vector_that_is_missing_or_broken_is_nan_and_the_others_are_there(tmp_path: Path, room: Path) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain(40, 2)})
    nan = np.array([np.nan, 1], "<f4").tobytes().hex()
    tamper(
        folder,
        "DELETE FROM embeddings_queue WHERE id = 'row-0007'",
        f"UPDATE embeddings_queue SET vector = x'{nan}' WHERE id = 'row-0009'",
    )
    rows = read(folder)["scripts"]
    assert rows.ids == tuple(f"row-{number:04d}" for number in range(40))
    bad = ~np.isfinite(rows.vectors).all(axis=1)
    assert [row for row, wrong in zip(rows.ids, bad, strict=True) if wrong] == ["row-0007", "row-0009"]
    assert np.isnan(rows.vectors[7]).all()
    # Chroma keeps directions and lengths apart where the distance is cosine, and puts them together when asked.
    np.testing.assert_allclose(rows.vectors[~bad], plain(40, 2).vectors[~bad], rtol=1e-6)


def test_a_document_that_is_no_text_is_none(tmp_path: Path, room: Path) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain(3)})
    tamper(
        folder,
        "UPDATE embedding_metadata SET string_value = NULL, int_value = 7 "
        "WHERE key = 'chroma:document' AND string_value = 'Text 1.'",
    )
    assert read(folder)["scripts"].documents == ("Text 0.", None, "Text 2.")


# Other processes that write meanwhile.


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


def test_beside_a_process_that_writes_a_whole_moment_is_read_or_nothing(tmp_path: Path, room: Path) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": plain(10, 2)})
    code = (
        "import chromadb, sys, time; from chromadb.config import Settings\n"
        "c = chromadb.PersistentClient(sys.argv[1], Settings(anonymized_telemetry=False))\n"
        "made = c.get_collection('scripts', embedding_function=None)\n"
        "print('on', flush=True)\n"
        "for n in range(100_000):\n"
        "    made.add([f'{n}-{i}' for i in range(10)], [[1.0, i] for i in range(10)]); time.sleep(0.02)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        seen = 0
        for _ in range(3):
            with closing(ChromaFolder(folder)) as store:
                try:
                    rows = store.rows("scripts", 100_000)
                except StoreUnreadable as error:
                    assert "Another process is writing" in error.cause  # noqa: PT017
                    continue
            assert len(rows.ids) % 10 == 0
            assert np.isfinite(rows.vectors).all()
            seen += 1
    finally:
        writer.kill()
        writer.wait()
    assert len(read(folder)["scripts"].ids) % 10 == 0
