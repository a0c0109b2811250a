"""What is deleted can be brought back, and nothing typed becomes a path."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.scripts import Record
from services.errors import IdTaken, NotFound
from services.records.yaml_files import YamlRecordStore
from tests.doubles import record, script, store_of
from tests.unit.yaml_files.stored import assert_manifest_holds, discard, path_of, put, recover


def test_what_is_deleted_can_be_brought_back_as_it_was(root: Path, store: YamlRecordStore) -> None:
    before = path_of(root, "induction/one").read_bytes()
    discard(store, "one")
    assert "one" not in store.catalogue().records
    assert_manifest_holds(root)
    assert recover(store, "one").script.id == "one"
    assert path_of(root, "induction/one").read_bytes() == before
    assert_manifest_holds(root)
    with pytest.raises(NotFound, match="The bin has no script 'one'"):
        recover(store, "one")


def test_the_one_deleted_last_comes_back_first_and_the_older_is_kept(root: Path, store: YamlRecordStore) -> None:
    discard(store, "one")
    put(store, record(script("one", "awakening", text="Second voice.")))
    discard(store, "one")
    assert recover(store, "one").script.text == "Second voice."
    discard(store, "one")
    assert len(list((root / "bin").rglob("one.*.yaml"))) == 2


def test_bringing_back_never_overwrites(root: Path, store: YamlRecordStore) -> None:
    discard(store, "one")
    path_of(root, "induction/one").write_text("somebody's draft, no record yet")
    with pytest.raises(IdTaken) as caught:
        recover(store, "one")
    assert caught.value.next_step
    assert path_of(root, "induction/one").read_text() == "somebody's draft, no record yet"
    path_of(root, "induction/one").unlink()
    put(store, record(script("one", "affirmations")))
    with pytest.raises(IdTaken):
        recover(store, "one")


def test_a_section_that_is_gone_keeps_its_scripts_in_the_bin(root: Path, store: YamlRecordStore) -> None:
    discard(store, "three")
    fewer = store_of(root, ("induction", "affirmations"))
    with pytest.raises(NotFound) as caught:
        recover(fewer, "three")
    assert "the section 'awakening'" in caught.value.cause
    assert "workspace.yaml" in caught.value.next_step
    assert recover(store, "three").script.section == "awakening"


@pytest.mark.parametrize("name", ["nine", "../one", "one.*", "*"])
def test_what_is_not_there_cannot_be_deleted_or_brought_back(store: YamlRecordStore, name: str) -> None:
    for what in (discard, recover):
        with pytest.raises(NotFound) as caught:
            what(store, name)
        assert caught.value.next_step


def test_nothing_typed_becomes_a_path(root: Path, store: YamlRecordStore) -> None:
    made = script("one")
    for wrong in (replace(made, section="../../up"), replace(made, id="../up"), replace(made, section="")):
        with pytest.raises(NotFound):
            put(store, Record(wrong))
    assert_manifest_holds(root)
