"""What is on disk is what the store says, whoever changed it, and whatever is broken."""

import os
from pathlib import Path

import pytest

from services.errors import StorageFailed
from services.records import manifest, record_format
from services.records.yaml_files import YamlRecordStore
from tests.doubles import record, script, store_of
from tests.unit.yaml_files.stored import assert_manifest_holds, path_of, put, stated


def test_what_is_stored_is_there_for_another_process(root: Path, store: YamlRecordStore) -> None:
    saved = put(store, record(script("four", "affirmations", text="Breathe.\n")))[0]
    found = store_of(root).catalogue().records["four"]
    assert (found.script, found.digest) == (saved.script, saved.digest)
    assert path_of(root, "affirmations/four").read_bytes() == record_format.encode(saved)
    assert_manifest_holds(root)


def test_records_come_in_the_order_of_sections_and_ids(store: YamlRecordStore) -> None:
    put(store, record(script("a-new-one", "affirmations")))
    assert list(store.catalogue().records) == ["one", "two", "a-new-one", "three"]
    assert [r.script.id for r in store.catalogue().section("induction")] == ["one", "two"]


def test_nothing_changed_is_the_same_catalogue(store: YamlRecordStore) -> None:
    assert store.catalogue() is store.catalogue()


@pytest.mark.parametrize("how", ["changed", "deleted", "added", "touched", "manifest"])
def test_a_change_from_outside_is_noticed(root: Path, store: YamlRecordStore, how: str) -> None:
    before = store.catalogue()
    path = path_of(root, "induction/one")
    other = record(script("one", text="Another voice."))
    if how == "changed":
        path.write_bytes(record_format.encode(other))
    elif how == "deleted":
        path.unlink()
    elif how == "added":
        path_of(root, "awakening/nine").write_bytes(record_format.encode(record(script("nine", "awakening"))))
    elif how == "touched":
        os.utime(path, (1, 1))
    else:
        (root / "manifest.yaml").unlink()
    after = store.catalogue()
    assert after is not before
    assert ("one" in after.records) is (how != "deleted")
    assert ("nine" in after.records) is (how == "added")
    assert (after.records.get("one") == before.records["one"]) is False or how in ("touched", "added", "manifest")
    named = {"changed": "induction/one", "deleted": "induction/one", "added": "awakening/nine"}
    everything = ("awakening/three", "induction/one", "induction/two")
    expected = {"manifest": everything, "touched": ()}.get(how) if how not in named else (named[how],)
    assert after.unmanifested == expected


def test_a_change_from_outside_is_stated_by_the_next_save(root: Path, store: YamlRecordStore) -> None:
    path_of(root, "induction/one").unlink()
    path_of(root, "awakening/nine").write_bytes(record_format.encode(record(script("nine", "awakening"))))
    put(store, record(script("four")))
    # What was deleted elsewhere stays stated: a lost disk looks the same, and only a rebuild takes it as meant.
    after = store_of(root).catalogue()
    assert after.unmanifested == after.gone == ("induction/one",)
    with store.writing("rebuilding"):
        store.state_manifest()
    assert_manifest_holds(root)


def test_a_manifest_that_does_not_fit_takes_no_save_back(root: Path, store: YamlRecordStore, monkeypatch) -> None:
    def full(path: Path, entries: object) -> bytes:
        raise StorageFailed("manifest.yaml could not be written: No space left on device.", "Free some space.")

    monkeypatch.setattr(manifest, "write", full)
    put(store, record(script("four")))
    assert "No space left" in store.lagging
    with store.writing("deleting"):
        store.discard("two")
    fresh = store_of(root).catalogue()
    assert set(fresh.records) == {"one", "three", "four"}
    assert set(fresh.unmanifested) == {"induction/two", "induction/four"}
    monkeypatch.undo()
    put(store, record(script("five")))
    assert store.lagging == ""
    assert_manifest_holds(root)


def test_a_manifest_changed_by_hand_is_reported_and_written_anew(root: Path, store: YamlRecordStore) -> None:
    path = root / "manifest.yaml"
    path.write_text(path.read_text().replace("chain_head: '", "chain_head: '0"))
    broken = store.catalogue().broken
    assert [b.path for b in broken] == ["manifest.yaml"]
    assert "chain head" in broken[0].cause
    with store.writing("testing"):
        store.state_manifest()
    assert store.catalogue().broken == ()
    assert_manifest_holds(root)


BROKEN = {
    "no-yaml": b"id: [",
    "no-utf8": b"\xff",
    "empty": b"",
    "deep": b"[" * 100_000,
    "digest": record_format.encode(record(script("one"))).replace(b"calm", b"wild"),
    "wrong-id": record_format.encode(record(script("other"))),
    "wrong-section": record_format.encode(record(script("one", "awakening"))),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_reported_and_the_rest_works(root: Path, store: YamlRecordStore, kind: str) -> None:
    store.catalogue()
    path_of(root, "induction/one").write_bytes(BROKEN[kind])
    catalogue = store.catalogue()
    assert list(catalogue.records) == ["two", "three"]
    assert [b.path for b in catalogue.broken] == ["records/induction/one.yaml"]
    assert catalogue.broken[0].cause.endswith(".")
    assert catalogue.broken[0].next_step.endswith((".", "is.", ".yaml."))
    before = stated(root)["induction/one"]
    put(store, record(script("four")))
    assert path_of(root, "induction/one").read_bytes() == BROKEN[kind]
    assert stated(root)["induction/one"] == before, "what cannot be read keeps the digest it was stated with"


def test_a_file_in_the_wrong_place_is_told_where_it_belongs(root: Path, store: YamlRecordStore) -> None:
    path_of(root, "induction/one").rename(path_of(root, "awakening/one"))
    path_of(root, "induction/two").rename(path_of(root, "two"))
    broken = {b.path: b for b in store.catalogue().broken}
    assert broken["records/awakening/one.yaml"].next_step == "Move it to records/induction/one.yaml."
    assert broken["records/two.yaml"].next_step == "Move it to records/induction/two.yaml."


def test_a_file_whose_place_is_taken_is_not_told_to_overwrite_it(root: Path, store: YamlRecordStore) -> None:
    stray, place = path_of(root, "nosuch/one"), path_of(root, "induction/one")
    stray.parent.mkdir()
    stray.write_bytes(place.read_bytes())
    (broken,) = store.catalogue().broken
    assert broken.path == "records/nosuch/one.yaml"
    assert "records/induction/one.yaml is there already" in broken.cause
    assert broken.next_step == "Delete one of the two."
    place.unlink()
    (broken,) = store.catalogue().broken
    assert broken.next_step == "Move it to records/induction/one.yaml."


def test_a_folder_that_is_no_section_is_reported(root: Path, store: YamlRecordStore) -> None:
    path_of(root, "sleep/nine").parent.mkdir()
    path_of(root, "sleep/nine").write_bytes(record_format.encode(record(script("nine", "sleep"))))
    broken = store.catalogue().broken
    assert broken[0].path == "records/sleep/nine.yaml"
    assert broken[0].cause == "The workspace has no section 'sleep'."
    assert "workspace.yaml" in broken[0].next_step


def test_links_to_nothing_and_folders_are_reported(root: Path, store: YamlRecordStore) -> None:
    path_of(root, "induction/nowhere").symlink_to(root / "gone")
    path_of(root, "induction/folder").mkdir()
    (root / "records" / "induction" / ".hidden.yaml").write_text("x")
    assert [b.path for b in store.catalogue().broken] == [
        "records/induction/folder.yaml",
        "records/induction/nowhere.yaml",
    ]
    assert len(store.catalogue().records) == 3


def test_no_records_folder_is_an_empty_corpus(tmp_path: Path) -> None:
    assert store_of(tmp_path).catalogue().records == {}
