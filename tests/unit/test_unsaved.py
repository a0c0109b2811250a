"""What is typed and not saved: stored whole or not at all, and never a path."""

import json

import pytest

from services.domain.unsaved import Unsaved, fields_of, is_key
from services.records.unsaved_files import UnsavedFiles
from tests.doubles import script

KEY = "0123456789abcdef"


def edit(key=KEY, typed="2026-11-20T10:00:00.000Z", **changes):
    began = fields_of(script("feet-first", focus_areas=("sleep", "pain")))
    return Unsaved(key, "feet-first", "digest", began, {**began, **changes}, typed, "w1")


def test_what_was_typed_comes_back(tmp_path):
    store = UnsavedFiles(tmp_path / "editing")
    kept = edit(text="Zeile\n\n\u2028 \u2013 海 \U0001f30a", focus_areas=("grief",))
    store.keep(kept)
    assert UnsavedFiles(tmp_path / "editing").get(KEY) == kept
    assert kept.changed
    assert not edit().changed


def test_the_last_typed_stands_first_and_what_is_forgotten_is_gone(tmp_path):
    store = UnsavedFiles(tmp_path)
    store.keep(edit())
    store.keep(edit("f" * 16, "2026-11-20T11:00:00.000Z"))
    store.keep(edit(text="Again."))
    assert [kept.key for kept in store.all()] == ["f" * 16, KEY]
    store.forget(KEY)
    store.forget(KEY)
    assert [kept.key for kept in store.all()] == ["f" * 16]


@pytest.mark.parametrize("key", ["", "../../workspace", "0123456789ABCDEF", KEY + "0", KEY[:-1] + "/", KEY + "\n"])
def test_nothing_but_a_key_is_made_into_a_path(tmp_path, key):
    store = UnsavedFiles(tmp_path / "editing")
    (tmp_path / "workspace.json").write_text("{}")
    assert not is_key(key)
    assert store.get(key) is None
    store.forget(key)
    assert (tmp_path / "workspace.json").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda stated: stated.update(format="another"),
        lambda stated: stated.update(key="f" * 16),
        lambda stated: stated.update(typed="yesterday"),
        lambda stated: stated.update(typed="2026-11-20T10:00:00"),
        lambda stated: stated["fields"].pop("text"),
        lambda stated: stated["fields"].update(text=7),
        lambda stated: stated["began"].update(focus_areas="sleep"),
        lambda stated: stated.update(fields=[]),
    ],
)
def test_a_file_that_does_not_hold_together_is_passed_over(tmp_path, change):
    store = UnsavedFiles(tmp_path)
    store.keep(edit(text="Mine."))
    stated = json.loads((tmp_path / f"{KEY}.json").read_text())
    change(stated)
    (tmp_path / f"{KEY}.json").write_text(json.dumps(stated))
    assert store.get(KEY) is None
    assert store.all() == []
    (tmp_path / f"{KEY}.json").write_text("{")
    assert store.all() == []
