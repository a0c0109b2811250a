"""Stores that somebody else made: what every adapter tells of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from services.errors import NotFound
from services.ports import StrangerStore
from services.stores.chroma_folder import ChromaFolder
from tests.contracts.chroma_folder.folders import EAST, NORTH, WEST, plain
from tests.strangers import Given, make_chroma

Make = Callable[[Mapping[str, Given]], StrangerStore]


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
