"""What is typed and not saved: stored whole or not at all, and never a path."""

import json
import os
import shutil
from dataclasses import replace
from zipfile import ZipFile

import pytest
from dulwich.repo import Repo

from services import workspaces
from services.backup import backup
from services.domain.unsaved import Unsaved, fields_of, is_key
from services.errors import InvalidInput
from services.records.unsaved_files import UnsavedFiles
from tests.doubles import TinyWorkbench, script

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
    assert store.keep(edit(text="Again."), edit())
    assert [kept.key for kept in store.all()] == ["f" * 16, KEY]
    assert store.forget(edit(text="Again."))
    assert store.forget(edit(text="Again.")), "it is gone already"
    assert [kept.key for kept in store.all()] == ["f" * 16]


@pytest.mark.parametrize("key", ["", "../../workspace", "0123456789ABCDEF", KEY + "0", KEY[:-1] + "/", KEY + "\n"])
def test_nothing_but_a_key_is_made_into_a_path(tmp_path, key):
    store = UnsavedFiles(tmp_path / "editing")
    (tmp_path / "workspace.json").write_text("{}")
    assert not is_key(key)
    assert store.get(key) is None
    for do in (store.forget, store.keep):
        with pytest.raises(InvalidInput):
            do(edit(key))
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
        lambda stated: stated.update(by=7),
        lambda stated: stated["fields"].update(title="\ud83d"),
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


def test_foreign_things_in_the_folder_are_passed_over(tmp_path):
    store = UnsavedFiles(tmp_path)
    store.keep(edit(text="Mine."))
    (tmp_path / f"{'a' * 16}.json").mkdir()
    os.mkfifo(tmp_path / f"{'b' * 16}.json")
    (tmp_path / f"{'c' * 16}.json").symlink_to("/dev/zero")
    (tmp_path / "notes.json").write_text("{}")
    assert [kept.key for kept in store.all()] == [KEY]
    # The earliest time that can be written is one that can be compared with the others.
    store.keep(edit("d" * 16, "0001-01-01T00:00:00+23:59"))
    assert [(kept.key, kept.is_old) for kept in store.all()][-1] == ("d" * 16, True)


def test_what_another_window_has_typed_since_is_neither_replaced_nor_forgotten(tmp_path):
    store = UnsavedFiles(tmp_path)
    known = edit(text="From the first.")
    store.keep(known)
    later = replace(edit(text="From the second."), window="w2", by="Anna")
    assert UnsavedFiles(tmp_path).keep(later, known)
    assert not store.keep(edit(text="And more."), known)
    assert not store.keep(edit(text="And more."))
    assert not store.forget(known)
    assert store.get(KEY) == later
    assert store.forget(later)
    assert store.all() == []


def test_each_file_is_read_once_until_it_changes(tmp_path, monkeypatch):
    store, read = UnsavedFiles(tmp_path), []
    monkeypatch.setattr(
        "services.records.unsaved_files.json.loads",
        lambda data: read.append(data) or json.JSONDecoder().decode(data.decode()),
    )
    for number in range(3):
        store.keep(edit(f"{number:016x}"))
    assert len(store.all()) == len(store.all()) == len(read) == 3
    store.keep(edit(f"{1:016x}", text="Changed."), edit(f"{1:016x}"))
    assert store.all()[1].fields["text"] == "Changed."
    assert len(read) == 4


def test_what_lies_in_the_old_place_is_taken_over_once_and_git_passes_over_it(tmp_path):
    old, new = tmp_path / "derived" / "editing", tmp_path / "editing"
    UnsavedFiles(old).keep(edit(text="From before."))
    UnsavedFiles(old).keep(edit("f" * 16, text="Older."))
    UnsavedFiles(new).keep(edit("f" * 16, text="Newer."))
    store = UnsavedFiles(new, before=old)
    assert {kept.fields["text"] for kept in store.all()} == {"From before.", "Newer."}
    assert not (old / f"{KEY}.json").exists()
    assert (new / ".gitignore").read_text() == "*\n"
    store.forget(store.get(KEY))
    assert UnsavedFiles(new, before=old).get(KEY) is None


def test_deleting_what_is_derived_loses_no_typing_and_a_backup_takes_it_along(workspace, tmp_path):
    with TinyWorkbench(workspace) as bench:
        bench.unsaved.keep(edit(text="Half a thought."))
        bench.save(script("one"), None)
        tracked = {path.decode() for path in Repo(str(workspace)).open_index()}
        assert not [path for path in tracked if "editing" in path]
        shutil.rmtree(workspace / "derived")
        assert bench.unsaved.get(KEY).fields["text"] == "Half a thought."
        backup(workspace, tmp_path / "kept.zip")
    with ZipFile(tmp_path / "kept.zip") as kept:
        assert json.loads(kept.read(f"editing/{KEY}.json"))["fields"]["text"] == "Half a thought."
    workspaces.copy(workspace, tmp_path / "copy")
    assert not (tmp_path / "copy" / "editing").exists(), "a copy is of what is stored"
