"""The store of records: what is on disk is what it says, whoever changed it, and whatever is broken."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import IdTaken, NotFound, StorageFailed
from services.records import manifest, record_format
from services.records.yaml_files import YamlRecordStore
from tests import doubles
from tests.doubles import record, script, store_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return doubles.make_workspace(tmp_path / "workspace", [script("one"), script("two"), script("three", "awakening")])


@pytest.fixture
def store(root: Path) -> YamlRecordStore:
    return store_of(root)


def put(store: YamlRecordStore, *records: Record) -> list[Record]:
    with store.writing("testing"):
        return store.put(records)


def discard(store: YamlRecordStore, script_id: str) -> None:
    with store.writing("testing"):
        store.discard(script_id)


def recover(store: YamlRecordStore, script_id: str) -> Record:
    with store.writing("testing"):
        return store.recover(script_id)


def path_of(root: Path, name: str) -> Path:
    return root / "records" / f"{name}.yaml"


def stated(root: Path) -> dict[str, str]:
    entries, problem = manifest.read(root / "manifest.yaml")
    assert problem == ""
    return dict(entries)


def assert_manifest_holds(root: Path) -> None:
    fresh = store_of(root).catalogue()
    assert fresh.unmanifested == ()
    assert stated(root) == {f"{r.script.section}/{r.script.id}": r.digest for r in fresh.records.values()}


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


# One id in two sections.


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


# The bin.


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


def test_what_could_not_be_read_back_is_not_written(root: Path, store: YamlRecordStore) -> None:
    before = path_of(root, "induction/one").read_bytes()
    with pytest.raises(Exception, match="digest does not fit"):
        put(store, Record(replace(script("one"), title="  not normalised ")))
    assert path_of(root, "induction/one").read_bytes() == before


def test_half_written_files_are_swept_away_by_the_next_writer(root: Path, store: YamlRecordStore) -> None:
    left = [root / ".writing-a", root / "records" / "induction" / ".writing-b", root / "questionnaires" / ".writing-c"]
    for path in left:
        path.write_bytes(b"half")
    assert store.catalogue().broken == ()
    with store.writing("testing"):
        assert not any(path.exists() for path in left)


def test_progress_is_told(store: YamlRecordStore) -> None:
    told: list[tuple[int, int]] = []
    with store.writing("testing"):
        store.put([record(script("a")), record(script("b"))], lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_readers_and_writers_in_many_threads(root: Path, store: YamlRecordStore) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                put(store, record(script(f"t{number}", text=f"Turn {turn}.")))
                assert store.catalogue().records[f"t{number}"].script.text == f"Turn {turn}."
        except BaseException as error:  # noqa: BLE001  told below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.catalogue().records) == 7
    assert_manifest_holds(root)


# A disk that says no.

FULL_DISK = """
import resource, sys, pathlib
from services.errors import StorageFailed
from tests.doubles import record, script, store_of
store = store_of(pathlib.Path(sys.argv[1]))
big = record(script("one", text="A long and winding sentence. " * 2000))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with store.writing("saving"):
        store.put([record(script("two", text="Small.")), big])
except StorageFailed as error:
    print(error.cause, error.next_step)
print(sorted(store.catalogue().records), store.catalogue().broken, store.catalogue().unmanifested)
"""

READ_ONLY = """
import os, sys, pathlib
from services.errors import StorageFailed
from tests.doubles import store_of
root = pathlib.Path(sys.argv[1])
# From inside: the folders above belong to somebody else.
os.chdir(root.parent)
os.setgid(65534)
os.setuid(65534)
store = store_of(pathlib.Path(root.name))
print(store.writable, sorted(store.catalogue().records))
try:
    with store.writing("saving"):
        pass
except StorageFailed as error:
    print(error)
"""


def run(program: str, root: Path) -> list[str]:
    """In a process of its own, which gives up rights that it cannot get back."""
    told = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_full_disk_keeps_the_old_bytes_and_states_what_was_stored(root: Path) -> None:
    before = path_of(root, "induction/one").read_bytes()
    told, after = run(FULL_DISK, root)
    assert told == (
        "one.yaml could not be written: File too large. "
        "The system limits how large a file may be; raise the limit and save again."
    )
    assert after == "['one', 'three', 'two'] () ()"
    assert path_of(root, "induction/one").read_bytes() == before
    assert store_of(root).catalogue().records["two"].script.text == "Small."
    assert list((root / "records").rglob(".writing-*")) == []


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_a_workspace_of_somebody_else_is_read_and_not_written(root: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    told = run(READ_ONLY, root)
    assert told[0] == "False ['one', 'three', 'two']"
    assert told[1] == (
        "The workspace workspace is read-only. "
        "Copy it to a folder where you may write, and open it there with --workspace."
    )


@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_workspace_is_read_and_not_written(root: Path, store: YamlRecordStore) -> None:
    root.chmod(0o555)
    try:
        assert len(store.catalogue().records) == 3
        with pytest.raises(StorageFailed, match="is read-only"), store.writing("saving"):
            pass
    finally:
        root.chmod(0o755)


def test_paths_of_a_workspace(root: Path) -> None:
    assert Paths(root).lock == root / ".writer.lock"
