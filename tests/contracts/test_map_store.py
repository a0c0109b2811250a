"""Every store of maps: here the files below ``derived/map``."""

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.maps import Drawn, Map, Quality
from services.errors import StorageFailed
from services.ground import digests
from services.records.map_files import KEPT, MapFiles


def a_map(key: str = "aa", model: str = "model", note: str = "") -> Map:
    return Map(
        key=key,
        drawn=Drawn.UMAP,
        scripts=("one", "two", "three"),
        positions=np.array([[0, 1], [2.5, -3], [4, 5]], np.float32),
        digests=("d1", "d22", "d3"),
        fitted=np.array([True, False, True]),
        clusters=np.array([0, -1, 0]),
        model_digest=model,
        model_name="A model, même",
        quality=Quality(0.9, 0.5, 1, 3),
        seconds=1.25,
        note=note,
    )


def same(one: Map | None, other: Map) -> bool:
    arrays = ("positions", "fitted", "clusters")
    return one is not None and all(
        np.array_equal(getattr(one, name), value) if name in arrays else getattr(one, name) == value
        for name, value in vars(other).items()
        if name != "places"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "derived" / "map"


@pytest.fixture
def store(folder: Path) -> MapFiles:
    return MapFiles(folder)


def signed(archive: bytes) -> bytes:
    return archive + digests.of_bytes(archive).encode()


def aged(folder: Path) -> None:
    """Everything there was kept a minute earlier: clocks of file systems are coarse."""
    for path in folder.glob("*"):
        seen = path.stat().st_mtime - 60
        os.utime(path, (seen, seen))


def test_what_is_kept_comes_back_whole(store: MapFiles) -> None:
    store.put(a_map(note="A note."))
    found = store.get("aa")
    assert same(found, a_map(note="A note."))
    assert (found.positions.dtype, found.clusters.dtype, found.fitted.dtype) == (np.float32, np.int64, bool)
    store.put(replace(a_map("bb"), quality=None))
    assert store.get("bb").quality is None


def test_what_is_not_kept_is_none(store: MapFiles) -> None:
    assert (store.get("aa"), store.last("model")) == (None, None)
    store.put(a_map())
    assert (store.get("a"), store.get("ab"), store.last("other")) == (None, None, None)


def test_the_last_one_of_a_model_is_the_last_kept_or_asked_for(store: MapFiles, folder: Path) -> None:
    for key, model in (("aa", "model"), ("bb", "model"), ("cc", "other")):
        aged(folder)
        store.put(a_map(key, model))
    assert (store.last("model").key, store.last("other").key) == ("bb", "cc")
    assert store.last("model", but="bb").key == "aa"
    aged(folder)
    store.get("aa")
    assert store.last("model").key == "aa"


def test_one_of_another_method_is_neither_taken_nor_begun_from(store: MapFiles, folder: Path) -> None:
    store.put(a_map("aa"))
    aged(folder)
    store.put(replace(a_map("bb"), method="before"))
    assert store.get("bb") is None
    assert store.last("model").key == "aa"


def test_of_each_model_only_the_last_are_kept(store: MapFiles, folder: Path) -> None:
    store.put(a_map("other", "other"))
    for number in range(KEPT + 2):
        aged(folder)
        store.put(a_map(f"k{number}"))
    kept = [f"k{number}" for number in range(KEPT + 2) if store.get(f"k{number}")]
    assert kept == [f"k{number}" for number in range(2, KEPT + 2)]
    assert store.get("other") is not None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text", "other"])
def test_one_that_is_damaged_is_as_if_it_were_not_there(store: MapFiles, folder: Path, damage: str) -> None:
    store.put(a_map("aa"))
    aged(folder)
    store.put(a_map("bb"))
    (path,) = folder.glob("*-bb.npz")
    data = path.read_bytes()
    middle, place = len(data) // 2, data.index(np.float32(2.5).tobytes())
    path.write_bytes(
        {
            "cut": data[:middle],
            "flipped": data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :],
            "empty": b"",
            "text": b"not an archive",
            "other": signed(data[:-64].replace(b"scriptorium-map/2", b"scriptorium-map/9")),
        }[damage]
    )
    assert store.get("bb") is None
    assert store.last("model").key == "aa"
    store.put(a_map("bb"))
    assert same(store.get("bb"), a_map("bb"))


def test_no_byte_of_it_can_be_another(store: MapFiles, folder: Path) -> None:
    store.put(a_map("aa"))
    (path,) = folder.iterdir()
    data = path.read_bytes()
    for place, byte in enumerate(data):
        path.write_bytes(data[:place] + bytes([byte ^ 8]) + data[place + 1 :])
        assert store.get("aa") is None, place


def test_nothing_in_it_is_executed(store: MapFiles, folder: Path) -> None:
    folder.mkdir(parents=True)
    told = np.array([{"format": "scriptorium-map/2"}], dtype=object)
    held = io.BytesIO()
    np.savez(held, told=told, scripts=told)
    (folder / "model-aa.npz").write_bytes(signed(held.getvalue()))
    assert (store.get("aa"), store.last("model")) == (None, None)


@pytest.mark.parametrize("field", ["positions", "digests", "clusters", "fitted"])
def test_arrays_that_do_not_fit_are_no_map(store: MapFiles, field: str) -> None:
    store.put(replace(a_map(), **{field: getattr(a_map(), field)[:2]}))
    assert store.get("aa") is None


def test_places_that_are_no_numbers_are_no_map(store: MapFiles) -> None:
    store.put(replace(a_map(), positions=np.full((3, 2), np.nan, np.float32)))
    assert store.get("aa") is None


def test_where_nothing_can_be_written_nothing_is(folder: Path) -> None:
    MapFiles(folder, writable=False).put(a_map())
    assert not folder.exists()


def test_where_nothing_can_be_written_times_are_not_either(folder: Path) -> None:
    MapFiles(folder).put(a_map())
    aged(folder)
    (path,) = folder.iterdir()
    before = path.stat().st_mtime_ns
    assert MapFiles(folder, writable=False).get("aa") is not None
    assert path.stat().st_mtime_ns == before


def test_a_disk_that_says_no_is_told(tmp_path: Path) -> None:
    (tmp_path / "derived").write_text("a file")
    with pytest.raises(StorageFailed):
        MapFiles(tmp_path / "derived" / "map").put(a_map())


def test_what_a_killed_writer_left_goes_and_what_another_writes_stays(store: MapFiles, folder: Path) -> None:
    folder.mkdir(parents=True)
    old, young = folder / ".writing-old", folder / ".writing-young"
    for path in (old, young):
        path.write_bytes(b"half")
    seen = old.stat().st_mtime - 4_000
    os.utime(old, (seen, seen))
    store.put(a_map())
    assert (old.exists(), young.exists(), store.get("aa") is not None) == (False, True, True)
