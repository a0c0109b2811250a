"""What only a stored index can get wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from services.domain.scripts import Record
from services.errors import IndexBroken
from services.indexes.chroma import ChromaIndex
from services.ports import VectorIndex
from services.sync import sync
from services.vectors import DEFAULT_POLICY
from tests.contracts.indexing import EAST, NORTH, SOUTH, TWO, WEST, S, put, scores
from tests.doubles import bare_record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "chroma"


def opened(folder: Path) -> ChromaIndex:
    return ChromaIndex(folder, DEFAULT_POLICY.card)


@contextmanager
def behind_its_back(folder: Path) -> Iterator[chromadb.Collection]:
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    yield client.get_or_create_collection(f"section-{S}", embedding_function=None)
    client.close()


def test_reopened_it_says_the_same(folder: Path) -> None:
    rng = np.random.default_rng(5)
    records = [bare_record(f"s{i}", rng.normal(size=(3, 8)).tolist()) for i in range(30)]
    index = opened(folder)
    put(index, *records)
    vector = rng.normal(size=8).astype(np.float32)
    before = index.digests(S), index.stamp(S), index.count(S), index.score(S, vector)
    index.close()
    again = opened(folder)
    assert (again.digests(S), again.stamp(S), again.count(S)) == before[:3]
    assert again.score(S, vector).scripts == before[3].scripts
    np.testing.assert_allclose(again.score(S, vector).passage_distances, before[3].passage_distances, atol=1e-6)
    assert again.prove(S, records) == []
    again.close()


def test_more_rows_than_one_page_are_read_back(folder: Path) -> None:
    rng = np.random.default_rng(3)
    records = [bare_record(f"s{i:03}", rng.normal(size=(60, 2)).tolist()) for i in range(100)]
    index = opened(folder)
    put(index, *records)
    index.close()
    assert dict(opened(folder).digests(S)) == {r.script.id: r.digest for r in records}


@pytest.mark.parametrize("lost", [["one#0"], ["one#1"], ["one#2"], ["one#0", "one#1"]], ids=" ".join)
def test_a_script_whose_rows_are_not_all_there_is_written_again(folder: Path, lost: list[str]) -> None:
    records = [bare_record("one", [EAST, NORTH, WEST]), bare_record("two", [SOUTH])]
    index = opened(folder)
    put(index, *records)
    index.close()
    with behind_its_back(folder) as collection:
        collection.delete(ids=lost)
    index = opened(folder)
    assert dict(index.digests(S)) == {"one": "", "two": records[1].digest}
    assert sync_with(index, records).upserted == 1
    assert dict(index.digests(S)) == {r.script.id: r.digest for r in records}
    assert index.count(S) == 4


def test_a_script_that_is_partly_of_an_older_version_is_written_again(folder: Path) -> None:
    old, new = bare_record("one", [EAST, NORTH]), bare_record("one", [WEST, NORTH])
    index = opened(folder)
    put(index, old)
    index.close()
    metadata = {"script": "one", "record": new.digest, "passages": 2, "status": "approved"}
    with behind_its_back(folder) as collection:
        collection.upsert(["one#0"], np.array([WEST]), [metadata], ["x"])
    index = opened(folder)
    assert dict(index.digests(S)) == {"one": ""}
    sync_with(index, [new])
    assert scores(index, *WEST) == {"one": 0}


def test_what_keeps_its_vector_and_its_words_is_only_told_of_again(folder: Path) -> None:
    """A vector costs Chroma's graph sixteen times what the rest of a row costs."""
    spread = np.random.default_rng(7).normal(size=(3, 8)).tolist()
    first = bare_record("one", spread, title="One")
    index = opened(folder)
    put(index, first, bare_record("two", spread[:1]))
    index.close()
    index = opened(folder)

    def written(record: Record) -> list[str]:
        with mock.patch.object(chromadb.Collection, "upsert", autospec=True) as upsert:
            upsert.side_effect = real
            put(index, record)
        return [row for call in upsert.call_args_list for row in call.args[1]]

    real = chromadb.Collection.upsert
    draft = bare_record("one", spread, title="One", status="draft")
    assert written(draft) == []
    assert written(bare_record("one", spread, title="Another")) == ["one#0"]
    assert written(bare_record("one", [*spread[:2], spread[0]], title="Another")) == ["one#2"]
    last = bare_record("one", spread[:2], title="Another", status="retired")
    assert written(last) == []
    index.close()
    index = opened(folder)
    assert index.digests(S)["one"] == last.digest
    assert (index.count(S), index.prove(S, [last])) == (3, [])
    index.close()
    with behind_its_back(folder) as collection:
        held = collection.get(ids=["one#0", "one#1"])
    assert [m["status"] for m in held["metadatas"]] == ["retired"] * 2
    assert held["documents"][0].startswith("Another")


def test_a_vector_changed_behind_its_back_is_found_by_asking_for_it(folder: Path) -> None:
    records = [bare_record("one", [EAST, NORTH]), bare_record("two", [WEST])]
    index = opened(folder)
    put(index, *records)
    index.close()
    with behind_its_back(folder) as collection:
        collection.update(ids=["one#1"], embeddings=np.array([SOUTH]))
    index = opened(folder)
    assert index.prove(S, records) == ["The passage one#1 is not found by its own vector."]


def test_rows_added_behind_its_back_are_found_by_counting(folder: Path) -> None:
    record = bare_record("one", [EAST])
    index = opened(folder)
    put(index, record)
    with behind_its_back(folder) as collection:
        collection.add(["two#0"], np.array([WEST]), [{"script": "two"}], ["x"])
    assert index.prove(S, [record]) == ["Chroma counts 2 passages where 1 were read."]


def test_passages_that_say_the_same_are_no_finding(folder: Path) -> None:
    records = [bare_record(f"s{i}", [EAST, EAST]) for i in range(20)]
    index = opened(folder)
    put(index, *records)
    assert index.prove(S, records) == []


def test_a_row_that_is_not_ours_is_an_error_with_a_next_step(folder: Path) -> None:
    index = opened(folder)
    put(index, bare_record("one", [EAST]))
    index.close()
    with behind_its_back(folder) as collection:
        collection.add(["row 7"], np.array([WEST]), [{"a": "b"}], ["x"])
    with pytest.raises(IndexBroken, match="'row 7' is not one of ours") as caught:
        opened(folder).digests(S)
    assert caught.value.next_step == "Rebuild the index."


def test_a_collection_without_our_stamp_has_none(folder: Path) -> None:
    with behind_its_back(folder):
        pass
    assert opened(folder).stamp(S) is None


def test_a_folder_that_is_none_is_an_error_with_a_next_step(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(IndexBroken, match="cannot be opened") as caught:
        opened(folder)
    assert caught.value.next_step == "Rebuild the index."


def test_scores_made_while_another_thread_writes_are_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.indexes import chroma  # noqa: PLC0415

    index = opened(folder)
    put(index, bare_record("one", [EAST]))
    make_matrix = chroma.SectionMatrix.of

    def write_meanwhile(rows: object) -> object:
        matrix = make_matrix(rows)
        monkeypatch.setattr(chroma.SectionMatrix, "of", make_matrix)
        put(index, bare_record("two", [WEST]))
        return matrix

    monkeypatch.setattr(chroma.SectionMatrix, "of", write_meanwhile)
    scores(index, *EAST)
    assert scores(index, *EAST) == {"one": 0, "two": 2}


def sync_with(index: VectorIndex, records: list[Record]):
    from services.ports import Catalogue  # noqa: PLC0415

    catalogue = Catalogue({r.script.id: r for r in records})
    return sync(catalogue, index, [S], TWO)
