"""Vectors that were paid for: found again by the text and by the space, and by nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.canaries import Canaries
from services.embedders.kept import KeptEmbeddings
from services.errors import StorageFailed
from services.vectors import embed_canaries
from tests.doubles import TinyEmbedder


@pytest.fixture
def cache(tmp_path: Path) -> KeptEmbeddings:
    return KeptEmbeddings(tmp_path / "embeddings")


def canaries(name: str = "tiny", turned: float = 0.0) -> Canaries:
    """Those of a tiny embedder; ``turned`` moves every vector by this much of its length into one direction."""
    made = embed_canaries(TinyEmbedder(name), "2026-11-21T04:00:00Z")
    away = np.zeros_like(made.documents[0])
    away[0] = turned * np.linalg.norm(made.documents[0])
    return replace(made, documents=made.documents + away, questions=made.questions + away)


def vectors(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_a_vector_comes_back_bit_by_bit_for_its_exact_text(cache: KeptEmbeddings) -> None:
    kept = vectors([0.1, 1 / 3, -2e-38], [4, 5, 6])
    cache.space(canaries()).put(["Night.", "Tag: Mitternacht. 🌒"], kept)
    found = cache.space(canaries()).get(["Night.", "night.", "Night. ", "Tag: Mitternacht. 🌒"])
    assert set(found) == {"Night.", "Tag: Mitternacht. 🌒"}
    assert found["Night."].tobytes() == kept[0].tobytes()
    assert found["Tag: Mitternacht. 🌒"].tobytes() == kept[1].tobytes()


def test_noise_is_the_same_space_and_a_moved_model_is_another(cache: KeptEmbeddings) -> None:
    cache.space(canaries()).put(["Night."], vectors([1, 2]))
    noisy, moved = canaries(turned=0.01), canaries(turned=0.5)
    assert list(cache.space(noisy).get(["Night."])) == ["Night."]
    elsewhere = cache.space(moved)
    assert elsewhere.get(["Night."]) == {}
    elsewhere.put(["Night."], vectors([7, 8]))
    assert cache.space(moved).get(["Night."])["Night."].tolist() == [7, 8]
    assert cache.space(canaries()).get(["Night."])["Night."].tolist() == [1, 2]


def test_another_model_is_another_space_though_it_answers_alike(cache: KeptEmbeddings) -> None:
    cache.space(canaries()).put(["Night."], vectors([1, 2]))
    assert cache.space(canaries("other")).get(["Night."]) == {}


def test_a_space_is_found_by_name_with_its_first_canaries(cache: KeptEmbeddings) -> None:
    first = canaries()
    space = cache.space(first)
    assert cache.named(space.name) is None, "nothing is kept yet"
    space.put(["Night."], vectors([1, 2]))
    named = cache.named(space.name)
    assert named.get(["Night."])["Night."].tolist() == [1, 2]
    np.testing.assert_array_equal(named.canaries.documents, first.documents)
    np.testing.assert_array_equal(named.canaries.questions, first.questions)
    assert (named.canaries.recorded, named.canaries.sentences) == (first.recorded, first.sentences)
    assert cache.named(f"../{space.name}") is None


def test_what_records_carried_is_kept_apart_from_what_the_model_answered(cache: KeptEmbeddings) -> None:
    digest = TinyEmbedder().identity.digest
    cache.of_records(digest).put(["Night."], vectors([3, 4]))
    assert cache.space(canaries()).get(["Night."]) == {}
    assert cache.of_records(digest).canaries is None
    assert cache.known(digest, ["Night.", "Day."]) == {"Night."}
    assert cache.known(digest, ["Night.", "Day."], of_records=False) == set()
    cache.space(canaries()).put(["Day."], vectors([1, 2]))
    assert cache.known(digest, ["Night.", "Day."]) == {"Night.", "Day."}
    assert cache.known(digest, ["Night.", "Day."], of_records=False) == {"Day."}


def test_more_texts_than_a_question_to_the_file_takes(cache: KeptEmbeddings) -> None:
    texts = [f"Text {number}." for number in range(1203)]
    space = cache.space(canaries())
    space.put(texts, np.arange(2406, dtype=np.float32).reshape(1203, 2))
    found = space.get([*texts, "none"])
    assert len(found) == 1203
    assert found["Text 1202."].tolist() == [2404, 2405]


def test_a_deleted_folder_costs_what_was_in_it_and_nothing_else(cache: KeptEmbeddings, tmp_path: Path) -> None:
    space = cache.space(canaries())
    space.put(["Night."], vectors([1, 2]))
    for path in (tmp_path / "embeddings").iterdir():
        path.unlink()
    (tmp_path / "embeddings").rmdir()
    assert space.get(["Night."]) == {}
    space.put(["Night."], vectors([1, 2]))
    assert list(cache.space(canaries()).get(["Night."])) == ["Night."]


def test_a_file_that_a_killed_writer_left_empty_is_begun_anew(cache: KeptEmbeddings, tmp_path: Path) -> None:
    space = cache.space(canaries())
    (tmp_path / "embeddings").mkdir()
    (tmp_path / "embeddings" / f"{space.name}.sqlite").touch()
    assert space.get(["Night."]) == {}
    space.put(["Night."], vectors([1, 2]))
    assert cache.named(space.name).canaries is not None


def test_a_damaged_file_is_named_with_what_to_do(cache: KeptEmbeddings, tmp_path: Path) -> None:
    space = cache.space(canaries())
    space.put(["Night."], vectors([1, 2]))
    (tmp_path / "embeddings" / f"{space.name}.sqlite").write_bytes(b"no database at all" * 500)
    with pytest.raises(StorageFailed) as caught:
        space.get(["Night."])
    assert f"{space.name}.sqlite is damaged" in caught.value.cause
    assert f"Delete derived/embeddings/{space.name}.sqlite" in caught.value.next_step
