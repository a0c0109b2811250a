"""Canaries on disk: every bit comes back, and a file that cannot be trusted is told and never used."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.canaries import SENTENCES, Canaries, cosines, min_cosine
from services.ground import yaml_text
from services.records import canary_files
from services.records.canary_files import YamlCanaryStore, encode
from services.vectors import embed_canaries
from tests.doubles import TinyEmbedder

WHEN = "2026-11-21T10:00:00.000Z"


@pytest.fixture
def canaries() -> Canaries:
    return embed_canaries(TinyEmbedder(), WHEN)


@pytest.fixture
def store(tmp_path) -> YamlCanaryStore:
    return YamlCanaryStore(tmp_path / "canaries")


def test_they_come_back_as_they_were(store, canaries) -> None:
    other = replace(canaries, model_digest="f" * 64, documents=canaries.documents * np.float32(0.1))
    store.put(canaries)
    store.put(other)
    found, broken = store.all()
    assert (set(found), broken) == ({canaries.model_digest, "f" * 64}, ())
    again = found[canaries.model_digest]
    assert (again.model_name, again.recorded, again.sentences) == ("tiny", WHEN, SENTENCES)
    assert again.documents.tobytes() == canaries.documents.tobytes()
    assert again.questions.tobytes() == canaries.questions.tobytes()
    assert found["f" * 64].documents.tobytes() == other.documents.tobytes()
    assert encode(again) == encode(canaries)


def test_none_were_recorded(store) -> None:
    assert store.all() == ({}, ())


def changed(**more: object):
    return lambda data: yaml_text.dump(yaml_text.load(data, source="x") | more)


DAMAGES = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "no-utf8": lambda data: b"\xff\xfe" + data,
    "no-yaml": lambda data: b"format: [",
    "another-format": changed(format="scriptorium-canaries/2"),
    "a-key-more": changed(colour="red"),
    "a-list": lambda data: b"- a\n- b\n",
    "no-list-of-sentences": changed(sentences="one"),
    "a-sentence-less": changed(sentences=list(SENTENCES[:-1])),
    "no-sentence": changed(sentences=[]),
    "more-dimensions": changed(dimensions="9"),
    "no-dimensions": changed(dimensions="0"),
    "dimensions-no-number": changed(dimensions="many"),
    "no-base64": changed(documents="***"),
    "not-a-number": changed(documents="AADAfw" * 54),
    "a-nested-name": changed(model=["a"]),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_told_and_not_used(store, canaries, tmp_path, kind: str) -> None:
    store.put(canaries)
    (path,) = (tmp_path / "canaries").iterdir()
    path.write_bytes(DAMAGES[kind](path.read_bytes()))
    found, (broken,) = store.all()
    assert found == {}
    assert broken.path == f"canaries/{path.name}"
    assert broken.path in broken.cause
    assert broken.cause.endswith((".", ". "))
    assert broken.next_step


def test_nan_is_no_canary(store, canaries, tmp_path) -> None:
    canaries.questions[0, 0] = np.nan
    store.put(canaries)
    found, (broken,) = store.all()
    assert found == {}
    assert "NaN" in broken.cause


def test_a_file_under_another_models_name_is_told_and_not_used(store, canaries, tmp_path) -> None:
    store.put(canaries)
    (path,) = (tmp_path / "canaries").iterdir()
    path.rename(path.with_stem("0" * 64))
    found, (broken,) = store.all()
    assert found == {}
    assert "holds the canaries of another model" in broken.cause


def test_one_damaged_file_does_not_hide_the_others(store, canaries, tmp_path) -> None:
    store.put(canaries)
    (tmp_path / "canaries" / "x.yaml").write_text("format: [")
    (tmp_path / "canaries" / ".writing-abc.yaml").write_text("half")
    found, broken = store.all()
    assert (set(found), [b.path for b in broken]) == ({canaries.model_digest}, ["canaries/x.yaml"])


# By hand: (1, 0) and (0.6, 0.8) have a cosine of 0.6, lengths do not count, (1, 0) and (-2, 0) have -1.
def test_the_worst_of_documents_and_questions_counts(canaries) -> None:
    def made(documents, questions) -> Canaries:
        return replace(canaries, documents=np.float32(documents), questions=np.float32(questions))

    then = made([(1, 0), (0, 1)], [(1, 0), (1, 0)])
    assert min_cosine(then, then) == pytest.approx(1)
    assert min_cosine(then, made([(1, 0), (0, 3)], [(6, 8), (1, 0)])) == pytest.approx(0.6)
    assert min_cosine(then, made([(-2, 0), (0, 1)], [(1, 0), (1, 0)])) == pytest.approx(-1)
    assert min_cosine(then, made([(1, 0, 0), (0, 1, 0)], [(1, 0, 0), (1, 0, 0)])) == 0


def test_a_cosine_with_nothing_is_none() -> None:
    rows = np.float32([(0, 0), (np.nan, 1), (np.inf, 1), (3e38, 3e38)])
    found = cosines(rows, np.float32([(1, 1)] * 4))
    np.testing.assert_allclose(found, [0, 0, 0, 1], atol=1e-6)


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path, monkeypatch):
    read = []
    original = canary_files._read
    monkeypatch.setattr(canary_files, "_read", lambda path: read.append(path.name) or original(path))
    store = YamlCanaryStore(tmp_path)
    (tmp_path / "one.yaml").write_text("format: [")

    assert [broken.path for broken in store.all()[1]] == ["canaries/one.yaml"]
    assert [broken.path for broken in store.all()[1]] == ["canaries/one.yaml"]
    assert read == ["one.yaml"]

    (tmp_path / "one.yaml").write_text("format: other")
    (tmp_path / "two.yaml").write_text("format: other")
    assert len(store.all()[1]) == 2
    assert read == ["one.yaml", "one.yaml", "two.yaml"]
    (tmp_path / "one.yaml").unlink()
    assert [broken.path for broken in store.all()[1]] == ["canaries/two.yaml"]
