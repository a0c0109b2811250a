"""One id in two sections: the stated one is used, and nothing is lost."""

from pathlib import Path

import pytest

from services.records import manifest, record_format
from services.records.yaml_files import YamlRecordStore
from tests.doubles import record, script, store_of
from tests.unit.yaml_files.stored import assert_manifest_holds, path_of, put, stated


def twin(root: Path, section: str = "awakening", text: str = "The same id elsewhere.") -> Path:
    path = path_of(root, f"{section}/one")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(record_format.encode(record(script("one", section, text=text))))
    return path


def test_the_stated_one_of_two_is_used_and_the_other_reported(root: Path, store: YamlRecordStore) -> None:
    twin(root)
    catalogue = store.catalogue()
    assert catalogue.records["one"].script.section == "induction"
    assert [b.path for b in catalogue.broken] == ["records/awakening/one.yaml"]
    assert catalogue.broken[0].cause == "The id 'one' is used in 'induction' too."
    assert catalogue.broken[0].next_step


def test_the_stated_one_is_used_also_where_its_section_comes_later(root: Path, store: YamlRecordStore) -> None:
    path_of(root, "induction/three").write_bytes(record_format.encode(record(script("three", "induction"))))
    catalogue = store.catalogue()
    assert catalogue.records["three"].script.section == "awakening"
    assert [b.path for b in catalogue.broken] == ["records/induction/three.yaml"]


def test_the_next_writer_bins_the_one_that_is_not_stated(root: Path, store: YamlRecordStore) -> None:
    kept, other = path_of(root, "induction/one").read_bytes(), twin(root)
    binned = other.read_bytes()
    put(store, record(script("four")))
    assert not other.exists()
    assert path_of(root, "induction/one").read_bytes() == kept
    assert [p.read_bytes() for p in (root / "bin" / "awakening").iterdir()] == [binned]
    assert store.catalogue().broken == ()
    assert_manifest_holds(root)


@pytest.mark.parametrize("which", ["both", "neither", "damaged-manifest"])
def test_where_the_manifest_cannot_tell_both_stay(root: Path, store: YamlRecordStore, which: str) -> None:
    other = twin(root)
    if which == "both":
        digests = {"induction/one": path_of(root, "induction/one"), "awakening/one": other}
        found = {n: record_format.decode(p.read_bytes(), source=n).digest for n, p in digests.items()}
        manifest.write(root / "manifest.yaml", stated(root) | found)
    elif which == "neither":
        manifest.write(root / "manifest.yaml", {"induction/two": stated(root)["induction/two"]})
    else:
        (root / "manifest.yaml").write_text("chain_head: x\nrecords: {}\n")
    with store.writing("testing"):
        pass
    assert other.exists()
    assert path_of(root, "induction/one").exists()
    assert "records/awakening/one.yaml" in [b.path for b in store.catalogue().broken]
    assert store.catalogue().records["one"].script.section == "induction"


def test_a_move_between_sections_leaves_one_file(root: Path, store: YamlRecordStore) -> None:
    put(store, record(script("one", "affirmations")))
    assert not path_of(root, "induction/one").exists()
    assert store.catalogue().records["one"].script.section == "affirmations"
    assert_manifest_holds(root)


def test_a_move_knows_the_former_place_without_having_read_it_before(root: Path) -> None:
    put(store_of(root), record(script("one", "affirmations")))
    assert not path_of(root, "induction/one").exists()
