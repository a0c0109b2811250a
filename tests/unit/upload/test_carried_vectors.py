"""Vectors that a record brings along serve only where they are right."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from services.importing import proving
from services.records import record_format
from tests.doubles import TinyEmbedder, TinyWorkbench, record, script
from tests.unit.upload.uploading import CALM, everything, reviewed, row_of


def record_file(script_id: str, text: str, title: str, *, of: str = "") -> bytes:
    """A record's file whose body has the vectors of its own words, or those of other words."""
    made = record(script(script_id, "awakening", text=text, title=title))
    if not of:
        return record_format.encode(made)
    assert made.vectors is not None
    values = made.vectors.values.copy()
    values[1:] = TinyEmbedder().embed_query(of)
    return record_format.encode(replace(made, vectors=replace(made.vectors, values=values)))


def test_vectors_that_a_record_brings_serve_only_itself_and_only_when_they_are_right(
    bench: TinyWorkbench, root: Path
) -> None:
    embedder = bench.made["tiny"]
    assert isinstance(embedder, TinyEmbedder)
    words = "Sleep now and rest. Morning comes and you wake."
    wrong = record_file("wrong", words, "Wrong", of="Zzz zzz.")
    embedder.asked.clear()
    review = reviewed(bench, {"a.yaml": wrong, "b.txt": f"title: Mine\nsection: awakening\n---\n{words}"})
    assert proving.ANEW in row_of(review, "a.yaml").suspicions
    assert proving.ANEW not in row_of(review, "b.txt").suspicions
    bench.add_upload(review, everything(review))
    right = record(script("mine", "awakening", text=words, title="Mine")).vectors
    assert right is not None
    for script_id in ("wrong", "mine"):
        kept = bench.catalogue.records[script_id].vectors
        assert kept is not None
        # The cards have other titles; the bodies are the same words.
        assert np.array_equal(kept.values[1:], right.values[1:])
    assert sorted(set(embedder.asked)) == sorted(embedder.asked)


def test_vectors_that_are_right_are_taken_and_not_made_again(bench: TinyWorkbench) -> None:
    embedder = bench.made["tiny"]
    assert isinstance(embedder, TinyEmbedder)
    sentences = [f"{name} is one of the winds." for name in ("Ostria", "Tramontana", "Ponente", "Levante", "Libeccio")]
    data = record_file("winds", " ".join(sentences), "Winds")
    embedder.asked.clear()
    review = reviewed(bench, {"winds.yaml": data})
    # Of five passages two are made to compare, and the card.
    assert len(embedder.asked) == 3
    assert proving.ANEW not in review.rows[0].suspicions
    assert bench.add_upload(review, {0}).created == ("winds",)
    assert len(embedder.asked) == 3


def test_what_is_stored_wins_over_what_comes(bench: TinyWorkbench) -> None:
    same = bench.catalogue.records["calm-lake"]
    data = record_file("calm-again", CALM, "Calm again", of="Zzz zzz.")
    review = reviewed(bench, {"again.yaml": data})
    bench.add_upload(review, {0})
    kept = bench.catalogue.records["calm-again"].vectors
    assert kept is not None
    assert same.vectors is not None
    assert np.array_equal(kept.values[1:], same.vectors.values[1:])
