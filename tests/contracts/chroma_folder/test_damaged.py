"""A damaged Chroma folder takes its reader along and not us."""

import os
import signal
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.errors import StoreUnreadable
from services.stores.chroma_folder import ChromaFolder
from tests.contracts.chroma_folder.folders import plain, read, refused, segment_files
from tests.strangers import make_chroma, tamper, untouched


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_truncated_database(folder: Path, share: float) -> None:
    path = folder / "chroma.sqlite3"
    os.truncate(path, int(path.stat().st_size * share))
    refused(folder, "chroma.sqlite3 is damaged")


def test_a_schema_that_cannot_be_opened(folder: Path) -> None:
    tamper(folder, "ALTER TABLE collections RENAME COLUMN dimension TO measure")
    refused(folder, "of a version of Chroma that cannot be opened here")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("data_level0.bin", None),
        ("data_level0.bin", 0),
        *((name, 0.5) for name in ("data_level0.bin", "header.bin", "length.bin", "link_lists.bin")),
    ],
)
def test_index_files_that_are_cut_short(folder: Path, name: str, size: float | None) -> None:
    for path in segment_files(folder, name):
        if size is None:
            path.unlink()
        else:
            os.truncate(path, int(path.stat().st_size * size))
    refused(folder, f"the index file {name} is")


@pytest.mark.parametrize("seed", range(1))
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


@pytest.mark.cold
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
