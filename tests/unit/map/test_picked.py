"""Ten thousand ticked scripts are looked up in the catalogue of one moment, without asking for it each time."""

import pytest

from pages.ui.library import many
from pages.ui.map import address, picked
from tests.doubles import TinyWorkbench, make_workspace, script


class Counting(TinyWorkbench):
    looked = 0

    @property
    def catalogue(self):
        self.looked += 1
        return super().catalogue


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setattr(many.st, "session_state", {})
    with Counting(make_workspace(tmp_path / "corpus", [script(f"s-{n}") for n in range(6)])) as opened:
        opened.refresh()
        yield opened


def test_what_is_ticked_is_looked_up_at_once(bench):
    many.tick_only([f"s-{n}" for n in range(9)])
    bench.looked = 0
    assert many.selected(bench) == [f"s-{n}" for n in range(6)]
    assert bench.looked == 1


def test_what_is_picked_is_looked_through_once_until_it_or_the_shelf_is_another(bench, monkeypatch):
    monkeypatch.setattr(address, "all_of", lambda _: chosen)
    chosen = ["s-4", "s-1", "gone"]
    first = picked.rows_of(bench)
    assert [row.script.id for row in first] == ["s-1", "s-4"]
    kept = picked._picked(bench)
    assert picked._picked(bench) is kept
    chosen = ["s-2"]
    assert [row.script.id for row in picked.rows_of(bench)] == ["s-2"]
    bench.delete("s-2")
    assert picked.rows_of(bench) == []
