"""What is read of a Chroma folder, and of what is none."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.errors import NotFound, StoreUnreadable
from services.stores.chroma_folder import ChromaFolder
from tests.contracts.chroma_folder.folders import plain, read, refused
from tests.strangers import make_chroma, tamper


@pytest.mark.cold
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
